public import Foundation
import Names

/// One error, closure or other event of a connection or channel of any client: a row of the Events view.
///
/// What a source does not report is `nil`; an entry merged from several sources names the one that reported the most.
public struct LedgerEntry: Sendable, Hashable, Identifiable {
    /// The number of the entry, increasing by one within a ledger; 0 until a ledger has recorded the entry.
    public var id: UInt64 = 0
    /// When it happened, by the source's clock if it has one.
    public var at: Date
    /// The kind of event.
    public var kind: Kind
    /// The object that the entry is about.
    public var scope: Scope
    /// The connection's name as RabbitMQ shows it: `127.0.0.1:50640 -> 127.0.0.1:5672`.
    @ByBytes public var connection: String?
    /// The client-provided name (`connection_name` of the client properties).
    @ByBytes public var clientName: String?
    /// The user of the connection.
    @ByBytes public var user: String?
    /// The vhost of the connection.
    @ByBytes public var vhost: String?
    /// The client's address and port.
    @ByBytes public var peer: String?
    /// The channel number.
    public var channel: Int?
    /// The queue that the entry is about.
    @ByBytes public var queue: String?
    /// The AMQP reply code, for example 404.
    public var code: Int?
    /// The AMQP name of the reply code, for example `NOT_FOUND`.
    public var codeName: String?
    /// The message, which may contain control characters: escape it before writing it to a terminal.
    @ByBytes public var text: String
    /// The AMQP class of the method that caused it, for example `queue`.
    public var methodClass: String?
    /// The AMQP method that caused it, for example `declare`.
    public var method: String?
    /// The source that reported the event.
    public var source: Source
    /// The fault that caused it, as in `FaultRecord.label`; for a fault's own entries the fault itself.
    public var fault: String?
    /// The application: the client-provided name, otherwise `user@host`. Recoveries are measured for it.
    @ByBytes public var application: String?
    /// The duration of a recovery, in seconds: from the fault until the application resumed its earlier activity.
    public var seconds: Double?
    /// The number of messages redelivered after the fault, for a recovery.
    public var redelivered: Int?
    /// The number of channels opened since the fault, for a recovery.
    public var channelsReopened: Int?
    /// The severity, when it does not follow from the kind: of a finding, or of a fault that could not be undone.
    public var severity: Finding.Severity?
    /// How often the same event was reported, when entries were merged into one.
    public var count: Int = 1

    /// The kind of event.
    public enum Kind: String, Sendable, Codable, CaseIterable {
        /// A channel or connection ended by an AMQP error.
        case error
        /// A channel or connection ended without an error, or by an operator.
        case closed
        /// A channel or connection was opened.
        case opened
        /// A message was returned to its publisher.
        case returned
        /// The broker cancelled a consumer.
        case cancelled
        /// The broker blocked a connection.
        case blocked
        /// The broker unblocked a connection.
        case unblocked
        /// An alarm of a node was raised or cleared.
        case alarm
        /// The authentication of a client failed.
        case authentication
        /// An operation started by a key, and its result.
        case action
        /// A source appeared, disappeared or lost entries.
        case source
        /// A fault was injected or undone.
        case fault
        /// An application resumed its activity after a fault.
        case recovered
        /// A finding of the diagnosis started or ended.
        case finding
    }

    /// The object that an entry is about.
    public enum Scope: String, Sendable, Codable, CaseIterable {
        case channel
        case connection
        case queue
        case node
        case cluster
    }

    /// The source of an entry.
    public enum Source: String, Sendable, Codable, CaseIterable {
        /// A connection or channel of this process.
        case client
        /// The broker's log exchange, `amq.rabbitmq.log`.
        case logExchange = "log exchange"
        /// The event exchange, `amq.rabbitmq.event`.
        case eventExchange = "event exchange"
        /// The broker's log file.
        case logFile = "log file"
        /// The traffic through rabbittop's own proxy.
        case proxy
        /// rabbittop itself.
        case rabbittop
    }

    /// Creates an entry; what is not given is unknown.
    public init(
        at: Date, kind: Kind, scope: Scope, connection: String? = nil, clientName: String? = nil, user: String? = nil,
        vhost: String? = nil, peer: String? = nil, channel: Int? = nil, queue: String? = nil, code: Int? = nil,
        codeName: String? = nil, text: String, methodClass: String? = nil, method: String? = nil, source: Source,
        fault: String? = nil, severity: Finding.Severity? = nil
    ) {
        self.at = at
        self.kind = kind
        self.scope = scope
        self.connection = connection
        self.clientName = clientName
        self.user = user
        self.vhost = vhost
        self.peer = peer
        self.channel = channel
        self.queue = queue
        self.code = code
        self.codeName = codeName
        self.text = text
        self.methodClass = methodClass
        self.method = method
        self.source = source
        self.fault = fault
        self.severity = severity
    }

    /// The client that the entry is about.
    public var clientIdentity: ClientIdentity {
        ClientIdentity(
            connection: connection, clientName: clientName, user: user, vhost: vhost, peer: peer, channel: channel,
            queue: queue)
    }
}
