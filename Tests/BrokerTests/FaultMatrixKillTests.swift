import AMQPWire
import BrokerSupport
import Foundation
import NIOConcurrencyHelpers
import RabbitMQClient
import Testing

import struct NIOCore.ByteBuffer

/// Row 7 of the fault matrix, at length: what was confirmed is there, whatever became of the broker.
@Suite struct FaultMatrixKillTests {
    /// 100,000 confirmed persistent publishes to a durable queue, in the middle of which the broker is killed three times.
    /// An independent client, pika, counts what is in the queue.
    @Test func row07ThreeKillsInAHundredThousandConfirmedPublishesLoseNone() async throws {
        let total = 100_000
        let window = 500
        try await TestBroker.withRestartable { broker in
            let queue = uniqueName("kills")
            let connection = try await Connection.connect(broker.configuration { $0.recovery = .brisk })
            let channel = try await connection.openChannel()
            _ = try await channel.declareQueue(queue, durable: true)
            try await broker.syncDeclarations()
            let ledger = PublishLedger(total)
            let start = ContinuousClock.now
            let outages = try await withThrowingTaskGroup(of: Duration.self) { group in
                for _ in 0..<window {
                    group.addTask {
                        while let number = ledger.take() { try await ledger.publish(number, to: queue, on: channel) }
                        return .zero
                    }
                }
                group.addTask { try await killThrice(broker, ledger, total) }
                return try await group.reduce(Duration.zero, +)
            }
            let seconds = (ContinuousClock.now - start) / .seconds(1)
            let books = ledger.books
            #expect(books.confirmed == total)
            #expect(connection.recoveries == 3)
            // The broker did go down in the middle: of those under way nobody could say what became of them.
            #expect(books.indeterminate >= 3)
            await connection.close()

            let count = try await Count.byPika(broker, queue: queue, total: total)
            #expect(count.missing.isEmpty)
            #expect(count.strange == 0)
            #expect(count.distinct == total)
            // Only what was sent more than once can be there more than once.
            #expect(count.duplicates == count.total - total && count.duplicates <= books.indeterminate)
            print(
                "three kills: \(total) confirmed in \(Int(seconds)) s (\(outages / .seconds(1)) s of them without a broker),",
                "\(books.indeterminate) indeterminate and published again, \(count.duplicates) duplicates,",
                "\(count.missing.count) lost")
        }
    }

    /// - Returns: how long there was no broker, in all.
    private func killThrice(_ broker: TestBroker, _ ledger: PublishLedger, _ total: Int) async throws -> Duration {
        var outages = Duration.zero
        for share in [20, 45, 70] {
            while ledger.books.confirmed < total * share / 100 { try await Task.sleep(for: .milliseconds(5)) }
            let start = ContinuousClock.now
            try await broker.node.kill()
            try await broker.node.start()
            outages += ContinuousClock.now - start
        }
        return outages
    }
}

/// Which messages were confirmed, and how often nobody knew.
private final class PublishLedger: Sendable {
    struct Books {
        var next = 0
        var confirmed = 0
        /// Publishes whose fate was not known; each was published again.
        var indeterminate = 0
    }

    private let total: Int
    private let state = NIOLockedValueBox(Books())

    init(_ total: Int) { self.total = total }

    var books: Books { state.withLockedValue { $0 } }

    /// The number of the next message; nil when all are taken.
    func take() -> Int? {
        state.withLockedValue { books in
            guard books.next < total else { return nil }
            defer { books.next += 1 }
            return books.next
        }
    }

    /// Publishes until the message is confirmed: it can be in the queue more than once, and has one id.
    func publish(_ number: Int, to queue: String, on channel: Channel) async throws {
        while try await isIndeterminate(publishing: number, to: queue, on: channel) {
            state.withLockedValue { $0.indeterminate += 1 }
        }
        state.withLockedValue { $0.confirmed += 1 }
    }

    private func isIndeterminate(publishing number: Int, to queue: String, on channel: Channel) async throws -> Bool {
        let properties = BasicProperties(deliveryMode: 2, messageID: "\(number)")
        do {
            try await channel.publish("message \(number)".utf8, routingKey: queue, properties: properties)
            return false
        } catch {
            guard error.code == .indeterminate else { throw error }
            return true
        }
    }
}

/// What another client found in a queue.
private struct Count: Decodable {
    var total: Int
    var distinct: Int
    var duplicates: Int
    var strange: Int
    /// Up to 20 numbers that are not there.
    var missing: [Int]

    static func byPika(_ broker: TestBroker, queue: String, total: Int) async throws -> Count {
        let script = """
            import collections, json, pika, sys
            port, queue, expected = int(sys.argv[1]), sys.argv[2], int(sys.argv[3])
            connection = pika.BlockingConnection(pika.ConnectionParameters("127.0.0.1", port))
            channel = connection.channel()
            left = channel.queue_declare(queue, passive=True).method.message_count
            seen, strange, total = collections.Counter(), 0, 0
            channel.basic_qos(prefetch_count=2000)
            if left:
                for method, properties, body in channel.consume(queue):
                    number = int(properties.message_id)
                    if body.decode() != f"message {number}" or properties.delivery_mode != 2:
                        strange += 1
                    seen[number] += 1
                    total += 1
                    if total % 1000 == 0 or total == left:
                        channel.basic_ack(method.delivery_tag, multiple=True)
                    if total == left:
                        break
                channel.cancel()
            left = channel.queue_declare(queue, passive=True).method.message_count
            connection.close()
            missing = [number for number in range(expected) if number not in seen]
            strange += left + sum(1 for number in seen if not 0 <= number < expected)
            print(json.dumps(dict(total=total, distinct=len(seen), duplicates=total - len(seen), strange=strange,
                                  missing=missing[:20])))
            """
        let output = try await Python.run(
            script, arguments: ["\(broker.amqpPort)", queue, "\(total)"], deadline: .seconds(180))
        return try JSONDecoder().decode(Count.self, from: Data(output.standardOutput.utf8))
    }
}
