/// How an exchange routes (AMQP 0-9-1 specification, section 3.1.3; RabbitMQ documentation: Exchanges).
public enum ExchangeType: Sendable, Hashable {
    /// To the queues bound with exactly the routing key.
    case direct
    /// To all queues bound.
    case fanout
    /// To the queues bound with a pattern of words that fits: `*` is one word, `#` any number.
    case topic
    /// To the queues bound with headers that fit: see `HeadersMatch`.
    case headers
    /// Of a plugin, such as `x-consistent-hash`. The broker closes the connection for a type it does not know (503).
    case custom(String)

    /// As it goes on the wire.
    public var name: String {
        switch self {
        case .direct: "direct"
        case .fanout: "fanout"
        case .topic: "topic"
        case .headers: "headers"
        case .custom(let name): name
        }
    }
}
