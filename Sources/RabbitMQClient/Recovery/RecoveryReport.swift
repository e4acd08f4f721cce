/// How a connection came back, and what of it did not.
public struct RecoveryReport: Sendable, Hashable, Codable {
    /// Something that could not be restored, and why. The others were.
    public struct Failure: Sendable, Hashable, Codable {
        /// What it is: `queue 'orders'`.
        public var entity: TopologyEntity
        /// What the broker said.
        public var message: String
        /// The reply code; 0 where there was none.
        public var code: UInt16
        /// Whether it is tried again in the background: a queue that is locked (405) until the broker has noticed the end
        /// of the lost connection.
        public var isTriedAgain: Bool

        public init(entity: TopologyEntity, message: String, code: UInt16, isTriedAgain: Bool = false) {
            self.entity = entity
            self.message = message
            self.code = code
            self.isTriedAgain = isTriedAgain
        }
    }

    /// Seconds since 1970 when the connection was lost.
    public var lostAt: Double
    /// Why it was lost.
    public var reason: CloseReason
    /// Seconds from the loss until channels, topology and consumers were back.
    public var seconds: Double
    /// How many times a connection was tried.
    public var attempts: Int
    /// The broker it came back to, `host:port`.
    public var endpoint: String
    public var channels: Int
    public var exchanges: Int
    public var queues: Int
    public var bindings: Int
    public var consumers: Int
    public var failures: [Failure]

    public init(
        lostAt: Double, reason: CloseReason, seconds: Double = 0, attempts: Int = 0, endpoint: String = "",
        channels: Int = 0, exchanges: Int = 0, queues: Int = 0, bindings: Int = 0, consumers: Int = 0,
        failures: [Failure] = []
    ) {
        self.lostAt = lostAt
        self.reason = reason
        self.seconds = seconds
        self.attempts = attempts
        self.endpoint = endpoint
        self.channels = channels
        self.exchanges = exchanges
        self.queues = queues
        self.bindings = bindings
        self.consumers = consumers
        self.failures = failures
    }
}
