import RabbitMQClient

/// The client library's channel; NIO has a type of that name too.
typealias AMQPChannel = RabbitMQClient.Channel
