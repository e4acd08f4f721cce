import Foundation
public import Names

/// A user of the broker with its permissions.
public struct UserRow: Sendable, Equatable {
    /// What a user may do in one vhost.
    public struct Permission: Sendable, Equatable {
        /// The vhost.
        public var vhost: Name
        /// The regular expressions of the names that it may declare, publish to and consume from.
        public var configure, write, read: String

        /// Creates a permission.
        public init(vhost: Name, configure: String, write: String, read: String) {
            self.vhost = vhost
            self.configure = configure
            self.write = write
            self.read = read
        }
    }

    /// The name.
    public var name: Name
    /// The tags: `administrator`, `monitoring` …
    public var tags: [String]
    /// What the user may do, by vhost; `nil` when that is not known.
    public var permissions: [Permission]?
    /// The highest number of connections; `nil` for no limit, or when that is not known.
    public var maxConnections: Int?
    /// The highest number of channels; `nil` for no limit, or when that is not known.
    public var maxChannels: Int?

    /// Creates a user of whom the permissions are not known.
    public init(name: Name, tags: [String]) {
        self.name = name
        self.tags = tags
    }
}

/// The columns of the Users view, in their order. The raw values are the names for scripts.
public enum UserColumn: String, ColumnKey {
    case name, tags, vhosts, permissions
    case maxConnections = "max_connections"
    case maxChannels = "max_channels"
}

extension UserRow: TableRow {
    public static func column(_ key: UserColumn) -> Column<Self> {
        switch key {
        case .name:
            Column(
                key, "NAME", .text, width: 14, maximumWidth: 40, priority: 0, style: .name, tier: .bulk, help: "name"
            ) { row, _ in Value(row.name) }
        case .tags:
            Column(
                key, "TAGS", .list, width: 14, maximumWidth: 40, priority: 0, tier: .bulk,
                help: "tags: `administrator`, `monitoring` …; without one the management API refuses the user"
            ) { row, _ in .list(row.tags) }
        case .vhosts:
            Column(
                key, "VHOSTS", .list, width: 12, maximumWidth: 40, priority: 1, tier: .bulk,
                help: "vhosts that it may open"
            ) { row, _ in Value(row.permissions.map { $0.map(\.vhost.text) }) }
        case .permissions:
            Column(
                key, "CONFIGURE, WRITE, READ", .list, width: 22, maximumWidth: 80, priority: 1, tier: .bulk,
                help: "for each vhost the names that it may declare, publish to and consume from"
            ) { row, _ in
                Value(row.permissions.map { $0.map { "\($0.configure) \($0.write) \($0.read)" } })
            }
        case .maxConnections:
            Column(
                key, "MAX CONNS", .count, width: 9, priority: 3, tier: .bulk, help: "most connections; unknown for none"
            ) { row, _ in Value(row.maxConnections) }
        case .maxChannels:
            Column(
                key, "MAX CHANS", .count, width: 9, priority: 3, tier: .bulk, help: "most channels; unknown for none"
            ) { row, _ in Value(row.maxChannels) }
        }
    }

    public static let columns = allColumns
    public static let defaultSort = UserColumn.name
    public static let identity: [UserColumn] = [.name]
    public var rowID: RowID { .named(NamedRowID(.users, name: name)) }
    public var searchText: String { "\(name) \(tags.joined(separator: " "))" }
    public func belongs(to scope: Scope) -> Bool { true }
}
