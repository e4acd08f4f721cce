public import Names

/// The messages of a transfer that go the same way.
public struct TransferGroup: Sendable, Hashable, Comparable {
    /// The exchange that they are published to; empty for the default exchange.
    public var exchange: Name
    /// Their routing key; nil if each has its own.
    public var routingKey: Name?
    /// The queue, if they go to one.
    public var queue: Name?
    /// Why they were dead-lettered, if they go back.
    public var reason: Name?

    /// Creates a group.
    public init(exchange: Name, routingKey: Name? = nil, queue: Name? = nil, reason: Name? = nil) {
        self.exchange = exchange
        self.routingKey = routingKey
        self.queue = queue
        self.reason = reason
    }

    public static func < (one: Self, other: Self) -> Bool { one.order.lexicographicallyPrecedes(other.order) }

    private var order: [Name] { [queue ?? "", exchange, routingKey ?? "", reason ?? ""] }
}
