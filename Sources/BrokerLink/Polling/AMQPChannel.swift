import RabbitMQClient

/// The client library's channel type; NIOCore declares a `Channel` too.
typealias AMQPChannel = RabbitMQClient.Channel
