import Names

/// One thing that a connection declared and that recovery restores. Names are those of the first declaration; a queue
/// that the broker named has another name after its recovery.
public enum TopologyEntity: Sendable, Hashable, Codable {
    case exchange(name: Name)
    case queue(name: Name)
    /// A queue bound to an exchange.
    case binding(queue: Name, exchange: Name, routingKey: Name)
    /// An exchange bound to another (RabbitMQ: exchange to exchange bindings).
    case exchangeBinding(destination: Name, source: Name, routingKey: Name)
    case consumer(tag: Name, queue: Name)
}

extension TopologyEntity: CustomStringConvertible {
    public var description: String {
        switch self {
        case .exchange(let name): "exchange '\(name)'"
        case .queue(let name): "queue '\(name)'"
        case .binding(let queue, let exchange, let routingKey):
            "binding of queue '\(queue)' to exchange '\(exchange)' with key '\(routingKey)'"
        case .exchangeBinding(let destination, let source, let routingKey):
            "binding of exchange '\(destination)' to exchange '\(source)' with key '\(routingKey)'"
        case .consumer(let tag, let queue): "consumer '\(tag)' of queue '\(queue)'"
        }
    }
}
