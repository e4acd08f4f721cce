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
    public var name: String?
    /// Take `name` as a regular expression.
    public var isRegularExpression: Bool
    /// The columns to send; empty for all. Saves bytes, not the broker's work.
    public var columns: [String]

    public init(
        page: Int? = 1, pageSize: Int = 100, sort: String? = nil, isDescending: Bool = false, name: String? = nil,
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

    /// Everything at once.
    public static let all = ListQuery(page: nil)

    /// The query's items, in a fixed order.
    var items: [(String, String)] {
        var items: [(String, String)] = []
        let filter = name.flatMap { $0.isEmpty ? nil : $0 }
        if let page = page ?? (filter == nil ? nil : 1) {
            items.append(("page", String(max(1, page))))
            items.append(("page_size", String(min(max(1, pageSize), 500))))
            if let filter {
                items.append(("name", filter))
                items.append(("use_regex", isRegularExpression ? "true" : "false"))
            }
        }
        if let sort, !sort.isEmpty {
            items.append(("sort", sort))
            items.append(("sort_reverse", isDescending ? "true" : "false"))
        }
        if !columns.isEmpty { items.append(("columns", columns.joined(separator: ","))) }
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

    var items: [(String, String)] {
        switch self {
        case .full: []
        case .totals: [("disable_stats", "true"), ("enable_queue_totals", "true")]
        case .basic: [("disable_stats", "true")]
        }
    }
}
