import BrokerSupport
import Foundation
import Lab
import RabbitMQClient
import Synchronization
import TerminalSupport
import Testing

/// Runs of experiments at reduced size, and what pika says of the same messages.
enum LabFixture {
    /// What a run came to, and what an independent consumer counted in the audit queue.
    struct Run {
        var result: LabResult
        var audit: Count
    }

    /// Deliveries, and different messages among them.
    struct Count: Decodable, Equatable {
        var consumed = 0
        var distinct = 0
    }

    /// Runs a variant on a private broker, or on the one given, and lets pika count the audit queue before the broker goes.
    static func run(
        _ name: String, _ variant: String, _ texts: [String: String], on broker: TestBroker? = nil
    ) async throws -> Run {
        let experiment = try Laboratory.experiment(name)
        var texts = texts
        texts["audit"] = "true"
        let counted = Counted()
        let run = try LabRun(
            experiment, variant: variant, settings: try LabSettings(experiment.description, texts: texts),
            broker: broker.map { .other($0.configuration()) } ?? .ownNode,
            program: try BuiltProgram.path("rabbittop"),
            inspection: { context in
                do {
                    let count = try await pikaCount(
                        port: context.broker.configuration.port, queue: context.unique("audit"))
                    counted.count.withLock { $0 = count }
                } catch {
                    Issue.record(error)
                }
            })
        let result = try await run.run()
        return Run(result: result, audit: counted.count.withLock { $0 })
    }

    private final class Counted: Sendable {
        let count = Mutex(Count())
    }

    private static func pikaCount(port: Int, queue: String) async throws -> Count {
        let output = try await Python.run(
            """
            import json, sys, pika
            parameters = pika.ConnectionParameters("127.0.0.1", int(sys.argv[1]))
            connection = pika.BlockingConnection(parameters)
            channel = connection.channel()
            seen = []
            while True:
                method, properties, body = channel.basic_get(sys.argv[2], auto_ack=True)
                if method is None:
                    break
                seen.append(properties.message_id)
            connection.close()
            print(json.dumps({"consumed": len(seen), "distinct": len(set(seen))}))
            """, arguments: [String(port), queue], deadline: .seconds(120))
        return try JSONDecoder().decode(Count.self, from: Data(output.standardOutput.utf8))
    }
}
