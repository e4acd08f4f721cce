import RabbitMQClient

enum MigrationSnippets {
    static func robust(uri: String) async throws {
        // snippet: robust
        let connection = try await Connection.connect(ConnectionConfiguration(uri: uri))
        let pool = ChannelPool(connection, size: 10)
        try await pool.withChannel { channel in
            try await channel.publish("hi".utf8, routingKey: "greetings")
        }
        // end snippet
    }

    static func consumerMixin(connection: Connection) async throws {
        // snippet: consumer-mixin
        let channel = try await connection.openChannel()
        _ = try await channel.declareQueue("tasks", durable: true)
        for try await delivery in try await channel.consume("tasks", prefetch: 10) {
            await delivery.process(onFailure: .reject) {
                try await run(delivery)
            }
        }
        // end snippet
    }

    static func blocking(uri: String) async throws {
        // snippet: tasks
        try await Connection.withConnection(ConnectionConfiguration(uri: uri)) { connection in
            let channel = try await connection.openChannel()
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                for number in 1...10 {
                    tasks.addTask {
                        try await channel.publish("message \(number)".utf8, routingKey: "greetings")
                    }
                }
                try await tasks.waitForAll()
            }
        }
        // end snippet
    }

    private static func run(_ delivery: Delivery) async throws {}
}
