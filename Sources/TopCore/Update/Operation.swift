public import Faults
public import Names

/// Identifies a running operation in progress reports, results and cancellation.
public struct OperationID: Hashable, Sendable, Comparable {
    /// The operation's number, increasing in the order of start.
    public var number: UInt64

    /// Creates an identity from its number.
    public init(_ number: UInt64) {
        self.number = number
    }

    public static func < (left: Self, right: Self) -> Bool { left.number < right.number }
}

/// A side effect that `update` requests. State has no other way to act on the outside.
public enum Action: Sendable, Equatable {
    /// Poll for this interest from now on.
    case watch(Interest)
    /// Start this operation concurrently with others; its reports arrive as `Event.operation`.
    case start(OperationID, Operation)
    /// Cancel this operation.
    case cancel(OperationID)
    /// Look up a time in the history; the answer arrives as `Event.moment`.
    case seek(SeekTarget)
    /// Look up figures over time in the history; the answer arrives as `Event.curves`.
    case curves([CurveRequest])
    /// Record to this file from now on, beginning with what the history holds; `nil` ends the recording. The result
    /// arrives as `Event.recording`.
    case record(String?)
    /// Put this on the clipboard, by way of the terminal.
    case copy([UInt8])
    /// Ask the clusters of the configuration how they are from now on, or no longer; the answers arrive as
    /// `Event.clusters`.
    case watchClusters(Bool)
    /// Find out whether this cluster of the configuration can be shown; the answer arrives as `Event.clusterChange`.
    case switchCluster(Name)
    /// Show this cluster, which can be shown, in place of the broker that is shown.
    case enterCluster(Name)
    /// End the program.
    case quit
}

/// An operation that a key starts.
public enum Operation: Sendable, Equatable {
    /// Publishes messages.
    case publish(PublishRequest)
    /// Consumes from a queue.
    case consume(ConsumeRequest)
    /// Closes a channel.
    case closeChannel(ChannelID, CloseChannelMethod)
    /// Closes a channel of this process, identified by the client library's own numbers.
    case closeClientChannel(ClientRowID, CloseChannelMethod)
    /// Closes a connection with a reason.
    case closeConnection(Name, reason: String)
    /// Purges a queue.
    case purge(EntityID)
    /// Deletes a queue.
    case deleteQueue(EntityID)
    /// Deletes an exchange.
    case deleteExchange(EntityID)
    /// Changes what is configured on the broker.
    case change(ConfigurationChange)
    /// Looks at messages of a queue, or does something with them.
    case messages(MessageOperation)
    /// Carries out operations on several rows, one after the other.
    case batch(OperationBatch)
    /// Injects a fault.
    case injectFault(Fault)
    /// Undoes the fault of this number.
    case undoFault(UInt64)
    /// Undoes all faults in force.
    case undoFaults
    /// Runs an experiment on a private broker.
    case runLab(LabOrder)
    /// Writes a view or a page to a file.
    case write(WriteRequest)
    /// Saves what is arranged on the screen.
    case saveScreen(SaveRequest)

    /// Whether the operation does not affect the watched broker: experiments run on private brokers.
    public var leavesTheBroker: Bool {
        switch self {
        case .runLab, .write, .saveScreen: true
        default: false
        }
    }

    /// Whether the operation is destructive: such an operation requires confirmation first.
    public var isDestructive: Bool {
        switch self {
        case .publish, .consume, .undoFault, .undoFaults, .runLab, .write, .saveScreen: false
        case .messages(let operation): operation.isDestructive
        case .injectFault(let fault): FaultCatalogue[fault.name]?.isDestructive ?? false
        case .batch(let batch): batch.items.contains { $0.operation.isDestructive }
        case .change(let change): change.isDestructive
        case .closeChannel, .closeClientChannel, .closeConnection, .purge, .deleteQueue, .deleteExchange: true
        }
    }
}

/// The method of closing a channel.
public enum CloseChannelMethod: String, Sendable, CaseIterable {
    /// `channel.close` by rabbittop's own client: only for channels of this process.
    case polite
    /// The broker raises 404 NOT_FOUND on the channel.
    case notFound
    /// The broker raises 406 PRECONDITION_FAILED on the channel.
    case preconditionFailed
}

