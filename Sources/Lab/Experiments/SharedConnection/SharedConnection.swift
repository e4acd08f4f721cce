import Foundation
import RabbitMQClient

/// Many producers and one connection.
struct SharedConnection: Experiment {
    let context: LabContext

    init(_ context: LabContext) {
        self.context = context
    }

    var producers: Int { context.settings.integer("producers") }
    var messages: Int { context.settings.integer("messages") }
    var size: Int { context.settings.integer("size") }

    /// Waits until this producer may begin. In the variant `unguarded` they begin one after the other, otherwise
    /// together, because the rates are compared.
    func join(_ producer: Int) async {
        guard context.variant == "unguarded" else { return }
        try? await Task.sleep(for: context.settings.seconds("ramp") * producer)
    }

    /// The time without a message, after the producers have ended, after which none will arrive.
    private static let silence = Duration.seconds(1)

    func run() async throws(LabError) {
        let route = try await OrderRoute.make(context, audited: context.settings.flag("audit"))
        let consumer = IdempotentConsumer(
            context, queue: route.queue, prefetch: UInt16(clamping: context.settings.integer("prefetch")))
        let consuming = Task { await consumer.run() }
        let failure = await withTaskCancellationHandler { () async -> LabError? in
            do throws(LabError) {
                try await consumer.begun()
                context.say("\(producers) producers publish \(messages) messages each")
                let begun = ContinuousClock.now
                let rate = try await publish(to: route)
                context.recorder.detail("publish_rate", .number(rate.rounded()))
                context.say("the producers have ended, after \(rate.rounded()) messages/s")
                try await drain(route, consumer)
                let seconds = (ContinuousClock.now - begun - consumer.silence) / .seconds(1)
                context.recorder.detail(
                    "delivery_rate", .number((Double(consumer.done) / max(seconds, 1e-3)).rounded()))
                return nil
            } catch {
                return error
            }
        } onCancel: {
            consuming.cancel()
        }
        consuming.cancel()
        await consuming.value
        if let failure { throw failure }
    }

    /// Waits until the queue is empty, and no more messages arrive.
    private func drain(_ route: OrderRoute, _ consumer: IdempotentConsumer) async throws(LabError) {
        let everything = producers * messages
        var configuration = context.broker.configuration(name: "lab drain")
        configuration.recovery = .off
        let connection: Connection
        do throws(ClientError) {
            connection = try await Connection.connect(configuration, on: context.group)
        } catch {
            throw LabError(error)
        }
        while !Task.isCancelled {
            if consumer.done >= everything { break }
            if consumer.silence > Self.silence, await route.depth(over: connection) == 0 { break }
            try? await Task.sleep(for: .milliseconds(50))
        }
        // Repeated deliveries arrive now.
        if consumer.done >= everything { try? await Task.sleep(for: .milliseconds(100)) }
        await connection.close()
    }

    /// Publishes in the way of the variant.
    ///
    /// - Returns: the messages per second.
    private func publish(to route: OrderRoute) async throws(LabError) -> Double {
        switch context.variant {
        case "unguarded": return try await publishRaw(to: route, keeping: .nothing)
        case "locked": return try await publishRaw(to: route, keeping: .lock)
        case "channel-per-producer": return try await publishRaw(to: route, keeping: .channels)
        case "connection-per-producer": return try await publishFromProcesses(to: route)
        default: return try await publishWithLibrary(to: route)
        }
    }

    func expectations(_ ledger: LabLedger) -> [LabExpectation] {
        let everything = producers * messages
        let counts = ledger.counts
        guard context.variant == "unguarded" else {
            return [
                LabExpectation(
                    "every message arrives once", counts.distinct == everything && counts.duplicates == 0,
                    "\(counts.distinct) of \(everything), \(counts.duplicates) twice"),
                LabExpectation("nobody meets an error", ledger.errorCount == 0, "\(ledger.errorCount) errors"),
            ]
        }
        let codes = Set(ledger.errors.compactMap(\.code)).sorted().map(String.init).joined(separator: ", ")
        let dead = if case .integer(let number) = ledger.details["producers_died"] { number } else { 0 }
        return [
            LabExpectation(
                "the broker closes the connection with 505 UNEXPECTED_FRAME", ledger.errors(code: 505) > 0,
                codes.isEmpty ? "no reply code" : "reply code \(codes)"),
            LabExpectation("every producer dies", dead == producers, "\(dead) of \(producers)"),
            LabExpectation(
                "the consumer's count is short", counts.distinct < everything,
                "\(counts.distinct) of \(everything)"),
        ]
    }
}
