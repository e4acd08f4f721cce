import Experiments
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
        // Outlives the producers by a silence; ended and awaited below, whatever they threw.
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

extension SharedConnection {
    static let description = ExperimentDescription(
        name: "shared-connection",
        title: "Producers share one connection: frames interleave, and the broker closes it with 505 UNEXPECTED_FRAME",
        story: """
            Some producers publish at the same time over one connection. A publish is three frames (method, header, body), \
            which have to follow each other on their channel. Where each producer writes its frames without regard to the \
            others, frames of two publishes mix, and the broker closes the connection under all of them. One lock, a \
            channel each, a connection each, or a client that is made for it: each keeps the frames together.
            """,
        variants: [
            .init(
                name: "unguarded",
                what: "All producers write to one channel of one connection, each frame when it is ready.",
                expectation: "The broker answers 505 UNEXPECTED_FRAME, all producers die, and the count is short.",
                isCure: false),
            .init(
                name: "locked", what: "The same, with one lock held for the three frames of a publish.",
                expectation: "Every message arrives once.", isCure: true),
            .init(
                name: "channel-per-producer",
                what: "One connection, a channel for each producer, no lock: frames of different channels may mix.",
                expectation: "Every message arrives once.", isCure: true),
            .init(
                name: "connection-per-producer", what: "Each producer is a process of its own with its own connection.",
                expectation: "Every message arrives once.", isCure: true),
            .init(
                name: "library", what: "All producers are tasks that share one channel of rabbittop's client library.",
                expectation: "Every message arrives once.", isCure: true),
        ],
        settings: [
            .init("producers", .integer(10), "Producers that publish at the same time", 2...200),
            .init("messages", .integer(1_000), "Messages of each producer", 1...1_000_000),
            .init("size", .integer(100), "Bytes of a body", 32...1_000_000),
            .init(
                "ramp", .number(0.01),
                "Seconds between the starts of two producers, in unguarded: the others begin together, for their rates",
                0...60),
            .init(
                "prefetch", .integer(500), "Deliveries that the consumer has not acknowledged, at the most", 1...65_535),
            OrderRoute.auditSetting,
        ])

    static func explanation(_ variant: String) -> String {
        let rule = """
            AMQP 0-9-1 sends a message as a method frame (basic.publish), a content header frame and body frames. Section \
            4.2.6 of the specification wants them strictly in a row on their channel; only frames of other channels may \
            stand in between.
            """
        switch variant {
        case "unguarded":
            return rule + "\n\n" + """
                Here every producer writes to the same channel whenever it is ready. Before long the method frame of one \
                publish is followed by the method frame of another, where the broker expects a content header. It cannot \
                know which body would belong to which message, and closes the whole connection with 505 \
                UNEXPECTED_FRAME. Every producer dies by the mistake of two of them, and whatever was written behind the \
                mistake is gone.

                Client libraries say so in their documentation: pika's connections and channels are not thread-safe. The \
                cure is one of the other variants.
                """
        case "locked":
            return rule + "\n\n" + """
                One lock is held while the three frames of a publish are written. The frames of a message stay together, \
                and the broker sees one well-formed publish after the other. The price is that producers wait for each \
                other.
                """
        case "channel-per-producer":
            return rule + "\n\n" + """
                The producers still write without a lock, and their frames still mix on the socket. But each has a channel \
                of its own, and the broker puts the frames of each channel together by themselves: that is what channels \
                are for. What is still shared is the socket: whole frames only may be written to it.
                """
        case "connection-per-producer":
            return rule + "\n\n" + """
                Each producer is a process with a connection of its own: nothing is shared that could mix, and an error \
                ends one producer alone. The price is a connection for each: some 100 KiB of the broker's memory, a socket, \
                and a handshake.
                """
        default:
            return rule + "\n\n" + """
                The producers are tasks that share one channel of this client library. It writes the frames of each \
                publish in one piece, in the order of the calls, and puts what many tasks publish at the same time into \
                few writes: that is why it is as safe as the lock and faster.
                """
        }
    }
}
