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

/// The entry as JSON, with the column names of the Events view; unknown values are null.
extension LedgerEntry: Encodable {
    private enum CodingKeys: String, CodingKey {
        case id, at, kind, scope, connection, user, vhost, peer, channel, queue, code, text, method, source, fault
        case application, seconds, redelivered, severity, count
        case clientName = "client_name"
        case codeName = "code_name"
        case methodClass = "class"
        case channelsReopened = "channels_reopened"
    }

    public func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(id, forKey: .id)
        try values.encode(Self.time(at), forKey: .at)
        try values.encode(kind, forKey: .kind)
        try values.encode(scope, forKey: .scope)
        try values.encode(connection, forKey: .connection)
        try values.encode(clientName, forKey: .clientName)
        try values.encode(user, forKey: .user)
        try values.encode(vhost, forKey: .vhost)
        try values.encode(peer, forKey: .peer)
        try values.encode(channel, forKey: .channel)
        try values.encode(queue, forKey: .queue)
        try values.encode(code, forKey: .code)
        try values.encode(codeName, forKey: .codeName)
        try values.encode(text, forKey: .text)
        try values.encode(methodClass, forKey: .methodClass)
        try values.encode(method, forKey: .method)
        try values.encode(source, forKey: .source)
        try values.encode(fault, forKey: .fault)
        try values.encode(application, forKey: .application)
        try values.encode(seconds, forKey: .seconds)
        try values.encode(redelivered, forKey: .redelivered)
        try values.encode(channelsReopened, forKey: .channelsReopened)
        try values.encode(severity?.rawValue, forKey: .severity)
        try values.encode(count, forKey: .count)
    }

    /// Formats a time as RFC 3339 in UTC, with milliseconds.
    public static func time(_ date: Date) -> String {
        date.formatted(
            .iso8601.year().month().day().time(includingFractionalSeconds: true).timeZone(separator: .omitted))
    }
}

extension LedgerEntry {
    /// The text without the kind, scope, code and code name that it starts with, for views that show those before the
    /// text.
    public var remark: String {
        var rest = Substring(text)
        let names = [code.map(String.init), codeName].compactMap(\.self)
        // `404 NOT_FOUND - no queue`: number and name at the beginning, in either order.
        for _ in names { for name in names { rest = Self.strip(name, from: rest) } }
        switch kind {
        case .opened, .closed, .blocked, .unblocked, .returned, .cancelled, .recovered:
            let whole = Self.strip("\(scope.rawValue) \(kind.rawValue)", from: rest)
            rest = whole.utf8.count < rest.utf8.count ? whole : Self.strip(kind.rawValue, from: rest)
        case .error, .alarm, .authentication, .action, .source, .fault, .finding: break
        }
        return String(rest)
    }

    /// The remark; if it is empty, the known user and vhost.
    public var summary: String {
        let remark = remark
        guard remark.isEmpty else { return remark }
        return [user.map { "user \($0)" }, vhost.map { "vhost \($0)" }].compactMap(\.self).joined(separator: ", ")
    }

    /// Removes a word at the beginning and the punctuation after it; a longer word with the same beginning stays.
    private static func strip(_ word: String, from text: Substring) -> Substring {
        guard !word.isEmpty, text.utf8.starts(with: word.utf8) else { return text }
        let rest = text[text.utf8.index(text.startIndex, offsetBy: word.utf8.count)...]
        if rest.utf8.isEmpty { return rest }
        for mark in [" - ", ": ", ", ", " "] where rest.utf8.starts(with: mark.utf8) {
            return rest[rest.utf8.index(rest.startIndex, offsetBy: mark.utf8.count)...]
        }
        return text
    }
}

extension LedgerEntry {
    /// The longest text that is kept, in bytes.
    public static let longestText = 8_192

    /// The approximate size in memory, in bytes.
    public var byteCount: Int {
        let texts = [
            connection, clientName, user, vhost, peer, queue, codeName, text, methodClass, method, fault, application,
        ]
        return texts.reduce(512) { $0 + ($1?.utf8.count ?? 0) }
    }

    /// Truncates values from outside that are too long, and appends how many bytes are missing.
    public mutating func shorten() {
        func shorten(_ name: inout String?) {
            if let long = name, long.utf8.count > String.longestName {
                name = long.shortened(to: String.longestName)
            }
        }
        text = text.shortened(to: Self.longestText)
        shorten(&connection)
        shorten(&clientName)
        shorten(&user)
        shorten(&vhost)
        shorten(&peer)
        shorten(&queue)
        shorten(&codeName)
        shorten(&methodClass)
        shorten(&method)
        shorten(&fault)
        shorten(&application)
    }
}
