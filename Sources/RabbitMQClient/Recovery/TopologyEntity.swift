import Names

/// An entity that a connection declared and that recovery restores. Names are those of the first declaration; a queue
/// whose name the broker chose has another name after a recovery.
public enum TopologyEntity: Sendable, Hashable, Codable {
    /// An exchange.
    case exchange(name: Name)
    /// A queue.
    case queue(name: Name)
    /// A binding of a queue to an exchange.
    case binding(queue: Name, exchange: Name, routingKey: Name)
    /// A binding of an exchange to another (RabbitMQ: exchange to exchange bindings).
    case exchangeBinding(destination: Name, source: Name, routingKey: Name)
    /// A consumer of a queue.
    case consumer(tag: Name, queue: Name)
}

extension TopologyEntity: CustomStringConvertible {
    /// The kind and name of the entity: `queue 'orders'`.
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
