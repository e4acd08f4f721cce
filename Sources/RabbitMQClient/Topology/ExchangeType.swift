/// How an exchange routes (AMQP 0-9-1 specification, section 3.1.3; RabbitMQ documentation: Exchanges).
public enum ExchangeType: Sendable, Hashable {
    /// Routes to the queues whose binding has the same routing key.
    case direct
    /// Routes to all bound queues.
    case fanout
    /// Routes to the queues whose binding has a matching pattern: `*` is one word, `#` any number of words.
    case topic
    /// Routes to the queues whose binding has matching headers: see `HeadersMatch`.
    case headers
    /// A type of a plugin, such as `x-consistent-hash`. The broker closes the connection for an unknown type (503).
    case custom(String)

    /// The name in `exchange.declare`.
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
