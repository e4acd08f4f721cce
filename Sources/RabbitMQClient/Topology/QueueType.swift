/// How a queue keeps its messages (`x-queue-type`; RabbitMQ documentation: Queues, Quorum Queues, Streams).
public enum QueueType: String, Sendable, Hashable, Codable, CaseIterable {
    /// On one node; the only type that may be exclusive, transient or of priorities.
    case classic
    /// Replicated by consensus, durable, with a limit of deliveries.
    case quorum
    /// An append-only log that consumers read from any offset, durable.
    case stream

    /// Quorum queues and streams are always durable; the broker refuses to declare them otherwise (406).
    public var mustBeDurable: Bool {
        switch self {
        case .classic: false
        case .quorum, .stream: true
        }
    }
}
