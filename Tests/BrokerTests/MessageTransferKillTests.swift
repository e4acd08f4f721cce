import BrokerOperations
import BrokerSupport
import Foundation
import NIOCore
import Names
import RabbitMQClient
import TerminalSupport
import Testing

/// What is left of moved messages after a SIGKILL of either program, counted by pika.
@Suite struct MessageTransferKillTests {
    private struct Count: Decodable {
        var source: Int
        var target: Int
        var distinct: Int
        var duplicates: Int
    }

    private static let messages = 20_000

    /// Empties both queues.
    private static let counting = """
        import json, sys, pika
        def count(port, source, target):
            connection = pika.BlockingConnection(pika.ConnectionParameters("127.0.0.1", int(port)))
            channel = connection.channel()
            seen = []
            for queue in (source, target):
                ids = []
                for method, properties, body in channel.consume(queue, inactivity_timeout=2):
                    if method is None:
                        break
                    channel.basic_ack(method.delivery_tag)
                    ids.append(properties.message_id)
                channel.cancel()
                seen.append(ids)
            connection.close()
            both = seen[0] + seen[1]
            print(json.dumps({"source": len(seen[0]), "target": len(seen[1]), "distinct": len(set(both)),
                              "duplicates": len(both) - len(set(both))}))

        """

    private func fill(_ broker: TestBroker, _ from: String, _ to: String) async throws {
        try await broker.withConnection { connection in
            let channel = try await connection.openChannel()
            for queue in [from, to] { _ = try await channel.declareQueue(queue, durable: true) }
            let messages = (0..<Self.messages).map { number in
                Message(
                    "message \(number)".utf8, routingKey: from,
                    properties: BasicProperties(deliveryMode: 2, messageID: "\(number)"))
            }
            #expect(await channel.publishBatch(messages).failures.isEmpty)
        }
    }

    private func count(_ script: String, _ arguments: [String]) async throws -> Count {
        let output = try await Python.run(
            Self.counting + script, arguments: arguments, deadline: .seconds(180))
        return try JSONDecoder().decode(Count.self, from: Data(output.standardOutput.utf8))
    }

    @Test func aKilledBrokerLosesNoMessage() async throws {
        try await TestBroker.withRestartable { broker in
            let (from, to) = (uniqueName("from"), uniqueName("to"))
            try await fill(broker, from, to)
            try await broker.syncDeclarations()
            let plan = TransferPlan(.move(.queue(Name(to))), queue: Name(from), rules: MessageRules(user: "guest"))
            let transfer = MessageTransfer(plan, from: broker.configuration(), to: broker.configuration())
            async let running = transfer.run()
            #expect(await eventually { transfer.tally.moved > 4_000 })
            try await broker.node.kill()
            let report = await running
            guard case .failed = report.end else {
                Issue.record("it was over before the kill: \(report)")
                return
            }
            try await broker.node.start()
            let count = try await count("count(*sys.argv[1:])", ["\(broker.amqpPort)", from, to])
            #expect(count.distinct == Self.messages, "lost: \(count), \(report)")
            #expect(count.duplicates <= report.tally.possibleDuplicates, "\(count), \(report)")
            #expect(count.target >= report.tally.moved)
        }
    }

    @Test func aKilledRabbittopLosesNoMessage() async throws {
        let broker = try await TestBroker.shared()
        let (from, to) = (uniqueName("from"), uniqueName("to"))
        try await fill(broker, from, to)
        let count = try await count(
            """
            import subprocess, time
            port, source, target, program, management = sys.argv[1:]
            child = subprocess.Popen(
                [program, "messages", "move", "--port", management, "--queue", source, "--to", target, "--yes"],
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            connection = pika.BlockingConnection(pika.ConnectionParameters("127.0.0.1", int(port)))
            channel = connection.channel()
            while channel.queue_declare(target, passive=True).method.message_count < 4000 and child.poll() is None:
                time.sleep(0.005)
            child.kill()
            child.wait()
            while channel.queue_declare(source, passive=True).method.consumer_count > 0:
                time.sleep(0.05)
            connection.close()
            count(port, source, target)
            """,
            [
                "\(broker.amqpPort)", from, to, try BuiltProgram.path("rabbittop"),
                "\(broker.node.ports.management)",
            ])
        #expect(count.distinct == Self.messages, "lost: \(count)")
        #expect(count.source > 0 && count.target >= 4_000, "it was not killed half way: \(count)")
        // At most the messages that were on their way.
        #expect(count.duplicates <= 1_000)
        try await broker.withConnection { connection in
            let channel = try await connection.openChannel()
            for queue in [from, to] { try await channel.deleteQueue(queue) }
        }
    }
}
