import AMQPWire
import Faults
import Names

/// The client of a session as identified in the handshake. Values that were not sent are nil.
public struct SessionIdentity: Sendable, Hashable {
    /// The client property `connection_name`.
    public var clientName: Name?
    /// The client property `product`.
    public var product: Name?
    /// The client property `platform`.
    public var platform: Name?
    /// The client property `version`.
    public var version: Name?
    /// The user that logged in.
    public var user: Name?
    /// The virtual host that was opened.
    public var virtualHost: Name?
    /// The SASL mechanism: `PLAIN`, `EXTERNAL` and so on.
    public var mechanism: String?
    /// The negotiated heartbeat interval, in seconds.
    public var heartbeat: UInt16?
    /// The negotiated highest channel number; 0 for no limit.
    public var channelMax: UInt16?
    /// The negotiated frame size, in bytes.
    public var frameMax: UInt32?

    /// The highest channel number; the negotiated value 0 means no limit.
    var channelLimit: UInt16 { channelMax.flatMap { $0 == 0 ? nil : $0 } ?? .max }

    /// Whether the client declared the capability `connection.blocked`.
    var hearsBlocked = false

    /// Creates an identity without any values.
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

    /// Shortens a name, because a client can use any name before it is authenticated.
    private static func name(_ name: Name?) -> Name? {
        guard let name, name.count > String.longestName else { return name }
        return name.isText
            ? Name(name.text.shortened(to: String.longestName)) : Name(bytes: name.bytes.prefix(String.longestName))
    }

    /// Returns the user. PLAIN is `authorization NUL user NUL password` (RFC 4616); AMQPLAIN is the content of a table
    /// with LOGIN.
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
