/// What a load run does: it moves messages of one size in one way over one connection.
public struct LoadPlan: Sendable {
    /// How messages are moved.
    public enum Mode: String, Sendable, CaseIterable {
        /// Publish without confirms. Ends when the broker has answered a request after the last message.
        case publish
        /// Publish, and wait for the confirm of every message.
        case confirm
        /// Consume, and acknowledge.
        case consume
    }

    /// How messages are moved.
    public var mode: Mode
    /// The queue, published to through the default exchange, or consumed. Declared as durable if it does not exist.
    public var queue: String
    /// The number of messages.
    public var count: Int
    /// The size of a body in bytes; ignored when consuming.
    public var size: Int
    /// The highest number of unconfirmed publishes of one task.
    public var window = 1_000
    /// The number of concurrent tasks on the one connection. When confirming, each waits for its own confirm before it
    /// publishes again, so that the tasks are the window; when publishing, they share one channel; when consuming, each
    /// has a channel and a consumer. Nil: one task with a window.
    public var tasks: Int?
    /// The highest number of unacknowledged deliveries of one consumer.
    public var prefetch: UInt16 = 1_000
    /// The number of deliveries to acknowledge at a time; 0 consumes without acknowledgements.
    public var ackEvery = 100
    /// The highest number of messages per second of all tasks together; nil: no limit.
    public var rate: Double?
    /// How long a consumer waits for the next delivery before it gives up.
    public var patience = Duration.seconds(10)

    /// Creates a plan with default limits.
    public init(mode: Mode, queue: String, count: Int, size: Int) {
        self.mode = mode
        self.queue = queue
        self.count = count
        self.size = size
    }
}
