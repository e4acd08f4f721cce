import AMQPWire
import Faults
import Names

/// Who speaks in a session, as the handshake told it. What was not said is nil.
public struct SessionIdentity: Sendable, Hashable {
    /// `connection_name` of the client properties.
    public var clientName: Name?
    public var product: Name?
    public var platform: Name?
    public var version: Name?
    public var user: Name?
    public var virtualHost: Name?
    /// `PLAIN`, `EXTERNAL` and so on.
    public var mechanism: String?
    /// What was agreed on, in seconds.
    public var heartbeat: UInt16?
    public var channelMax: UInt16?
    /// Bytes.
    public var frameMax: UInt32?

    /// The highest number of a channel; 0 was agreed on for no limit.
    var channelLimit: UInt16 { channelMax.flatMap { $0 == 0 ? nil : $0 } ?? .max }

    /// Whether it asked to be told of `connection.blocked`.
    var hearsBlocked = false

    public init() {}

    mutating func take(_ start: ConnectionStartOk) {
        mechanism = start.mechanism.shortened(to: String.longestName)
        clientName = Self.name(start.clientProperties["connection_name"]?.nameValue)
        product = Self.name(start.clientProperties["product"]?.nameValue)
        platform = Self.name(start.clientProperties["platform"]?.nameValue)
        version = Self.name(start.clientProperties["version"]?.nameValue)
        user = Self.name(Self.user(start))
        if case .table(let capabilities)? = start.clientProperties["capabilities"] {
            hearsBlocked = capabilities["connection.blocked"] == .bool(true)
        }
    }

    /// A client may call itself anything, before anybody has asked for its password.
    private static func name(_ name: Name?) -> Name? {
        guard let name, name.count > String.longestName else { return name }
        return name.isText
            ? Name(name.text.shortened(to: String.longestName)) : Name(bytes: name.bytes.prefix(String.longestName))
    }

    /// PLAIN is `authorization NUL user NUL password` (RFC 4616); AMQPLAIN a table's inside with LOGIN.
    private static func user(_ start: ConnectionStartOk) -> Name? {
        switch start.mechanism {
        case "PLAIN":
            let parts = start.response.split(separator: 0, maxSplits: 2, omittingEmptySubsequences: false)
            return parts.count == 3 ? Name(bytes: parts[1]) : nil
        case "AMQPLAIN":
            return (try? FieldTable(entries: start.response))?["LOGIN"]?.nameValue
        default: return nil
        }
    }
}
