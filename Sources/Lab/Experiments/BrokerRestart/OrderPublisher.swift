import AMQPWire
import RabbitMQClient

import struct NIOCore.ByteBuffer

/// Publishes orders so that none is lost: persistent, each repeated until it is confirmed, with the connection's
/// backoff between two attempts.
struct OrderPublisher: Sendable {
    let recorder: RunRecorder
    let connection: Connection
    let queue: String
    let policy: RecoveryPolicy
    let publishers: Int
    /// The time between two orders, of all publishers together.
    let interval: Duration
    let numbers: OrderNumbers
    let confirmed: @Sendable () -> Void

    static let application = RecoveryWatch.Part.publisher.rawValue

    /// Publishes until all orders are confirmed, the task is cancelled, or the connection is closed permanently.
    func run() async {
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<publishers {
                group.addTask {
                    var lane = OrderQueue(connection: connection)
                    while !Task.isCancelled, connection.closeReason == nil, let number = await numbers.next() {
                        await deliver("order-\(number)", &lane)
                        try? await Task.sleep(for: interval * publishers)
                    }
                }
            }
        }
    }

    /// A publisher's own channel, reopened if it is closed.
    private struct OrderQueue {
        let connection: Connection
        var open: Channel?

        mutating func channel() async throws(ClientError) -> Channel {
            if let open, open.isOpen { return open }
            let channel = try await connection.openChannel()
            open = channel
            return channel
        }
    }

    private func deliver(_ id: String, _ lane: inout OrderQueue) async {
        var failures = 0
        while !Task.isCancelled, connection.closeReason == nil {
            do throws(ClientError) {
                let channel = try await lane.channel()
                recorder.published(id)
                try await channel.publish(
                    ByteBuffer(string: #"{"customer": 7, "items": 3}"#), routingKey: queue,
                    properties: BasicProperties(mode: .persistent, messageID: id))
                recorder.confirmed(id)
                confirmed()
                return
            } catch {
                if Task.isCancelled { return }
                if error.code == .indeterminate { recorder.indeterminate(id) }
                recorder.error(error, application: Self.application)
            }
            try? await Task.sleep(for: policy.delay(attempt: failures, random: .random(in: 0...1)))
            failures += 1
        }
    }
}
