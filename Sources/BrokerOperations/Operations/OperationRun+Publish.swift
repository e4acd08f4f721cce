import AMQPWire
import BrokerMonitor
import NIOCore
import Names
import RabbitMQClient
import Synchronization
import TopCore

/// The outcomes of the published messages so far.
struct PublishTally: Sendable, Equatable {
    var sent = 0
    var confirmed = 0
    var returned = 0
    var nacked = 0
    var indeterminate = 0
    var firstReturn: String?
    /// Why the channel or connection closed, taken from the first publish that was lost with it.
    var lost: ClientError?

    var answered: Int { confirmed + returned + nacked + indeterminate }
    var inFlight: Int { sent - answered }

    /// The outcomes as text: `12,300 confirmed, 3 returned (NO_ROUTE)`.
    var words: String {
        var words = ["\(OperationRun.grouped(confirmed)) confirmed"]
        if returned > 0 {
            words.append("\(OperationRun.grouped(returned)) returned\(firstReturn.map { " (\($0))" } ?? "")")
        }
        if nacked > 0 { words.append("\(OperationRun.grouped(nacked)) nacked") }
        if indeterminate > 0 { words.append("\(OperationRun.grouped(indeterminate)) indeterminate") }
        return words.joined(separator: ", ")
    }
}

extension OperationRun {
    /// The highest number of unconfirmed publishes.
    static let window = 1_000

    func publish(_ request: PublishRequest) async -> OperationReport {
        let connection: Connection
        let channel: AMQPChannel
        do throws(ClientError) {
            connection = try await context.connect(vhost: request.vhost, purpose: "publish")
            channel = try await connection.openChannel()
        } catch {
            return error.code == .cancelled
                ? .cancelled("stopped before it began") : Self.failed(error, "nothing was published")
        }
        let work = PublishWork(request: request, channel: channel, connection: connection, clock: context.clock)
        let failure = await work.run(progress: progress)
        let wasCancelled = Task.isCancelled
        // Outstanding confirms get some time; in a separate task, because this one may be cancelled.
        await Task { await work.settle(within: wasCancelled ? 0.5 : 0) }.value
        let blocked = connection.blockedReason
        await connection.close(timeout: .milliseconds(500))
        let tally = work.tally
        if let report = Self.refusal(channel.closeReason, tally) { return report }
        if let blocked, tally.indeterminate > 0 {
            let words = "the broker blocks publishers (\(blocked)): \(tally.words)"
            return wasCancelled
                ? .cancelled(words)
                : .failed(
                    words,
                    advice:
                        "End the alarm, or wait until it is over: what was sent may be stored then, and is not to be "
                        + "sent twice.")
        }
        if let failure, failure.code != .cancelled, !wasCancelled {
            return Self.failed(tally.lost ?? failure, tally.words)
        }
        if wasCancelled { return .cancelled(tally.words) }
        if let lost = tally.lost, lost.closeReason != nil { return Self.failed(lost, tally.words) }
        if tally.nacked + tally.indeterminate > 0 {
            return .failed(
                tally.words, advice: "Publish what is missing again, and expect duplicates of the indeterminate ones.")
        }
        if tally.returned > 0 {
            return .failed(
                tally.words, advice: "No queue is bound for this routing key: check it and the exchange's bindings.")
        }
        return .finished(tally.words)
    }

    /// Returns a report if the broker refused the publish as a whole: nothing was stored, so nothing could be published
    /// twice.
    private static func refusal(_ reason: CloseReason?, _ tally: PublishTally) -> OperationReport? {
        guard let reason, reason.initiator == .peer, reason.scope == .channel, tally.answered == tally.indeterminate,
            [403, 404].contains(reason.code) || reason.isTooLarge
        else { return nil }
        return .failed(
            "\(reason.code) \(words(reason)) · nothing was stored", advice: reason.advice,
            kind: reason.code == 403 ? .notPermitted : .other)
    }
}

/// Publishes, waits for confirms and counts, concurrently.
private final class PublishWork: Sendable {
    let request: PublishRequest
    let channel: AMQPChannel
    let connection: Connection
    private let state = Mutex(PublishTally())
    private let clock: MonitorClock
    private let room: WakeSignal

    init(request: PublishRequest, channel: AMQPChannel, connection: Connection, clock: MonitorClock) {
        self.clock = clock
        room = WakeSignal(clock: clock)
        self.request = request
        self.channel = channel
        self.connection = connection
    }

    var tally: PublishTally { state.withLock { $0 } }

