public import Names

/// The exchanges, queues and bindings of a virtual host, with what flows through them.
public struct Topology: Sendable, Hashable {
    /// An exchange with its figures.
    public struct ExchangeNode: Sendable, Hashable {
        /// The exchange.
        public var exchange: RoutingModel.Exchange
        /// Messages published to it, a second; nil if not known.
        public var rateIn: Double?
        /// Copies that it routed, a second; nil if not known.
        public var rateOut: Double?

        /// Creates an exchange.
        public init(_ exchange: RoutingModel.Exchange, rateIn: Double? = nil, rateOut: Double? = nil) {
            self.exchange = exchange
            self.rateIn = rateIn
            self.rateOut = rateOut
        }
    }

    /// A queue with its figures.
    public struct QueueNode: Sendable, Hashable {
        /// The queue.
        public var queue: RoutingModel.Queue
        /// The type: `classic`, `quorum`, `stream`; nil if not known.
        public var type: Name?
        /// The number of messages; nil if not known.
        public var messages: Int64?
        /// The number of consumers; nil if not known.
        public var consumers: Int?
        /// Messages that came in, a second; nil if not known.
        public var rateIn: Double?
        /// Messages that went out, a second; nil if not known.
        public var rateOut: Double?
        /// Messages that came in since the broker counts; nil if not known.
        public var received: Int64?

        /// Creates a queue.
        public init(
            _ queue: RoutingModel.Queue, type: Name? = nil, messages: Int64? = nil, consumers: Int? = nil,
            rateIn: Double? = nil, rateOut: Double? = nil, received: Int64? = nil
        ) {
            self.received = received
            self.queue = queue
            self.type = type
            self.messages = messages
            self.consumers = consumers
            self.rateIn = rateIn
            self.rateOut = rateOut
        }
    }

    /// From an exchange to a queue.
    public struct Arrow: Sendable, Hashable {
        /// The exchange.
        public var exchange: Name
        /// The queue.
        public var queue: Name

        /// Creates an arrow.
        public init(exchange: Name, queue: Name) {
            self.exchange = exchange
            self.queue = queue
        }
    }

    /// The virtual host.
    public let vhost: Name
    /// The exchanges, by name, with the default exchange if it is known.
    public let exchanges: [ExchangeNode]
    /// The queues, by name.
    public let queues: [QueueNode]
    /// The bindings, by source, destination and key, without those of the default exchange.
    public let bindings: [RoutingModel.Binding]
    /// Messages a second from exchanges to queues, as far as the broker tells.
    public let rates: [Arrow: Double]
    /// Whether all queues are known, so that one that is only named does not exist.
    public let hasAllQueues: Bool
    /// What is not known, in words.
    public let gaps: [String]

    /// Creates a topology; everything is put in order.
    public init(
        vhost: Name, exchanges: [ExchangeNode], queues: [QueueNode], bindings: [RoutingModel.Binding],
        rates: [Arrow: Double] = [:], hasAllQueues: Bool = true, gaps: [String] = []
    ) {
        self.vhost = vhost
        self.exchanges = exchanges.sorted { $0.exchange.name < $1.exchange.name }
        self.queues = queues.sorted { $0.queue.name < $1.queue.name }
        self.bindings = bindings.filter { !$0.source.isEmpty }.sorted()
        self.rates = rates
        self.hasAllQueues = hasAllQueues
        self.gaps = gaps
    }

    /// An exchange or a queue.
    public enum Node: Sendable, Hashable, Comparable {
        /// An exchange, by its name.
        case exchange(Name)
        /// A queue, by its name.
        case queue(Name)
    }
}
