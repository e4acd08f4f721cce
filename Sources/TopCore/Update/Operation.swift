public import Faults
public import Names

/// Names one running operation: progress, result and cancellation refer to it.
public struct OperationID: Hashable, Sendable, Comparable {
    public var number: UInt64

    public init(_ number: UInt64) {
        self.number = number
    }

    public static func < (left: Self, right: Self) -> Bool { left.number < right.number }
}

/// What `update` wants done outside: the only way out of the state.
public enum Action: Sendable, Equatable {
    /// Poll for this from now on.
    case watch(Interest)
    /// Do this beside whatever else runs; news of it comes back as `Event.operation`.
    case start(OperationID, Operation)
    case cancel(OperationID)
    case quit
}

/// Something that a key does on the broker.
public enum Operation: Sendable, Equatable {
    case publish(PublishRequest)
    case consume(ConsumeRequest)
    case closeChannel(ChannelID, CloseChannelMethod)
    /// Closes a channel of this process that is named by the client library's own numbers.
    case closeClientChannel(ClientRowID, CloseChannelMethod)
    case closeConnection(Name, reason: String)
    case purge(EntityID)
    case deleteQueue(EntityID)
    case deleteExchange(EntityID)
    case peek(EntityID, count: Int, from: PeekStart = .first)
    case injectFault(Fault)
    /// Undoes the fault of this number.
    case undoFault(UInt64)
    /// Undoes all that are in force.
    case undoFaults
    /// Runs an experiment of the lab, on a private broker of its own.
    case runLab(LabOrder)
    case write(WriteRequest)

    /// Whether it has nothing to do with the broker that is watched: the lab's brokers are its own.
    public var leavesTheBroker: Bool {
        switch self {
        case .runLab, .write: true
        default: false
        }
    }

    /// Whether it takes something away from someone: such an operation is asked about first.
    public var isDestructive: Bool {
        switch self {
        case .publish, .consume, .peek, .undoFault, .undoFaults, .runLab, .write: false
        case .injectFault(let fault): FaultCatalogue[fault.name]?.isDestructive ?? false
        case .closeChannel, .closeClientChannel, .closeConnection, .purge, .deleteQueue, .deleteExchange: true
        }
    }
}

/// How a channel is brought to its end.
public enum CloseChannelMethod: String, Sendable, CaseIterable {
    /// `channel.close` by our own client: only for channels of this process.
    case polite
    /// The broker raises 404 NOT_FOUND on it.
    case notFound
    /// The broker raises 406 PRECONDITION_FAILED on it.
    case preconditionFailed
}

public struct PublishRequest: Sendable, Equatable {
    public var vhost: Name
    public var exchange: Name
    public var routingKey: Name
    /// How many messages; `nil` with a rate goes on until Esc.
    public var count: Int?
    /// Messages per second; `nil` for as fast as the broker confirms.
    public var rate: Double?
    public var body: Body
    public var persistent = false
    /// Per-message TTL in milliseconds.
    public var expiration: Int?
    public var mandatory = true
    public var headers: [(name: Name, value: String)] = []

    public enum Body: Sendable, Equatable {
        case text(String)
        case bytes([UInt8])
        /// This many bytes, made up.
        case size(Int)
    }

    public init(
        vhost: some NameConvertible, exchange: some NameConvertible, routingKey: some NameConvertible, count: Int?,
        rate: Double? = nil, body: Body
    ) {
        self.vhost = vhost.asName
        self.exchange = exchange.asName
        self.routingKey = routingKey.asName
        self.count = count
        self.rate = rate
        self.body = body
    }

    public static func == (left: Self, right: Self) -> Bool {
        left.vhost == right.vhost && left.exchange == right.exchange && left.routingKey == right.routingKey
            && left.count == right.count && left.rate == right.rate && left.body == right.body
            && left.persistent == right.persistent && left.expiration == right.expiration
            && left.mandatory == right.mandatory
            && left.headers.elementsEqual(right.headers) {
                $0.name == $1.name && $0.value.hasSameBytes(as: $1.value)
            }
    }
}

public struct ConsumeRequest: Sendable, Equatable {
    public var queue: EntityID
    /// Messages delivered and not yet acknowledged, at most; 0 for no limit.
    public var prefetch: Int
    public var acknowledge: Acknowledge
    /// Pause after each message before it is acknowledged, in milliseconds: a slow consumer.
    public var delay: Int

    public enum Acknowledge: String, Sendable, CaseIterable {
        /// After each message.
        case manual
        /// The broker takes a delivery for an acknowledgement.
        case automatic
        /// Never: messages pile up unacked until the consumer ends, and go back then.
        case never
        /// Each message goes back to the queue.
        case requeue
        /// Each message is rejected: dropped or dead-lettered.
        case reject
    }

    public init(queue: EntityID, prefetch: Int, acknowledge: Acknowledge, delay: Int = 0) {
        self.queue = queue
        self.prefetch = prefetch
        self.acknowledge = acknowledge
        self.delay = delay
    }
}

/// Which messages of a stream are looked at; of a queue it is those at its head.
public enum PeekStart: String, Sendable, CaseIterable {
    case first, last
}

/// A message that was looked at and put back.
public struct PeekedMessage: Sendable, Equatable {
    public var exchange: Name
    public var routingKey: Name
    public var redelivered: Bool
    /// How often it was delivered before, where the broker counts (`x-delivery-count`).
    public var deliveryCount: Int?
    public var properties: [DetailField]
    public var headers: [DetailField]
    public var body: [UInt8]
    /// Length of the body on the broker; larger than `body.count` when it was cut.
    public var bodySize: Int

    public init(
        exchange: Name, routingKey: Name, redelivered: Bool, deliveryCount: Int?, properties: [DetailField],
        headers: [DetailField], body: [UInt8], bodySize: Int
    ) {
        self.exchange = exchange
        self.routingKey = routingKey
        self.redelivered = redelivered
        self.deliveryCount = deliveryCount
        self.properties = properties
        self.headers = headers
        self.body = body
        self.bodySize = bodySize
    }
}

/// Why an operation failed, as far as a script has to tell it apart.
public enum FailureKind: Sendable, Equatable {
    /// The broker was not reached.
    case unreachable
    /// User, password, virtual host or permission: the broker was reached, and refused.
    case notPermitted
    case other
}

/// News of an operation that runs, or its end.
public enum OperationReport: Sendable, Equatable {
    /// In words, and as a fraction of the whole where there is one.
    case progress(String, fraction: Double?)
    case finished(String)
    case failed(String, advice: String?, kind: FailureKind = .other)
    /// A fault could not be injected or undone; its record of this number tells of it, too.
    case faultFailed(String, advice: String?, record: UInt64)
    case cancelled(String)
    case peeked(EntityID, [PeekedMessage], note: String?)
    /// It cannot be done on this channel, and why; its connection could be closed instead.
    case offersConnection(ChannelID, why: String)
}