    func run(progress: @escaping @Sendable (String, Double?) -> Void) async -> ClientError? {
        let (confirmations, continuation) = AsyncStream<Confirmation>.makeStream()
        return await withTaskGroup(of: ClientError?.self) { tasks in
            let ticker = Ticker(clock: clock)
            tasks.addTask {
                await ticker.run { self.report(progress, after: $0) }
                return nil
            }
            tasks.addTask {
                for await confirmation in confirmations { await self.settle(confirmation) }
                ticker.stop()
                return nil
            }
            tasks.addTask {
                defer { continuation.finish() }
                return await self.publishAll { continuation.yield($0) }
            }
            var failure: ClientError?
            for await result in tasks { failure = failure ?? result }
            return failure
        }
    }

    private func publishAll(_ sent: (Confirmation) -> Void) async -> ClientError? {
        let body = Self.body(request.body)
        var headers = FieldTable()
        for header in request.headers { headers[header.name] = .string(header.value) }
        for header in request.typedHeaders { headers[header.name] = FieldValue(header.value) }
        var properties = BasicProperties(
            headers: headers.isEmpty ? nil : headers, deliveryMode: request.persistent ? 2 : 1,
            expiration: request.expiration.map(String.init))
        for property in request.properties { _ = properties.setProperty(property.name, to: property.value) }
        let start = clock.uptime()
        var number = 0
        while request.count.map({ number < $0 }) ?? true {
            if Task.isCancelled { return nil }
            if let rate = request.rate, rate > 0 {
                let pause = start + min(Double(number) / rate, 9e9) - clock.uptime()
                if pause > 0, (try? await clock.sleep(pause)) == nil { return nil }
            }
            while tally.inFlight >= OperationRun.window {
                if Task.isCancelled { return nil }
                await room.wait(atMost: 0.2)
            }
            do throws(ClientError) {
                let confirmation = try await channel.publishDeferred(
                    body, exchange: request.exchange, routingKey: request.routingKey, properties: properties,
                    mandatory: request.mandatory)
                state.withLock { $0.sent += 1 }
                sent(confirmation)
            } catch {
                return error
            }
            number += 1
        }
        return nil
    }

    private func settle(_ confirmation: Confirmation) async {
        var result: ClientError?
        do throws(ClientError) { try await confirmation.wait() } catch { result = error }
        let hasRoom = state.withLock { tally in
            switch result?.code {
            case nil: tally.confirmed += 1
            case .returned?:
                tally.returned += 1
                tally.firstReturn = tally.firstReturn ?? result?.returned?.text
            case .nacked?: tally.nacked += 1
            // Not answered yet: `settle(within:)` determines the outcome.
            case .cancelled?: break
            default:
                tally.indeterminate += 1
                tally.lost = tally.lost ?? result
            }
            return tally.inFlight == OperationRun.window / 2
        }
        if hasRoom { room.ring() }
    }

    /// Waits for outstanding confirms, at most so many seconds, and counts those that do not arrive as indeterminate.
    func settle(within limit: Double) async {
        _ = await clock.wait(within: limit, every: 0.01) { !channel.isOpen || channel.report.unconfirmed == 0 }
        let report = channel.report
        state.withLock { tally in
            let out = min(tally.inFlight, report.unconfirmed)
            tally.indeterminate += channel.isOpen ? out : tally.inFlight
            tally.confirmed += max(0, tally.inFlight)
        }
    }

    private func report(_ progress: (String, Double?) -> Void, after seconds: Double) {
        let tally = self.tally
        let seconds = max(0.001, seconds)
        var text = OperationRun.grouped(tally.answered)
        if let count = request.count { text += " of \(OperationRun.grouped(count))" }
        text += " · \(OperationRun.grouped(Int((Double(tally.answered) / seconds).rounded())))/s"
        if tally.returned > 0 { text += " · \(OperationRun.grouped(tally.returned)) returned" }
        if let reason = connection.blockedReason { text += " · blocked by the broker: \(reason)" }
        progress(text, request.count.map { $0 > 0 ? min(1, Double(tally.answered) / Double($0)) : 1 })
    }

    private static func body(_ body: PublishRequest.Body) -> ByteBuffer {
        switch body {
        case .text(let text): ByteBuffer(string: text)
        case .bytes(let bytes): ByteBuffer(bytes: bytes)
        case .size(let size):
            ByteBuffer(bytes: (0..<max(0, min(size, 512 << 20))).map { UInt8(ascii: "a") + UInt8($0 % 26) })
        }
    }
}
