import AMQPWire
import Names

extension ConsumerQueue {
    /// The name that stands for replies without a queue (RabbitMQ documentation: Direct Reply-to).
    static let directReplyTo: Name = "amq.rabbitmq.reply-to"

    var takesDirectReplies: Bool { consume.queue == Self.directReplyTo }

    /// Whether it reads a stream, as far as the client can know: it was given an offset, or the queue was declared as one on
    /// this connection. The broker does not say it.
    var readsStream: Bool {
        if consume.arguments["x-stream-offset"] != nil { return true }
        let name = queueName
        return channel.connection.state.withLockedValue { state in
            state.topology.queues.contains {
                $0.declare.queue == name
                    && $0.declare.arguments["x-queue-type"]?.nameValue == Name(QueueType.stream.rawValue)
            }
        }
    }
}
