public import Foundation
public import Names

/// A connection or channel of this process or of the attached one: what the client library knows, beside what the
/// broker reports about it.
public struct ClientRow: Sendable, Equatable, Identifiable, Codable {
    public var id: ClientRowID
    /// The attached process that the client belongs to, as shown to users: `orders (4242)`; `nil` for this process.
    public var process: String?
    /// When the attached process reported the row; `nil` for this process, whose rows are as old as their part.
    public var at: Date?
    /// The connection's name as RabbitMQ shows it.
    public var connection: Name
    /// The client-provided name of the connection.
    public var name: Name?
    /// The vhost of the connection.
    public var vhost: Name?
    /// The connection's state: `open`, `blocked`, `closed` …
    public var state: String
    /// The channel number; `nil` for the row of the connection itself.
    public var channel: Int?
    /// The channel's state according to the client.
    public var channelState: String?
    /// False for a channel that the broker knows on this connection and the client does not.
    public var isHeld = true
    /// Requests that wait for their response.
    public var inFlight: Int?
    /// Messages published and not yet confirmed.
    public var unconfirmed: Int?
    /// Messages delivered and not yet acknowledged.
    public var unacked: Int?
    /// The number of consumers.
    public var consumers: Int?
    /// The reply code of the last error.
    public var lastErrorCode: Int?
    /// The text of the last error.
    public var lastErrorText: String?
    /// The state of the same channel or connection according to the broker.
    public var brokerState: String?
    /// Whether the broker's figures agree with the client's; `nil` while it is unknown, because the broker's figures
    /// are missing or older than the row.
    public var brokerAgrees: Bool?
    /// The differences, in words.
    public var disagreement: String?
    /// The name of the pool that a channel belongs to.
    public var pool: String?
    /// The channel pools of a connection.
    public var pools: [ClientPool] = []

    /// Creates a row; everything else is unknown.
    public init(id: ClientRowID, connection: Name, state: String) {
        self.id = id
        self.connection = connection
        self.state = state
    }
}

/// The columns of the Client view, in their order. The raw values are the names for scripts.
public enum ClientColumn: String, ColumnKey {
    case connection, name, state, channel
    case channelState = "channel_state"
    case inFlight = "in_flight"
    case unconfirmed, unacked, consumers
    case lastErrorCode = "last_error_code"
    case lastErrorText = "last_error_text"
    case brokerAgrees = "broker_agrees"
}

extension ClientRow: TableRow {
    public static func column(_ key: ClientColumn) -> Column<Self> {
        switch key {
        case .connection:
            Column(
                key, "CONNECTION", .text, width: 22, maximumWidth: 48, priority: 7, style: .connectionName,
                help: "connection"
            ) { row, _ in Value(row.connection) }
        case .name:
            Column(key, "NAME", .text, width: 14, maximumWidth: 40, priority: 0, style: .name, help: "client name") {
                row, _ in Value(row.name)
            }
        case .state:
            Column(
                key, "STATE", .text, width: 8, priority: 1, style: .state, help: "state of the connection in the client"
            ) { row, _ in .text(row.state) }
        case .channel:
            Column(key, "CH", .count, width: 5, priority: 8, help: "channel number; none for the connection itself") {
                row, _ in Value(row.channel)
            }
        case .channelState:
            Column(
                key, "CH STATE", .text, width: 8, priority: 1, style: .state, help: "state of the channel in the client"
            ) { row, _ in Value(row.channelState) }
        case .inFlight:
            Column(key, "RPC", .count, width: 3, priority: 3, help: "requests that await their answer") { row, _ in
                Value(row.inFlight)
            }
        case .unconfirmed:
            Column(key, "UNCONF", .count, width: 6, priority: 2, help: "publishes not confirmed") { row, _ in
                Value(row.unconfirmed)
            }
        case .unacked:
            Column(key, "UNACKED", .count, width: 7, priority: 2, help: "deliveries not settled") { row, _ in
                Value(row.unacked)
            }
        case .consumers:
            Column(key, "CONS", .count, width: 5, priority: 6, help: "consumers") { row, _ in Value(row.consumers) }
        case .lastErrorCode:
            Column(key, "CODE", .count, width: 5, priority: 1, help: "reply code of the last error") { row, _ in
                Value(row.lastErrorCode)
            }
        case .lastErrorText:
            Column(key, "LAST ERROR", .text, width: 16, maximumWidth: 60, priority: 2, help: "its text") { row, _ in
                Value(row.lastErrorText)
            }
        case .brokerAgrees:
            Column(
                key, "BROKER", .flag, width: 20, maximumWidth: 80, priority: 1, screenTitle: "BROKER SAYS",
                help: "whether the broker says the same; on the screen in words"
            ) { row, _ in Value(row.brokerAgrees) }
        }
    }

    public static let columns = allColumns
    public static let defaultSort = ClientColumn.name
    public static let identity: [ClientColumn] = [.name]
    public var rowID: RowID { .client(id) }
    public var searchText: String { "\(connection) \(name ?? "") \(lastErrorText ?? "") \(process ?? "")" }
    public var vhostName: Name? { vhost }

    public func belongs(to scope: Scope) -> Bool {
        switch scope {
        case .connection(let connection): self.connection == connection
        case .channel(let channel): connection == channel.connection && self.channel == channel.number
        case .queue, .exchange, .node: true
        }
    }
}

/// A channel pool of a client, as reported by the client.
public struct ClientPool: Sendable, Equatable, Codable {
    /// The name of the pool.
    public var name: String
    /// The maximum number of channels open at a time.
    public var size: Int
    /// The number of open channels.
    public var open: Int
    /// The number of channels checked out.
    public var inUse: Int
    /// The number of open channels that are not in use.
    public var idle: Int
    /// The number of checkouts that wait for a channel.
    public var waiting: Int
    /// The total number of channels discarded because they were closed or no longer usable.
    public var discarded: Int
    /// The total number of checkouts that timed out.
    public var timeouts: Int
    /// The longest time that a checkout waited, in seconds.
    public var longestWait: Double

    /// Creates the report of a pool.
    public init(
        name: String, size: Int, open: Int, inUse: Int, idle: Int, waiting: Int, discarded: Int, timeouts: Int,
        longestWait: Double
    ) {
        self.name = name
        self.size = size
        self.open = open
        self.inUse = inUse
        self.idle = idle
        self.waiting = waiting
        self.discarded = discarded
        self.timeouts = timeouts
        self.longestWait = longestWait
    }
}
