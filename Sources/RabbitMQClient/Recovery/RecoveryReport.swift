/// The result of a recovery: how a connection was re-established, and what could not be restored.
public struct RecoveryReport: Sendable, Hashable, Codable {
    /// An entity that could not be restored, and why.
    public struct Failure: Sendable, Hashable, Codable {
        /// The entity: `queue 'orders'`.
        public var entity: TopologyEntity
        /// The broker's reply text, or another error message.
        public var message: String
        /// The reply code; 0 if there was none.
        public var code: UInt16
        /// Whether it is retried in the background: a queue that is locked (405) until the broker has detected the end
        /// of the lost connection.
        public var isTriedAgain: Bool

        /// Creates a failure.
        public init(entity: TopologyEntity, message: String, code: UInt16, isTriedAgain: Bool = false) {
            self.entity = entity
            self.message = message
            self.code = code
            self.isTriedAgain = isTriedAgain
        }
    }

    /// When the connection was lost, in seconds since 1970.
    public var lostAt: Double
    /// Why the connection was lost.
    public var reason: CloseReason
    /// Seconds from the loss until channels, topology and consumers were restored.
    public var seconds: Double
    /// The number of attempts to connect.
    public var attempts: Int
    /// The address of the broker that it reconnected to, as `host:port`.
    public var endpoint: String
    /// The number of restored channels.
    public var channels: Int
    /// The number of restored exchanges.
    public var exchanges: Int
    /// The number of restored queues.
    public var queues: Int
    /// The number of restored bindings.
    public var bindings: Int
    /// The number of restored consumers.
    public var consumers: Int
    /// The entities that could not be restored.
    public var failures: [Failure]

    /// Creates a report.
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
