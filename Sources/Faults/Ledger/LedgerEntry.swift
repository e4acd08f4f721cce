public import Foundation
import Names

/// One error, closure or other piece of news about a connection or channel of any client: a row of the Events view.
///
/// What a source does not tell stays `nil`; an entry joined from several sources names the one that said the most.
public struct LedgerEntry: Sendable, Hashable, Identifiable {
    /// Grows by one with each entry of a ledger; 0 until a ledger has taken the entry in.
    public var id: UInt64 = 0
    /// When it happened, by the source's own clock where it has one.
    public var at: Date
    public var kind: Kind
    /// Whether a channel or a whole connection is concerned.
    public var scope: Scope
    /// The connection's name as RabbitMQ shows it: `127.0.0.1:50640 -> 127.0.0.1:5672`.
    @ByBytes public var connection: String?
    /// The name the client gave itself (`connection_name` of its client properties).
    @ByBytes public var clientName: String?
    @ByBytes public var user: String?
    @ByBytes public var vhost: String?
    /// The client's address and port.
    @ByBytes public var peer: String?
    public var channel: Int?
    @ByBytes public var queue: String?
    /// The AMQP reply code, 404 for example.
    public var code: Int?
    /// The AMQP name of the reply code, `NOT_FOUND` for example.
    public var codeName: String?
    /// What was said, with control characters still in it: escape it before it goes to a terminal.
    @ByBytes public var text: String
    /// Class and method that caused it, `queue` and `declare` for example.
    public var methodClass: String?
    public var method: String?
    public var source: Source
    /// The fault of ours that caused it, where one did, as `FaultRecord.label` has it; for a fault's own entries itself.
    public var fault: String?
    /// Whose it is: the client's own name, else `user@host`. What a recovery is measured for.
    @ByBytes public var application: String?
    /// How long it took, for a recovery: from the fault until the application did again what it did before.
    public var seconds: Double?
    /// Messages that came again after the fault, for a recovery.
    public var redelivered: Int?
    /// Channels that were opened since the fault, for a recovery.
    public var channelsReopened: Int?
    /// How bad it is, where that is not its kind's own: a finding's, or of a fault that could not be undone.
    public var severity: Finding.Severity?
    /// How many times the same thing was reported, when entries were folded into one.
    public var count: Int = 1

    public enum Kind: String, Sendable, Codable, CaseIterable {
        /// A channel or connection ended by an AMQP error.
        case error
        /// A channel or connection ended without an error, or by an operator.
        case closed
        case opened
        /// A message came back to its publisher.
        case returned
        /// The broker cancelled a consumer.
        case cancelled
        case blocked
        case unblocked
        case alarm
        case authentication
        /// A key of ours that acted, and what came of it.
        case action
        /// A source appeared, disappeared or lost entries.
        case source
        /// A fault of ours that was injected or undone.
        case fault
        /// An application does again what it did before a fault.
        case recovered
        /// A diagnosis that has become true, or is no longer.
        case finding
    }

    public enum Scope: String, Sendable, Codable, CaseIterable {
        case channel
        case connection
        case queue
        case node
        case cluster
    }

    public enum Source: String, Sendable, Codable, CaseIterable {
        /// A connection or channel of this process.
        case client
        /// The broker's log exchange, `amq.rabbitmq.log`.
        case logExchange = "log exchange"
        /// The event exchange, `amq.rabbitmq.event`.
        case eventExchange = "event exchange"
        case logFile = "log file"
        /// What passes through our own proxy.
        case proxy
        /// rabbittop itself.
        case rabbittop
    }

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

    /// Who it is about.
    public var clientIdentity: ClientIdentity {
        ClientIdentity(
            connection: connection, clientName: clientName, user: user, vhost: vhost, peer: peer, channel: channel,
            queue: queue)
    }
}
