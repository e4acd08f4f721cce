/// The keys of the metadata in this library's log messages. Values are text.
///
/// Levels: `debug` for what opens and closes in order, `info` for what came back, `warning` for what was lost, refused or
/// blocked, `error` for what ended for good.
public enum LogMetadataKey {
    /// `ConnectionReport.id`: the connection's number within the process.
    public static let connectionID = "rabbitmq.connection.id"
    /// As the broker shows it: `127.0.0.1:50640 -> 127.0.0.1:5672`.
    public static let connectionName = "rabbitmq.connection.name"
    /// The application's own name of the connection (`connection_name`), where it has one.
    public static let clientName = "rabbitmq.client.name"
    public static let virtualHost = "rabbitmq.vhost"
    /// `host:port` of the broker.
    public static let endpoint = "rabbitmq.endpoint"
    /// The channel's number.
    public static let channel = "rabbitmq.channel"
    public static let consumerTag = "rabbitmq.consumer.tag"
    public static let queue = "rabbitmq.queue"
    public static let exchange = "rabbitmq.exchange"
    public static let routingKey = "rabbitmq.routing_key"
    /// What the broker called the queue before the connection was lost.
    public static let formerQueue = "rabbitmq.queue.former"
    /// Something that is restored after a loss: `queue 'orders'`.
    public static let entity = "rabbitmq.entity"
    /// The AMQP reply code; 0 when the transport ended without one.
    public static let replyCode = "rabbitmq.reply.code"
    /// The reply code's AMQP name, such as `NOT_FOUND`.
    public static let replyName = "rabbitmq.reply.name"
    public static let replyText = "rabbitmq.reply.text"
    /// The method at fault, such as `queue.declare`, where one was.
    public static let method = "rabbitmq.method"
    /// Who ended it: `peer`, `local` or `transport`.
    public static let initiator = "rabbitmq.initiator"
    /// `ClientError.Code`.
    public static let error = "rabbitmq.error"
    /// What happened, in a sentence.
    public static let message = "rabbitmq.error.message"
    /// What to do, in a sentence.
    public static let advice = "rabbitmq.advice"
    /// The number of the attempt to connect again, from 1.
    public static let attempt = "rabbitmq.recovery.attempt"
    /// Seconds until that attempt.
    public static let delay = "rabbitmq.recovery.delay"
    /// Seconds from the loss until all was back.
    public static let seconds = "rabbitmq.recovery.seconds"
    /// How many entities could not be restored.
    public static let failures = "rabbitmq.recovery.failures"
}
