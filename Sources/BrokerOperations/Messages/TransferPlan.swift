public import Names
public import RabbitMQClient
public import TopCore

/// What is done with the messages of a queue.
public struct TransferPlan: Sendable {
    /// What becomes of a message.
    public enum Work: Sendable {
        /// It is published, and acknowledged in its queue when the target has confirmed it.
        case move(MessageDestination)
        /// It is published, and stays in its queue.
        case copy(MessageDestination)
        /// It is acknowledged.
        case delete
        /// It is read, and stays in its queue. The body receives it with its position from 1, and returns whether it
        /// wants more.
        case read(@Sendable (TakenMessage, _ position: Int) throws -> Bool)
    }

    /// The queue.
    public var queue: Name
    /// What is done.
    public var work: Work
    /// How many messages that match are taken at most.
    public var count: Int?
    /// How many messages are looked through at most for those that match.
    public var depth: Int?
    /// Which messages are taken; nil for all.
    public var filter: (@Sendable (TakenMessage) -> Bool)?
    /// What is changed in them.
    public var rules: MessageRules
    /// What is published in place of a message; nil for the message itself.
    public var replacement: (@Sendable (TakenMessage) -> TakenMessage)?
    /// Messages per second at the most.
    public var rate: Double?
    /// Where reading begins, if the queue is a stream.
    public var streamOffset: StreamOffset?
    /// How often a message of the queue may be delivered, if looking at it counts, and it is known.
    public var deliveryLimit: Int?
    /// The most messages that are on their way: published and not confirmed, or confirmed and not acknowledged.
    public var window = 1_000

    /// Creates a plan for all messages that are in the queue when it begins.
    public init(_ work: Work, queue: Name, rules: MessageRules) {
        self.work = work
        self.queue = queue
        self.rules = rules
    }

    /// The bytes of messages that are on their way, about.
    static let windowBytes = 64 << 20
    /// A message of at least this size is published alone: the broker closes the channel if it is too large for it, and
    /// what else is on its way would be unknown.
    static let largeBytes = 8 << 20

    /// Where messages are published to; nil if they are not.
    public var destination: MessageDestination? {
        switch work {
        case .move(let destination), .copy(let destination): destination
        case .delete, .read: nil
        }
    }

    /// Whether messages that are done with leave the queue.
    public var removes: Bool {
        switch work {
        case .move, .delete: streamOffset == nil
        case .copy, .read: false
        }
    }
}
