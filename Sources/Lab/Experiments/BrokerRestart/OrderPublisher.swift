import AMQPWire
import RabbitMQClient
import Synchronization

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

/// Numbers for orders, from 1 on, released in shares, so that orders are in progress at each outage, however long the
/// earlier ones took, and some are left for the time after it.
final class OrderNumbers: Sendable {
    private struct State {
        var taken = 0
        var released: Int
    }

    let count: Int
    /// The number of outages between the shares.
    let outages: Int
    private let state: Mutex<State>

    init(count: Int, outages: Int) {
        self.count = count
        self.outages = outages
        state = Mutex(State(released: Self.released(0, count: count, outages: outages)))
    }

    /// Returns how many orders are due when outage `outage`, counted from 0, begins.
    func due(_ outage: Int) -> Int { count * (outage + 1) / (outages + 1) }

    /// Releases the next share, because the outage is over and the service recovers.
    func outageIsOver(_ outage: Int) {
        state.withLock { $0.released = Self.released(outage + 1, count: count, outages: outages) }
    }

    /// Returns the number of released orders: up to halfway between the next outage and the one after it; all, if no
    /// outage follows.
    private static func released(_ outage: Int, count: Int, outages: Int) -> Int {
        outage < outages ? count * (2 * outage + 3) / (2 * outages + 2) : count
    }

    /// Returns the next number when it is released; nil if all are taken, or the task is cancelled.
    func next() async -> Int? {
        while true {
            let (number, isLast): (Int?, Bool) = state.withLock { state in
                if state.taken >= count { return (nil, true) }
                if state.taken >= state.released { return (nil, false) }
                state.taken += 1
                return (state.taken, false)
            }
            if number != nil || isLast { return number }
            do { try await Task.sleep(for: .milliseconds(5)) } catch { return nil }
        }
    }
}
