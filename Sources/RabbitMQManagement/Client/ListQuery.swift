public import Names

/// What to ask of a list: which page, in which order, which rows and which columns.
///
/// Source: <https://www.rabbitmq.com/docs/management#http-api-pagination>.
public struct ListQuery: Sendable, Hashable {
    /// The page, from 1; nil asks for everything at once. A filter makes it 1, because filters work on pages only.
    public var page: Int?
    /// Rows of a page: 1 to 500.
    public var pageSize: Int
    /// The column to sort by (`name`, `messages`, `message_stats.publish_details.rate` …). Sorting by a basic column is
    /// cheap; by a figure the broker works through all rows.
    public var sort: String?
    public var isDescending: Bool
    /// Only rows whose name contains this, or matches it.
    public var name: Name?
    /// Take `name` as a regular expression.
    public var isRegularExpression: Bool
    /// The columns to send; empty for all. Saves bytes, not the broker's work.
    public var columns: [String]

    public init(
        page: Int? = 1, pageSize: Int = 100, sort: String? = nil, isDescending: Bool = false, name: Name? = nil,
        isRegularExpression: Bool = false, columns: [String] = []
    ) {
        self.page = page
        self.pageSize = pageSize
        self.sort = sort
        self.isDescending = isDescending
        self.name = name
        self.isRegularExpression = isRegularExpression
        self.columns = columns
    }

    /// What has this name; more than one, where it is in several vhosts. A list is not found out by a path, so this reaches
    /// names that the API cannot address. The broker does not mind the case: look at the names that come.
    public static func named(_ name: Name, columns: [String] = []) -> ListQuery {
        // Only a pattern tells the whole name from a part of it; an empty one is no filter.
        ListQuery(
            pageSize: 500, name: name.isEmpty ? nil : pattern(for: name), isRegularExpression: true, columns: columns)
    }

    /// A regular expression that matches this name alone.
    public static func pattern(for name: Name) -> Name {
        let special = Set("\\^$.[]|()?*+{}#-".utf8)
        var result = [UInt8(ascii: "^")]
        for byte in name.bytes {
            if special.contains(byte) { result.append(UInt8(ascii: "\\")) }
            result.append(byte)
        }
        return Name(bytes: result + [UInt8(ascii: "$")])
    }

    /// Everything at once.
    public static let all = ListQuery(page: nil)

    /// The query's items, in a fixed order.
    var items: [(String, Name)] {
        var items: [(String, Name)] = []
        let filter = name.flatMap { $0.isEmpty ? nil : $0 }
        if let page = page ?? (filter == nil ? nil : 1) {
            items.append(("page", "\(max(1, page))"))
            items.append(("page_size", "\(min(max(1, pageSize), 500))"))
            if let filter {
                items.append(("name", filter))
                items.append(("use_regex", isRegularExpression ? "true" : "false"))
            }
        }
        if let sort, !sort.isEmpty {
            items.append(("sort", Name(sort)))
            items.append(("sort_reverse", isDescending ? "true" : "false"))
        }
        if !columns.isEmpty { items.append(("columns", Name(columns.joined(separator: ",")))) }
        return items
    }
}

/// How much a list of queues tells, and costs.
public enum QueueListMode: Sendable, Hashable {
    /// Everything, from the statistics (2 to 5 s old).
    case full
    /// No statistics but depths (`disable_stats=true&enable_queue_totals=true`): live for classic queues, no consumers; the
    /// broker asks every queue's process and may leave depths out without a word.
    case totals
    /// No figures at all (`disable_stats=true`).
    case basic

    var items: [(String, Name)] {
        switch self {
        case .full: []
        case .totals: [("disable_stats", "true"), ("enable_queue_totals", "true")]
        case .basic: [("disable_stats", "true")]
        }
    }
}
