import Names
import RabbitMQClient
import TopCore

extension OperationRun {
    /// How long a stream is read at most to find its end, in seconds, because a busy one never ends.
    private static let streamPatience = 5.0
    /// The time without another message after which a stream counts as read to its end, in seconds.
    private static let streamSilence = 1.0

    /// Reads the first or the last messages of a stream with a consumer; reading removes nothing from a stream.
    func peekStream(_ id: EntityID, count: Int, from start: PeekStart) async -> OperationReport {
        let connection: Connection
        do throws(ClientError) {
            connection = try await context.connect(
                vhost: id.vhost, purpose: "peek", keptBodySize: Self.peekBytes)
        } catch {
            return Self.failed(error)
        }
        let reading = StreamReading(count: count, start: start)
        let failure = await withTaskGroup(of: ClientError?.self) { tasks in
            tasks.addTask { await reading.read(id.name, on: connection) }
            tasks.addTask { [clock = context.clock] in
                let deadline = clock.uptime() + Self.streamPatience
                var before = -1
                while !Task.isCancelled, clock.uptime() < deadline, reading.seen != before {
                    before = reading.seen
                    try? await clock.sleep(Self.streamSilence)
                }
                return nil
            }
            let first = await tasks.next() ?? nil
            tasks.cancelAll()
            return first
        }
        await connection.close(timeout: .milliseconds(500))
        let found = reading.messages
        if let failure, failure.code != .cancelled, found.isEmpty { return Self.failed(failure) }
        if Task.isCancelled { return .cancelled("stopped after \(found.count) messages") }
        return .peeked(id, found, note: Self.note(of: start, isEmpty: found.isEmpty))
    }

    private static func note(of start: PeekStart, isEmpty: Bool) -> String {
        if isEmpty { return "the stream has no messages" }
        let which =
            start == .first
            ? "the first messages of the stream" : "the last messages of the stream, of its last chunk at most"
        return "\(which); reading takes nothing out of it"
    }
}

/// The messages of a stream that were read so far, up to the requested number.
private final class StreamReading: Sendable {
    private struct State {
        var messages: [PeekedMessage] = []
        var seen = 0
    }

    private let count: Int
    private let start: PeekStart
    private let state = Shared(State())

    init(count: Int, start: PeekStart) {
        self.count = count
        self.start = start
    }

    var messages: [PeekedMessage] { state.value.messages }
    var seen: Int { state.value.seen }

    /// Reads until there are enough of the first messages, or the task is cancelled.
    func read(_ queue: Name, on connection: Connection) async -> ClientError? {
        do throws(ClientError) {
            let channel = try await connection.openChannel()
            let consumer = try await channel.consume(
                queue, arguments: ["x-stream-offset": .string(start.rawValue)], prefetch: UInt16(clamping: count))
            var deliveries = consumer.makeAsyncIterator()
            while start == .last || seen < count, let delivery = try await deliveries.next() {
                let message = PeekedMessage(delivery)
                try delivery.ack()
                state.change { state in
                    state.seen += 1
                    if state.messages.count >= count { state.messages.removeFirst() }
                    state.messages.append(message)
                }
            }
            try await consumer.cancel()
            return nil
        } catch {
            return error
        }
    }
}
