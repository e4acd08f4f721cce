import RabbitMQClient

enum FaultSnippets {
    static func errors(channel: Channel) async throws {
        // snippet: errors
        do {
            _ = try await channel.declareQueuePassive("missing")
        } catch {
            print(error.code)  // refused
            print(error.message)  // what happened
            print(error.advice)  // what to do about it
            print(error.closeReason?.code ?? 0)  // 404
            print(error.closeReason?.methodName ?? "")  // queue.declare
        }
        // end snippet
    }

    static func process(consumer: Consumer) async throws {
        // snippet: process
        for try await delivery in consumer {
            let processed = await delivery.process(onFailure: .requeueOnce) {
                try await store(delivery)
            }
            if let error = processed.error { print("\(processed.outcome): \(error)") }
        }
        // end snippet
    }

    static func registry(configuration: ConnectionConfiguration) async throws {
        // snippet: registry
        let registry = ClientRegistry()
        let connection = try await Connection.connect(configuration, registry: registry)
        for connection in registry.report().connections {
            for channel in connection.channels {
                print(connection.name, channel.number, channel.state, channel.unconfirmed, channel.unacked)
            }
        }
        // end snippet
        await connection.close()
    }

    static func rpc(connection: Connection) async throws {
        // snippet: rpc
        let prices = RPCClient(connection, timeout: .seconds(5))
        let reply = try await prices.call("gold".utf8, routingKey: "prices")
        print(String(buffer: reply.body))
        // end snippet
    }

    private static func store(_ delivery: Delivery) async throws {}
}
