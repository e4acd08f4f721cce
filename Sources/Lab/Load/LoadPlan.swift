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

/// The measurements of a load run.
public struct LoadResult: Sendable, Encodable {
    /// The milliseconds from the publish of a message until the publisher received its confirm.
    public struct Latency: Sendable, Encodable {
        /// The median.
        public var p50: Double
        /// The 99th percentile.
        public var p99: Double
        /// The maximum.
        public var max: Double
    }

    /// How messages were moved.
    public var mode: LoadPlan.Mode
    /// The number of messages that were published, confirmed or consumed.
    public var count: Int
    /// The size of a body in bytes; when consuming, the mean.
    public var size: Int
    /// The seconds from the first message until the last one was complete.
    public var seconds: Double
    /// The CPU time of this process in that time in seconds, of all threads, in user and in kernel mode.
    public var cpu: Double
    /// The confirm latency; nil without confirms.
    public var latency: Latency?

    /// The messages per second.
    public var rate: Double { Double(count) / seconds }
    /// The CPU time per message, in microseconds.
    public var cpuPerMessage: Double { cpu * 1e6 / Double(count) }

    private enum CodingKeys: String, CodingKey {
        case mode, count, size, seconds, rate
        case cpuPerMessage = "cpu_us_per_message"
        case latency = "confirm_latency_ms"
    }

    /// Values that are not known are null.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(mode.rawValue, forKey: .mode)
        try container.encode(count, forKey: .count)
        try container.encode(size, forKey: .size)
        try container.encode(seconds, forKey: .seconds)
        try container.encode(rate, forKey: .rate)
        try container.encode(cpuPerMessage, forKey: .cpuPerMessage)
        try container.encode(latency, forKey: .latency)
    }
}

extension LoadResult.Latency {
    /// Nil for no values. Percentiles are nearest ranks.
    init?(_ values: [Duration]) {
        let sorted = values.sorted()
        guard let last = sorted.last else { return nil }
        func milliseconds(_ duration: Duration) -> Double { duration / .milliseconds(1) }
        func quantile(_ share: Double) -> Double {
            let rank = Int((share * Double(sorted.count)).rounded(.up))
            return milliseconds(sorted[Swift.min(Swift.max(rank, 1), sorted.count) - 1])
        }
        p50 = quantile(0.5)
        p99 = quantile(0.99)
        max = milliseconds(last)
    }
}
