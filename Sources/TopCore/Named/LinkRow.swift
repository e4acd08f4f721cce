import Foundation
public import Names

/// A shovel, or a link of federation from an upstream.
public struct LinkRow: Sendable, Equatable {
    /// What moves the messages.
    public enum Kind: String, Sendable {
        case shovel, federation
    }

    /// What moves the messages.
    public var kind: Kind
    /// The vhost; `nil` for a shovel of a configuration file.
    public var vhost: Name?
    /// The shovel's name, or the name of the federation's upstream.
    public var name: Name
    /// The broker's own identity of a federation link.
    public var link: Name?
    /// The node that runs it.
    public var node: Name?
    /// The state as the broker names it: `running`, `starting`, `terminated`, `error` …
    public var state: String?
    /// Where messages come from and go to: a queue or an exchange, where the broker tells it.
    public var source: Name?
    public var destination: Name?
    /// Where the source and the destination are, without passwords.
    public var sourceURI: Name?
    public var destinationURI: Name?
    /// Why it does not run, in the broker's words.
    public var error: Name?
    /// When it came into its state, in the local time of its node, as the broker writes it.
    public var since: String?

    /// Creates a row; everything else is unknown.
    public init(kind: Kind, vhost: Name?, name: Name) {
        self.kind = kind
        self.vhost = vhost
        self.name = name
    }
}

/// The columns of the Shovels view, in their order. The raw values are the names for scripts.
public enum LinkColumn: String, ColumnKey {
    case vhost, name, kind, state, source, destination, error, since, node
    case sourceURI = "source_uri"
    case destinationURI = "destination_uri"
}

extension LinkRow: TableRow {
    public static func column(_ key: LinkColumn) -> Column<Self> {
        switch key {
        case .vhost:
            Column(
                key, "VHOST", .text, width: 6, maximumWidth: 20, priority: 4, style: .vhost, tier: .bulk,
                help: "virtual host"
            ) { row, _ in Value(row.vhost) }
        case .name:
            Column(
                key, "NAME", .text, width: 12, maximumWidth: 40, priority: 0, style: .name, tier: .bulk,
                help: "name of the shovel, or of the federation's upstream"
            ) { row, _ in Value(row.name) }
        case .kind:
            Column(key, "KIND", .text, width: 10, priority: 2, tier: .bulk, help: "`shovel` or `federation`") {
                row, _ in .text(row.kind.rawValue)
            }
        case .state:
            Column(
                key, "STATE", .text, width: 10, maximumWidth: 14, priority: 0, style: .state, tier: .bulk,
                help: "`running`, `starting`, `terminated`, `error` …"
            ) { row, _ in Value(row.state) }
        case .source:
            Column(
                key, "FROM", .text, width: 12, maximumWidth: 40, priority: 1, style: .name, tier: .bulk,
                help: "queue or exchange that messages come from"
            ) { row, _ in Value(row.source) }
        case .destination:
            Column(
                key, "TO", .text, width: 12, maximumWidth: 40, priority: 1, style: .name, tier: .bulk,
                help: "queue or exchange that messages go to"
            ) { row, _ in Value(row.destination) }
        case .error:
            Column(
                key, "ERROR", .text, width: 12, maximumWidth: 120, priority: 1, tier: .bulk,
                help: "why it does not run, in the broker's words"
            ) { row, _ in Value(row.error) }
        case .since:
            Column(
                key, "SINCE", .text, width: 19, priority: 5, tier: .bulk,
                help: "when it came into its state, in the local time of its node"
            ) { row, _ in Value(row.since) }
        case .node:
            Column(
                key, "NODE", .text, width: 10, maximumWidth: 32, priority: 6, tier: .bulk, help: "node that runs it"
            ) { row, _ in Value(row.node) }
        case .sourceURI:
            Column(
                key, "FROM WHERE", .text, width: 12, maximumWidth: 40, priority: 5, tier: .bulk,
                help: "address of the source, without its password"
            ) { row, _ in Value(row.sourceURI) }
        case .destinationURI:
            Column(
                key, "TO WHERE", .text, width: 12, maximumWidth: 40, priority: 5, tier: .bulk,
                help: "address of the destination, without its password"
            ) { row, _ in Value(row.destinationURI) }
        }
    }

    public static let columns = allColumns
    public static let defaultSort = LinkColumn.name
    public static let identity: [LinkColumn] = [.name, .vhost]
    public var rowID: RowID {
        let parts = [Name(kind.rawValue), source ?? "", destination ?? "", node ?? ""]
        return .named(NamedRowID(.shovels, vhost: vhost, name: name, more: Name(joining: parts)))
    }
    public var searchText: String { "\(name) \(state ?? "") \(source ?? "") \(destination ?? "") \(error ?? "")" }
    public var vhostName: Name? { vhost }
    public func belongs(to scope: Scope) -> Bool { true }
}
