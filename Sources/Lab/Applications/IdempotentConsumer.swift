import RabbitMQClient
import Synchronization

/// An application that consumes a queue and processes each message once, however often it is delivered.
final class IdempotentConsumer: Sendable {
    private struct State {
        var done: Set<Name> = []
        var last = ContinuousClock.now
        var repeatedPublishes = 0
        var redeliveries = 0
        var isConsuming = false
    }

    private let context: LabContext
    private let queue: String
    private let prefetch: UInt16
    private let name: String
    private let state = Mutex(State())

    private static let pause = Duration.milliseconds(200)

    init(_ context: LabContext, queue: String, prefetch: UInt16, name: String = "consumer") {
        self.context = context
        self.queue = queue
        self.prefetch = prefetch
        self.name = name
    }

    /// The number of processed messages.
    var done: Int { state.withLock { $0.done.count } }
    /// The number of repeated deliveries without the redelivered flag: the message was published again.
    var repeatedPublishes: Int { state.withLock { $0.repeatedPublishes } }
    /// The number of repeated deliveries with the redelivered flag: the acknowledgement was lost.
    var redeliveries: Int { state.withLock { $0.redeliveries } }
    /// Whether the consumer is registered.
    var isConsuming: Bool { state.withLock { $0.isConsuming } }
    /// The time since the last delivery, or since the consumer was created.
    var silence: Duration { state.withLock { ContinuousClock.now - $0.last } }

    /// Consumes, over a connection that recovers when it is lost, until a message arrives for which `isLast` holds, or
    /// the task is cancelled.
    func run(until isLast: @Sendable (Name) -> Bool = { _ in false }) async {
        var configuration = context.broker.configuration(name: "lab \(name)")
        configuration.recovery.base = .milliseconds(100)
        configuration.recovery.cap = .seconds(1)
        configuration.recovery.retriesFirstConnect = true
        let connection = Connection(configuration, on: context.group, registry: context.registry)
        do throws(ClientError) {
            try await connection.start()
            while !Task.isCancelled {
                if try await consume(over: connection, until: isLast) { break }
            }
        } catch {
            if error.code != .cancelled { context.recorder.error(error, application: name) }
        }
        await connection.close()
    }

    /// Consumes on one channel until it closes.
    ///
    /// - Returns: whether the last message has arrived.
    private func consume(
        over connection: Connection, until isLast: @Sendable (Name) -> Bool
    ) async throws(ClientError) -> Bool {
        do throws(ClientError) {
            let channel = try await connection.openChannel()
            let consumer = try await channel.consume(queue, prefetch: prefetch)
            state.withLock { $0.isConsuming = true }
            for try await delivery in consumer {
                let id = delivery.properties.messageID ?? Name(bytes: delivery.body.readableBytesView)
                take(id, redelivered: delivery.redelivered)
                // If the channel has closed meanwhile, the message is delivered again.
                _ = try? delivery.ack()
                if isLast(id) { return true }
            }
            return Task.isCancelled
        } catch {
            if error.isPermanent || error.code == .cancelled || Task.isCancelled { throw error }
            context.recorder.error(error, application: name)
            try? await Task.sleep(for: Self.pause)
            return false
        }
    }

    private func take(_ id: Name, redelivered: Bool) {
        context.recorder.consumed(id)
        state.withLock { state in
            state.last = .now
            if state.done.insert(id).inserted { return }
            if redelivered { state.redeliveries += 1 } else { state.repeatedPublishes += 1 }
        }
    }

    /// Waits until the consumer is registered.
    ///
    /// - Throws: `failed` if it is not in time.
    func begun(within time: Duration = .seconds(30)) async throws(LabError) {
        let end = ContinuousClock.now + time
        while !isConsuming {
            guard ContinuousClock.now < end, !Task.isCancelled else {
                throw LabError(
                    .failed, "The consumer of '\(queue)' could not begin.", advice: "See the broker's log.")
            }
            try? await Task.sleep(for: .milliseconds(10))
        }
    }
}