/// The messages to publish, and where to.
public struct PublishRequest: Sendable, Equatable {
    /// The vhost to publish in.
    public var vhost: Name
    /// The exchange to publish to; empty for the default exchange.
    public var exchange: Name
    /// The routing key of the messages.
    public var routingKey: Name
    /// The number of messages; `nil` with a rate publishes until Esc.
    public var count: Int?
    /// Messages per second; `nil` publishes as fast as the broker confirms.
    public var rate: Double?
    /// The body of each message.
    public var body: Body
    /// Whether the messages are persistent.
    public var persistent = false
    /// The per-message TTL in milliseconds.
    public var expiration: Int?
    /// Whether unroutable messages are returned.
    public var mandatory = true
    /// The headers of each message.
    public var headers: [(name: Name, value: String)] = []
    /// Headers with other types than text.
    public var typedHeaders: [(name: Name, value: TypedHeaderValue)] = []
    /// Properties of each message, by their names: `content_type`. Those that are not valid are left out.
    public var properties: [(name: String, value: String)] = []

    /// The body of each message.
    public enum Body: Sendable, Equatable {
        case text(String)
        case bytes([UInt8])
        /// Generated content of this many bytes.
        case size(Int)
    }

    /// Creates a request.
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
            } && left.typedHeaders.elementsEqual(right.typedHeaders) { $0.name == $1.name && $0.value == $1.value }
            && left.properties.elementsEqual(right.properties) {
                $0.name.hasSameBytes(as: $1.name) && $0.value.hasSameBytes(as: $1.value)
            }
    }
}

/// The queue to consume from, and how.
public struct ConsumeRequest: Sendable, Equatable {
    /// The queue to consume from.
    public var queue: EntityID
    /// The maximum number of unacknowledged deliveries; 0 for no limit.
    public var prefetch: Int
    /// What to do with each delivery.
    public var acknowledge: Acknowledge
    /// The pause after each message before it is acknowledged, in milliseconds, to simulate a slow consumer.
    public var delay: Int

    /// What the consumer does with each delivery.
    public enum Acknowledge: String, Sendable, CaseIterable {
        /// Acknowledge each message.
        case manual
        /// The broker considers a message acknowledged as soon as it is delivered.
        case automatic
        /// Never acknowledge: messages stay unacked until the consumer ends, and are then requeued.
        case never
        /// Requeue each message.
        case requeue
        /// Reject each message: it is dropped or dead-lettered.
        case reject
    }

    /// Creates a request.
    public init(queue: EntityID, prefetch: Int, acknowledge: Acknowledge, delay: Int = 0) {
        self.queue = queue
        self.prefetch = prefetch
        self.acknowledge = acknowledge
        self.delay = delay
    }
}

/// The reason that an operation failed, as far as scripts need to distinguish it.
public enum FailureKind: Sendable, Equatable {
    /// The broker could not be reached.
    case unreachable
    /// The broker was reached and refused the user, password, virtual host or permission.
    case notPermitted
    /// Any other reason.
    case other
}

/// The progress of a running operation, or its end.
public enum OperationReport: Sendable, Equatable {
    /// The progress as text, and as a fraction of the whole where it is known.
    case progress(String, fraction: Double?)
    /// The operation succeeded, with its result in words.
    case finished(String)
    /// The operation failed, with what to do about it.
    case failed(String, advice: String?, kind: FailureKind = .other)
    /// A fault could not be injected or undone; the fault record of this number contains the failure, too.
    case faultFailed(String, advice: String?, record: UInt64)
    /// The operation was cancelled; the text says what happened.
    case cancelled(String)
    /// What an operation on messages found or did.
    case messages(MessageReport)
    /// The operations of a batch ended, or it was stopped.
    case batchEnded(BatchResult)
    /// The operation cannot be done on this channel, and why; its connection could be closed instead.
    case offersConnection(ChannelID, why: String)
}
