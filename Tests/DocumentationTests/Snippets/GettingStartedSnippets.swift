import RabbitMQClient
import ServiceLifecycle

enum GettingStartedSnippets {
    static func connecting() async throws {
        // snippet: connect
        let configuration = try ConnectionConfiguration(uri: "amqp://guest:guest@localhost:5672/%2F?heartbeat=10")

        try await Connection.withConnection(configuration) { connection in
            try await connection.withChannel { channel in
                _ = try await channel.declareQueue("orders", durable: true)
                try await channel.publish("the first order".utf8, routingKey: "orders")
            }
        }
        // end snippet
    }

    static func consuming(connection: Connection) async throws {
        // snippet: consume
        let channel = try await connection.openChannel()
        let deliveries = try await channel.consume("orders", prefetch: 20)
        for try await delivery in deliveries {
            await delivery.process {
                print(String(buffer: delivery.body))
            }
        }
        // end snippet
    }

    static func onTheLoop(
        connection: Connection, channel: Channel, count: @Sendable (ByteBuffer) -> Void
    ) async throws {
        // snippet: executor
        try await withTaskExecutorPreference(connection.taskExecutor) {
            for try await delivery in try await channel.consume("clicks", prefetch: 1000) {
                count(delivery.body)
                try delivery.ack()
            }
        }
        // end snippet
    }

    static func service(connection: Connection, worker: any Service) async throws {
        // snippet: service
        let group = ServiceGroup(
            services: [connection, worker], gracefulShutdownSignals: [.sigterm], logger: .init(label: "orders"))
        try await group.run()
        // end snippet
    }

    static func several() async throws -> ConnectionConfiguration {
        // snippet: endpoints
        var configuration = try ConnectionConfiguration(uris: [
            "amqps://app:secret@rabbit-1.example/shop?cacertfile=/etc/ssl/rabbit.pem",
            "amqps://app:secret@rabbit-2.example/shop?cacertfile=/etc/ssl/rabbit.pem",
        ])
        configuration.shufflesEndpoints = true
        configuration.connectionName = "order service"
        // end snippet
        return configuration
    }
}
