import AMQPWire

/// Who speaks in a session, as the handshake told it. What was not said is nil.
public struct SessionIdentity: Sendable, Hashable {
    /// `connection_name` of the client properties.
    public var clientName: String?
    public var product: String?
    public var platform: String?
    public var version: String?
    public var user: String?
    public var virtualHost: String?
    /// `PLAIN`, `EXTERNAL` and so on.
    public var mechanism: String?
    /// What was agreed on, in seconds.
    public var heartbeat: UInt16?
    public var channelMax: UInt16?
    /// Bytes.
    public var frameMax: UInt32?

    /// Whether it asked to be told of `connection.blocked`.
    var hearsBlocked = false

    public init() {}

    mutating func take(_ start: ConnectionStartOk) {
        mechanism = start.mechanism
        clientName = start.clientProperties["connection_name"]?.text
        product = start.clientProperties["product"]?.text
        platform = start.clientProperties["platform"]?.text
        version = start.clientProperties["version"]?.text
        user = Self.user(start)
        if case .table(let capabilities)? = start.clientProperties["capabilities"] {
            hearsBlocked = capabilities["connection.blocked"] == .bool(true)
        }
    }

    /// PLAIN is `authorization NUL user NUL password` (RFC 4616); AMQPLAIN a table's inside with LOGIN.
    private static func user(_ start: ConnectionStartOk) -> String? {
        switch start.mechanism {
        case "PLAIN":
            let parts = start.response.split(separator: 0, maxSplits: 2, omittingEmptySubsequences: false)
            return parts.count == 3 ? String(decoding: parts[1], as: UTF8.self) : nil
        case "AMQPLAIN":
            return (try? FieldTable(entries: start.response))?["LOGIN"]?.text
        default: return nil
        }
    }
}

extension FieldValue {
    var text: String? { if case .string(let text) = self { text } else { nil } }
}
