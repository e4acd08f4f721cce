public import Foundation
public import Names

/// A connection of any client.
public struct ConnectionRow: Sendable, Equatable, Identifiable, Codable {
    /// The connection's name as RabbitMQ shows it.
    public var name: Name
    /// The client-provided name of the connection.
    public var clientName: Name?
    /// The user of the connection.
    public var user: Name?
    /// The vhost of the connection.
    public var vhost: Name?
    /// The state as RabbitMQ names it.
    public var state: String?
    /// The client's address and port.
    public var peer: String?
    /// The number of channels.
    public var channels: Int?
    /// The negotiated heartbeat in seconds, 0 for none.
    public var heartbeat: Int?
    /// Bytes per second that the broker receives.
    public var receiveRate: Double?
    /// Bytes per second that the broker sends.
    public var sendRate: Double?
    /// The protocol and its version.
    public var protocolName: String?
    /// The node that it is on.
    public var node: Name?
    /// When the connection was opened.
    public var connectedAt: Date?
    /// The number of the proxy session that the connection passes through; `nil` when it does not, or when that is not
    /// known.
    public var proxySession: UInt64?

    public var id: Name { name }

    /// Creates a row; everything else is unknown.
    public init(name: Name) {
        self.name = name
    }
}

/// The columns of the Connections view, in their order. The raw values are the names for scripts.
public enum ConnectionColumn: String, ColumnKey {
    case name
    case clientName = "client_name"
    case user, vhost, state, peer, channels, heartbeat
    case receiveRate = "recv_rate"
    case sendRate = "send_rate"
    case protocolName = "protocol"
    case node
    case connectedAt = "connected_at"
    case proxySession = "proxy_session"
}

extension ConnectionRow: TableRow {
    public static func column(_ key: ConnectionColumn) -> Column<Self> {
        switch key {
        case .name:
            Column(
                key, "CONNECTION", .text, width: 22, maximumWidth: 48, priority: 2, style: .connectionName,
                broker: "name", help: "the broker's name for it, `10.0.0.4:50640 -> 10.0.0.2:5672`"
            ) { row, _ in Value(row.name) }
        case .clientName:
            Column(
                key, "CLIENT NAME", .text, width: 12, maximumWidth: 40, priority: 0, style: .name,
                broker: "client_properties.connection_name",
                help: "name that the client gave itself (`connection_name`)"
            ) { row, _ in Value(row.clientName) }
        case .user:
            Column(key, "USER", .text, width: 8, maximumWidth: 20, priority: 3, broker: "user", help: "user") {
                row, _ in Value(row.user)
            }
        case .vhost:
            Column(
                key, "VHOST", .text, width: 6, maximumWidth: 20, priority: 5, style: .vhost, broker: "vhost",
                help: "virtual host"
            ) { row, _ in Value(row.vhost) }
        case .state:
            Column(
                key, "STATE", .text, width: 8, priority: 1, style: .state, broker: "state",
                help: "`running`, `blocked`, `blocking`, `flow` …"
            ) { row, _ in Value(row.state) }
        case .peer:
            Column(
                key, "PEER", .text, width: 15, maximumWidth: 24, priority: 8, broker: "peer_host",
                help: "address and port of the client"
            ) { row, _ in Value(row.peer) }
        case .channels:
            Column(key, "CHANS", .count, width: 5, priority: 1, broker: "channels", help: "open channels") { row, _ in
                Value(row.channels)
            }
        case .heartbeat:
            Column(
                key, "HB", .count, width: 4, priority: 6, style: .quiet, broker: "timeout",
                help: "negotiated heartbeat in seconds; 0 is none"
            ) { row, _ in Value(row.heartbeat) }
        case .receiveRate:
            Column(
                key, "RECV", .bytesPerSecond, width: 10, priority: 4, broker: "recv_oct_details.rate",
                help: "bytes per second that the broker receives"
            ) { row, _ in Value(row.receiveRate) }
        case .sendRate:
            Column(
                key, "SENT", .bytesPerSecond, width: 10, priority: 4, broker: "send_oct_details.rate",
                help: "bytes per second that the broker sends"
            ) { row, _ in Value(row.sendRate) }
        case .protocolName:
            Column(
                key, "PROTOCOL", .text, width: 10, maximumWidth: 12, priority: 10, broker: "protocol",
                help: "protocol and version"
            ) { row, _ in Value(row.protocolName) }
        case .node:
            Column(
                key, "NODE", .text, width: 10, maximumWidth: 32, priority: 9, broker: "node",
                help: "node that it is connected to"
            ) { row, _ in Value(row.node) }
        case .connectedAt:
            Column(key, "CONNECTED", .time, width: 10, priority: 7, broker: "connected_at", help: "when it connected") {
                row, _ in Value(row.connectedAt)
            }
        case .proxySession:
            Column(
                key, "PROXY", .count, width: 5, priority: 8, help: "session of rabbittop's proxy that it passes through"
            ) { row, _ in Value(row.proxySession.map { Int(clamping: $0) }) }
        }
    }

    public static let columns = allColumns
    public static let defaultSort = ConnectionColumn.name
    public static let identity: [ConnectionColumn] = [.clientName, .name]
    public var rowID: RowID { .connection(name) }
    public var searchText: String { "\(name) \(clientName ?? "") \(user ?? "")" }
    public var vhostName: Name? { vhost }

    public func belongs(to scope: Scope) -> Bool {
        switch scope {
        case .connection(let connection): name == connection
        case .channel(let channel): name == channel.connection
        case .node(let node): self.node == node
        case .queue, .exchange: true
        }
    }
}
