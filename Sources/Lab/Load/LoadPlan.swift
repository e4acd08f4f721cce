/// So many messages of one size, moved one way over one connection: what a load run is to do.
public struct LoadPlan: Sendable {
    public enum Mode: String, Sendable, CaseIterable {
        /// Publish without confirms. Over when the broker has answered a request behind the last message.
        case publish
        /// Publish, and have every message confirmed.
        case confirm
        /// Consume, and acknowledge.
        case consume
    }

    public var mode: Mode
    /// Published to through the default exchange, or consumed from. Declared, durable, when it does not exist.
    public var queue: String
    /// How many messages.
    public var count: Int
    /// Bytes of a body; of no meaning when consuming.
    public var size: Int
    /// The most publishes of one task that await their confirm.
    public var window = 1_000
    /// Tasks beside each other on the one connection. Confirming, each awaits its own confirm before it publishes again,
    /// so that they are the window; publishing, they share one channel; consuming, each has a channel and a consumer.
    /// Nil: one task, which keeps a window.
    public var tasks: Int?
    /// The most deliveries of one consumer that are not acknowledged.
    public var prefetch: UInt16 = 1_000
    /// Acknowledge this many deliveries at a time; 0 consumes without acknowledgements.
    public var ackEvery = 100
    /// Messages a second at the most, of all tasks together; nil: as fast as it goes.
    public var rate: Double?
    /// How long a consumer waits for the next delivery before it gives up.
    public var patience = Duration.seconds(10)

    public init(mode: Mode, queue: String, count: Int, size: Int) {
        self.mode = mode
        self.queue = queue
        self.count = count
        self.size = size
    }
}
