import RabbitMQClient
import Synchronization

extension PublisherConfirms {
    /// Runs all producers.
    ///
    /// - Returns: whether all messages were published.
    func publish(to route: OrderRoute, _ pace: StreamPace) async -> Bool {
        await withTaskGroup(of: Bool.self) { group in
            for producer in 0..<producers {
                group.addTask { await publish(as: producer, to: route, pace) }
            }
            return await group.reduce(true) { $0 && $1 }
        }
    }

    /// Runs one producer, with a connection of its own that recovers when it is lost.
    private func publish(as producer: Int, to route: OrderRoute, _ pace: StreamPace) async -> Bool {
        await withProducer("producer \(producer)") { channel in
            let tickets = Tickets(count: messages)
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<context.settings.integer("window") {
                    group.addTask {
                        while let number = tickets.next() {
                            await pace.take()
                            if Task.isCancelled { return }
                            let id = "\(producer)-\(number)"
                            await publish(id, over: channel, to: route, as: "producer \(producer)")
                        }
                    }
                }
            }
        }
    }

    /// Publishes the end message, after everything else: by then the broker runs, and stays up.
    func publishEndMessage(to route: OrderRoute) async -> Bool {
        await withProducer("end message") { channel in
            await publish(Self.endMessage, over: channel, to: route, as: "end message")
        }
    }

    /// Runs a body with a producer's channel.
    ///
    /// - Returns: whether the body ran to its end.
    private func withProducer(_ name: String, _ body: (Channel) async -> Void) async -> Bool {
        var configuration = context.broker.configuration(name: "lab \(name)")
        configuration.recovery.base = .milliseconds(100)
        configuration.recovery.cap = .seconds(1)
        // The broker may take long to come back on a busy machine.
        configuration.publishTimeout = .seconds(300)
        let connection = Connection(configuration, on: context.group, registry: context.registry)
        do throws(ClientError) {
            try await connection.start()
            let channel = try await connection.openChannel()
            await body(channel)
            // The close is answered after everything before it has been processed.
            try? await channel.close()
            await connection.close()
            return !Task.isCancelled
        } catch {
            context.recorder.error(error, application: name)
            await connection.close()
            return false
        }
    }

    /// Publishes a message: repeatedly until it is confirmed, or once.
    private func publish(_ id: String, over channel: Channel, to route: OrderRoute, as name: String) async {
        var properties = BasicProperties(messageID: id)
        properties.isPersistent = true
        let body = ByteBuffer(string: OrderBody.text(id, size: context.settings.integer("size")))
        while !Task.isCancelled {
            context.recorder.published(id)
            do throws(ClientError) {
                if isConfirmed {
                    try await channel.publish(
                        body, exchange: route.exchange, routingKey: OrderRoute.routingKey, properties: properties)
                    context.recorder.confirmed(id)
                } else {
                    try await channel.publishUnconfirmed(
                        body, exchange: route.exchange, routingKey: OrderRoute.routingKey, properties: properties)
                }
                return
            } catch {
                if error.code == .cancelled { return }
                context.recorder.error(error, application: name)
                switch error.code {
                case .indeterminate: context.recorder.indeterminate(id)
                case .nacked: context.recorder.nacked(id)
                // Nothing was sent: it is published again, with or without confirms.
                default: break
                }
                if error.isPermanent || channel.closeReason != nil { return }
                try? await Task.sleep(for: .milliseconds(50))
            }
        }
    }
}

/// Issues the numbers below a count, each once.
private final class Tickets: Sendable {
    private let state = Mutex(0)
    private let count: Int

    init(count: Int) {
        self.count = count
    }

    func next() -> Int? {
        state.withLock { taken in
            guard taken < count else { return nil }
            taken += 1
            return taken - 1
        }
    }
}

/// Paces the producers, so that each stop of the broker happens while they publish: messages are published at a rate,
/// and never more of them than the limit before the next stop is complete. During a stop they slow down progressively,
/// so that some are in progress however long the broker takes to stop.
final class StreamPace: Sendable {
    private struct State {
        var taken = 0
        var limit: Int
        var slow: Int
        var next = ContinuousClock.now
    }

    private let state: Mutex<State>
    private let interval: Duration

    private static let look = Duration.milliseconds(5)
    /// During a stop, three fifths of the remaining messages are published in about this time.
    private static let ease = Duration.milliseconds(500)

    /// - Parameters:
    ///   - rate: the messages per second.
    ///   - limit: fewer messages than this are published until `allow` raises it.
    ///   - slow: the number of messages after which publishing slows down, the more the fewer are left.
    init(rate: Double, limit: Int, slow: Int) {
        interval = .seconds(1 / max(rate, 1e-3))
        state = Mutex(State(limit: limit, slow: slow))
    }

    /// The number of messages published so far.
    var taken: Int { state.withLock { $0.taken } }

    /// Raises the limit; all of them may be published if `slow` is not less.
    func allow(_ limit: Int, slow: Int) {
        state.withLock { state in
            state.limit = max(state.limit, limit)
            state.slow = slow
        }
    }

    /// Waits until the next message may be published, or the task is cancelled. Idle time is not made up for.
    func take() async {
        while !Task.isCancelled {
            let due: ContinuousClock.Instant? = state.withLock { state in
                let isSlow = state.taken >= state.slow
                guard state.taken < (state.slow < state.limit ? state.limit - 1 : state.limit) else { return nil }
                state.taken += 1
                let due = max(state.next, .now)
                let left = max(1, state.limit - state.taken)
                state.next = due + (isSlow ? max(interval, Self.ease / left) : interval)
                return due
            }
            guard let due else {
                try? await Task.sleep(for: Self.look)
                continue
            }
            // Shorter sleeps would take longer than requested.
            if due - .now > .milliseconds(1) { try? await Task.sleep(until: due, clock: .continuous) }
            return
        }
    }
}
