public import Names

/// The query of a list: page, order, rows and columns.
///
/// Source: <https://www.rabbitmq.com/docs/management#http-api-pagination>.
public struct ListQuery: Sendable, Hashable {
    /// The page, from 1; nil requests all rows without pages. With a filter, nil means page 1, because filters work
    /// only on pages.
    public var page: Int?
    /// The number of rows of a page, 1 to 500.
    public var pageSize: Int
    /// The column to sort by (`name`, `messages`, `message_stats.publish_details.rate` …). Sorting by a basic column is
    /// cheap; for a figure the broker processes all rows.
    public var sort: String?
    /// Whether the order is descending.
    public var isDescending: Bool
    /// Selects rows whose name contains this text or matches this expression; nil for all rows.
    public var name: Name?
    /// Whether `name` is a regular expression.
    public var isRegularExpression: Bool
    /// The columns to return; empty for all. This reduces the response, not the broker's work.
    public var columns: [String]

    /// Creates a query.
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

    /// Returns a query for the objects with this name; there is one in each vhost that has the name. A list query does
    /// not have the name in its path, so it also finds names that the API cannot address. The broker ignores case:
    /// check the names in the result.
    public static func named(_ name: Name, columns: [String] = []) -> ListQuery {
        // Only an expression distinguishes a whole name from a part of one; an empty one is no filter.
        ListQuery(
            pageSize: 500, name: name.isEmpty ? nil : pattern(for: name), isRegularExpression: true, columns: columns)
    }

    /// Returns a regular expression that matches only this name.
    public static func pattern(for name: Name) -> Name {
        let special = Set("\\^$.[]|()?*+{}#-".utf8)
        var result = [UInt8(ascii: "^")]
        for byte in name.bytes {
            if special.contains(byte) { result.append(UInt8(ascii: "\\")) }
            result.append(byte)
        }
        return Name(bytes: result + [UInt8(ascii: "$")])
    }

    /// A query for all rows without pages.
    public static let all = ListQuery(page: nil)

    /// The query items, in a fixed order.
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

/// How much a list of queues contains, and costs.
public enum QueueListMode: Sendable, Hashable {
    /// All fields, from the statistics (2 to 5 s old).
    case full
    /// No statistics except depths (`disable_stats=true&enable_queue_totals=true`): current for classic queues, without
    /// consumers. The broker requests the depths from every queue's process and may omit them without notice.
    case totals
    /// No figures (`disable_stats=true`).
    case basic

    var items: [(String, Name)] {
        switch self {
        case .full: []
        case .totals: [("disable_stats", "true"), ("enable_queue_totals", "true")]
        case .basic: [("disable_stats", "true")]
        }
    }
}
