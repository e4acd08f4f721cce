import RabbitMQClient

enum ConfirmSnippets {
    static func publish(channel: Channel) async throws {
        // snippet: publish
        do {
            try await channel.publish(
                "42".utf8, exchange: "prices", routingKey: "gold",
                properties: BasicProperties(mode: .persistent, media: .json), mandatory: true)
        } catch {
            switch error.code {
            case .returned: print("no queue took it: \(error.message)")
            case .nacked: print("the broker refused it: \(error.message)")
            case .indeterminate: print("it may have arrived: publish it again and expect a duplicate")
            default: throw error
            }
        }
        // end snippet
    }

    static func deferred(channel: Channel, bodies: [ByteBuffer]) async throws {
        // snippet: deferred
        var confirmations: [Confirmation] = []
        for body in bodies {
            confirmations.append(try await channel.publishDeferred(body, routingKey: "orders"))
        }
        for confirmation in confirmations { try await confirmation.wait() }
        // end snippet
    }

    static func publisher(connection: Connection) async throws {
        // snippet: publisher
        let publisher = Publisher(connection, exchange: "orders", mandatory: true, limit: 500, retry: .standard)
        try await publisher.publish(
            "an order".utf8, routingKey: "eu", properties: BasicProperties(mode: .persistent, messageID: "order-42"))
        // end snippet
    }

    static func batch(channel: Channel, messages: [Message]) async throws {
        // snippet: batch
        let result = await channel.publishBatch(messages)
        for failure in result.failures { print("message \(failure.index): \(failure.error.message)") }
        // end snippet
    }
}
