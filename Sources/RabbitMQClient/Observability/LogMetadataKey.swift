/// The metadata keys of this library's log messages. All values are text.
///
/// Levels: `debug` for orderly opening and closing, `info` for recovery, `warning` for what was lost, refused or
/// blocked, `error` for what ended for good.
public enum LogMetadataKey {
    /// The connection's `ConnectionReport.id`.
    public static let connectionID = "rabbitmq.connection.id"
    /// The connection's name as the broker shows it: `127.0.0.1:50640 -> 127.0.0.1:5672`.
    public static let connectionName = "rabbitmq.connection.name"
    /// The connection name that the application gave (`connection_name`), if there is one.
    public static let clientName = "rabbitmq.client.name"
    /// The virtual host.
    public static let virtualHost = "rabbitmq.vhost"
    /// The broker's address, as `host:port`.
    public static let endpoint = "rabbitmq.endpoint"
    /// The channel number.
    public static let channel = "rabbitmq.channel"
    /// The consumer tag.
    public static let consumerTag = "rabbitmq.consumer.tag"
    /// The queue.
    public static let queue = "rabbitmq.queue"
    /// The exchange.
    public static let exchange = "rabbitmq.exchange"
    /// The routing key.
    public static let routingKey = "rabbitmq.routing_key"
    /// The name that the broker had chosen for the queue before the connection was lost.
    public static let formerQueue = "rabbitmq.queue.former"
    /// An entity that is restored after a loss: `queue 'orders'`.
    public static let entity = "rabbitmq.entity"
    /// The AMQP reply code; 0 if the transport ended without one.
    public static let replyCode = "rabbitmq.reply.code"
    /// The AMQP name of the reply code, such as `NOT_FOUND`.
    public static let replyName = "rabbitmq.reply.name"
    /// The reply text.
    public static let replyText = "rabbitmq.reply.text"
    /// The method that caused the error, such as `queue.declare`, if there is one.
    public static let method = "rabbitmq.method"
    /// The side that ended it: `peer`, `local` or `transport`.
    public static let initiator = "rabbitmq.initiator"
    /// The `ClientError.Code`.
    public static let error = "rabbitmq.error"
    /// What happened, as one sentence.
    public static let message = "rabbitmq.error.message"
    /// What to do about it, as one sentence.
    public static let advice = "rabbitmq.advice"
    /// The number of the attempt to reconnect, from 1.
    public static let attempt = "rabbitmq.recovery.attempt"
    /// Seconds until that attempt.
    public static let delay = "rabbitmq.recovery.delay"
    /// Seconds from the loss until everything was restored.
    public static let seconds = "rabbitmq.recovery.seconds"
    /// The number of entities that could not be restored.
    public static let failures = "rabbitmq.recovery.failures"
}
