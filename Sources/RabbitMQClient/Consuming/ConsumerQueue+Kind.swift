import AMQPWire
import Names

extension ConsumerQueue {
    /// The pseudo-queue for replies without a reply queue (RabbitMQ documentation: Direct Reply-to).
    static let directReplyTo: Name = "amq.rabbitmq.reply-to"

    var takesDirectReplies: Bool { consume.queue == Self.directReplyTo }

    /// Whether the consumer reads a stream, as far as the client can know: it has an offset, or the queue was declared
    /// as a stream on this connection. The broker does not report it.
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
