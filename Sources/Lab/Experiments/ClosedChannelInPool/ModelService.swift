import AMQPWire
import RabbitMQClient

import struct NIOCore.ByteBuffer

/// Publishes predictions through a pool: several tasks, each of which takes a channel for each message, and retries a
/// failed message a few times.
struct ModelService: Sendable {
    struct Plan: Sendable {
        var messages: Int
        var publishers: Int
        /// How often a message is tried before it is given up.
        var attempts: Int
        /// The time between two messages of one publisher.
        var interval: Duration
        /// The time between two attempts.
        var pause: Duration
        /// The numbers of the messages before which a channel is closed.
        var closings: Set<Int>
    }

    let plan: Plan
    let pool: PredictionPool
    let queue: String
    let recorder: RunRecorder
    let tally: PoolTally
    let closer: ChannelBreaker

    static let application = "model service"

    /// Publishes all messages, or gives them up.
    func run() async {
        let counter = Count()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<plan.publishers {
                group.addTask {
                    while !Task.isCancelled {
                        let number = counter.add()
                        guard number <= plan.messages else { return }
                        if plan.closings.contains(number) { await closer.closeOne() }
                        await deliver("prediction-\(number)")
                        try? await Task.sleep(for: plan.interval)
                    }
                }
            }
        }
    }

    /// Publishes a message with its attempts.
    ///
    /// - Returns: whether it was confirmed.
    @discardableResult
    func deliver(_ id: String) async -> Bool {
        for attempt in 1...max(1, plan.attempts) {
            if await publish(id) { return true }
            if attempt < plan.attempts { try? await Task.sleep(for: plan.pause) }
            if Task.isCancelled { return false }
        }
        tally.gaveUp()
        return false
    }

    /// Makes one attempt.
    func publish(_ id: String) async -> Bool {
        do throws(ClientError) {
            return try await pool.withChannel { channel in await publish(id, on: channel) }
        } catch {
            if !Task.isCancelled { recorder.error(error, application: Self.application) }
            return false
        }
    }

    private func publish(_ id: String, on channel: Channel) async -> Bool {
        let begun = ContinuousClock.now
        let wasOpen = channel.isOpen
        tally.handedOut(wasOpen: wasOpen)
        recorder.published(id)
        do throws(ClientError) {
            try await channel.publish(
                ByteBuffer(string: #"{"label": "cat", "score": 0.97}"#), routingKey: queue,
                properties: BasicProperties(mode: .persistent, messageID: id))
        } catch {
            if Task.isCancelled { return false }
            if error.code == .indeterminate { recorder.indeterminate(id) }
            // In the client's own words, because the state of the channel matters here as well as the broker's message.
            let reason = error.closeReason
            recorder.error(
                reason?.scope == .connection ? .connection : .channel, code: reason.map { Int($0.code) },
                text: error.description, application: Self.application)
            tally.failed(on: channel, wasOpen: wasOpen)
            return false
        }
        recorder.confirmed(id)
        for fault in tally.confirmed(begun: begun, wasOpen: wasOpen) {
            recorder.recovered(Self.application, from: fault.name, seconds: fault.seconds)
        }
        return true
    }
}
