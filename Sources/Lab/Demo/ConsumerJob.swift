import AMQPWire
import RabbitMQClient

/// Consumes a queue: fast, slowly, or rejecting some messages.
struct ConsumerJob: Job {
    /// How far ahead of its capacity, in seconds, a consumer may run, so that one wake-up serves several messages.
    static let slack = 0.12

    var consumer: DemoApplication.Consumer
    var clock: DemoClock

    func run(on channel: Channel) async throws {
        var arguments = FieldTable()
        if let offset = consumer.streamOffset { arguments["x-stream-offset"] = .string(offset) }
        let deliveries = try await channel.consume(
            consumer.queue, noAck: consumer.isAutomatic, arguments: arguments, prefetch: consumer.prefetch)
        var free = clock.seconds
        var count = 0
        for try await delivery in deliveries {
            if consumer.isAutomatic { continue }
            if let capacity = consumer.capacity, capacity > 0 {
                let now = clock.seconds
                free = max(free, now) + 1 / capacity
                if free > now + Self.slack { try await clock.sleep(until: free) }
            }
            count += 1
            if consumer.streamOffset != nil {
                // A stream accepts no other answer (https://www.rabbitmq.com/docs/streams#feature-comparison).
                try delivery.ack()
            } else if delivery.properties.headers?[DemoApplication.Consumer.poisonHeader] != nil {
                try await Task.sleep(for: .seconds(DemoApplication.Consumer.poisonDelay))
                try delivery.nack(requeue: true)
            } else if let every = consumer.rejectsOneIn, every > 0, count % every == 0 {
                try delivery.reject(requeue: false)
            } else {
                try delivery.ack()
            }
        }
    }
}
