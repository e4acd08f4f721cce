/// The type of a queue (`x-queue-type`; RabbitMQ documentation: Queues, Quorum Queues, Streams).
public enum QueueType: String, Sendable, Hashable, Codable, CaseIterable {
    /// A queue on one node. Only this type can be exclusive, be transient or have priorities.
    case classic
    /// A durable queue that is replicated by consensus and has a delivery limit.
    case quorum
    /// A durable append-only log that consumers read from any offset.
    case stream

    /// Whether the type is always durable. Quorum queues and streams are: the broker refuses to declare them otherwise
    /// (406).
    public var mustBeDurable: Bool {
        switch self {
        case .classic: false
        case .quorum, .stream: true
        }
    }
}
