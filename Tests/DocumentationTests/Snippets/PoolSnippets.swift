import RabbitMQClient

enum PoolSnippets {
    static func pool(connection: Connection) async throws {
        // snippet: pool
        let pool = ChannelPool(
            connection, size: 8, name: "web",
            prepare: { channel throws(ClientError) in
                try await channel.confirmSelect()
            })

        try await pool.withChannel(timeout: .seconds(2)) { channel in
            try await channel.publish("hello".utf8, routingKey: "greetings")
        }
        // end snippet
    }
}
