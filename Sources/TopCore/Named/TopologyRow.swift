import Foundation
public import Names
import Screen

/// A line of the Topology view: an exchange or a queue, and what leads to it from the line above it.
public struct TopologyRow: Sendable, Equatable {
    /// What the line shows.
    public enum Kind: String, Sendable {
        case vhost, exchange, queue
    }

    /// How the message comes here from the line that this one belongs to.
    public enum Way: Sendable, Equatable {
        /// Nothing leads here.
        case root
        /// A binding with this key or pattern.
        case binding(Name)
        /// As the alternate exchange, for messages that no binding takes.
        case alternate
        /// As dead letters.
        case deadLetters
    }

    /// The vhost.
    public var vhost: Name
    /// What the line shows.
    public var kind: Kind
    /// The name of the exchange or queue.
    public var name: Name
    /// What tells the line from others of the same object: the path to it.
    public var path: Name
    /// The place among the lines.
    public var place: Int
    /// How far the line is indented.
    public var depth: Int
    /// What leads here.
    public var way: Way
    /// Whether there are lines below it, and whether they are shown.
    public var hasMore = false
    public var isUnfolded = false
    /// Whether the path has been here before: it is a loop, and is not unfolded again.
    public var isLoop = false
    /// Messages per second on the way here, as far as the broker tells.
    public var wayRate: Double?
    /// Messages per second that come in and go out.
    public var rateIn: Double?
    public var rateOut: Double?
    /// The number of messages of a queue.
    public var messages: Int?
    /// The number of consumers of a queue.
    public var consumers: Int?
    /// What is remarkable, in words.
    public var marks: [String] = []

    /// The line's text: indented, with what leads here.
    public var text: String {
        let sign = hasMore ? (isUnfolded ? "- " : "+ ") : "  "
        let lead =
            switch way {
            case .root: ""
            case .binding(let key): key.isEmpty ? "-> " : "[\(Text.visible(key.text))] -> "
            case .alternate: "alternate -> "
            case .deadLetters: "dead letters -> "
            }
        let what = kind == .exchange ? "" : kind.rawValue + " "
        let loop = isLoop ? ", again: a loop" : ""
        return String(repeating: "  ", count: min(depth, 20)) + sign + lead + what + Text.visible(name.text) + loop
    }

    /// The row of the object in its own view.
    public var target: RowID {
        let id = EntityID(vhost: vhost, name: name)
        return switch kind {
        case .vhost: .named(NamedRowID(.vhosts, vhost: vhost, name: vhost))
        case .exchange: .exchange(id)
        case .queue: .queue(id)
        }
    }
}

/// The columns of the Topology view, in their order. The raw values are the names for scripts.
public enum TopologyColumn: String, ColumnKey {
    case place, vhost, tree, kind, name
    case wayRate = "way_rate"
    case rateIn = "rate_in"
    case rateOut = "rate_out"
    case messages, consumers, marks
}

extension TopologyRow: TableRow {
    public static func column(_ key: TopologyColumn) -> Column<Self> {
        switch key {
        case .place:
            Column(key, "#", .count, width: 4, priority: 8, tier: .bulk, help: "place in the tree: its order") {
                row, _ in
                .integer(row.place)
            }
        case .vhost:
            Column(
                key, "VHOST", .text, width: 6, maximumWidth: 20, priority: nil, tier: .bulk, help: "virtual host"
            ) { row, _ in Value(row.vhost) }
        case .tree:
            Column(
                key, "TREE", .text, width: 30, maximumWidth: 120, priority: 0, style: .name, tier: .bulk,
                help: "exchange or queue below what leads to it; `+` can be unfolded"
            ) { row, _ in .text(row.text) }
        case .kind:
            Column(
                key, "KIND", .text, width: 8, priority: nil, tier: .bulk, help: "`vhost`, `exchange` or `queue`"
            ) { row, _ in .text(row.kind.rawValue) }
        case .name:
            Column(key, "NAME", .text, width: 12, priority: nil, tier: .bulk, help: "name") { row, _ in
                Value(row.name)
            }
        case .wayRate:
            Column(
                key, "WAY/S", .rate, width: 7, priority: 2, tier: .bulk,
                help: "messages per second on the way here, with the broker's rates mode `detailed`"
            ) { row, _ in Value(row.wayRate) }
        case .rateIn:
            Column(key, "IN/S", .rate, width: 7, priority: 1, tier: .bulk, help: "messages that come in per second") {
                row, _ in Value(row.rateIn)
            }
        case .rateOut:
            Column(key, "OUT/S", .rate, width: 7, priority: 1, tier: .bulk, help: "messages that go out per second") {
                row, _ in Value(row.rateOut)
            }
        case .messages:
            Column(key, "MESSAGES", .count, width: 9, priority: 1, tier: .bulk, help: "messages of a queue") {
                row, _ in Value(row.messages)
            }
        case .consumers:
            Column(key, "CONS", .count, width: 5, priority: 2, tier: .bulk, help: "consumers of a queue") { row, _ in
                Value(row.consumers)
            }
        case .marks:
            Column(
                key, "MARKS", .list, width: 12, maximumWidth: 60, priority: 1, tier: .bulk,
                help: "loops, exchanges without bindings, queues that nothing feeds or drains, names that do not exist"
            ) { row, _ in .list(row.marks) }
        }
    }

    public static let columns = allColumns
    public static let defaultSort = TopologyColumn.place
    /// From the top of the tree to its bottom.
    public static var startsDescending: Bool { false }
    public static let identity: [TopologyColumn] = [.tree]
    public static let measured: [TopologyColumn] = [.marks]
    public var rowID: RowID { .named(id) }
    /// The identity of the line.
    public var id: NamedRowID { NamedRowID(.topology, vhost: vhost, name: name, more: path) }
    public var searchText: String { text }
    public var vhostName: Name? { vhost }
    public func belongs(to scope: Scope) -> Bool { true }
}
