public import Foundation
public import Names

/// The rows of a view with their order, filter and selection. The selection follows the row, not its index.
public struct Table<Row: TableRow>: Sendable {
    /// All rows, unordered; `order` has the indices of those that pass scope and filter, sorted.
    public internal(set) var rows: [Row] = []
    /// The indices in `rows` of the rows that pass scope and filter, sorted.
    public internal(set) var order: [Int] = []
    /// The sort column.
    public internal(set) var sort: Row.Key = Row.defaultSort
    /// Whether the rows are sorted in descending order.
    public internal(set) var descending: Bool = Row.column(Row.defaultSort).startsDescending
    /// The filter of the rows.
    public internal(set) var filter: Filter = .none
    /// The identity of the selected row.
    public internal(set) var selection: RowID?
    /// The index of the selection in `order`.
    public internal(set) var cursor = 0
    /// The index in `order` of the first row on the screen.
    public internal(set) var top = 0
    /// The number of columns scrolled out to the left.
    public internal(set) var columnOffset = 0
    /// Whether the selection stays at its screen position while other rows move.
    public internal(set) var isFollowing = false
    /// When the rows were last reported.
    public internal(set) var at: Date?
    /// The number of rows on the broker.
    public internal(set) var total = 0
    /// The number of rows in the last list that could not be decoded.
    public internal(set) var undecodable = 0

    /// The selected row, if it disappeared while its details were open; it is still among the rows.
    public internal(set) var ended: EndedRow?

    /// Whether the selected row stays when it disappears from its source.
    var isHoldingSelection = false
    /// The number of rows that the screen has room for; 0 while unknown.
    var page = 0
    /// Whether the user has moved. Until then the screen stays at the first rows instead of following the selection.
    var isTouched = false
    /// The vhost and the scope of the drill-down that the rows are narrowed to.
    var vhost: Name?
    var scope: Scope?
    /// Whether the filter matches every column of text, and not only the row's names.
    var isSearchedWholly = false

    /// The index of each row in `rows`.
    var places: [RowID: Int] = [:]
    /// By index: the row's rank among all rows by its identity. Rows with equal sort keys keep this order.
    var ranks: [Double] = []
    /// By index: the value that the row is sorted by, `nan` when unknown.
    var keys: [Double] = []
    /// By index: the texts that `keys` were made from, when the sort column is text.
    var keyTexts: [Name?] = []
    /// By index: whether the row passes vhost, scope and filter.
    var admitted: [Bool] = []

    /// Creates an empty table.
    public init() {}

    /// The row under the cursor.
    public var selected: Row? {
        order.indices.contains(cursor) ? rows[order[cursor]] : nil
    }

    /// Returns the rows on the screen: at most `count` rows from `top` on.
    public func window(_ count: Int) -> [Row] {
        guard top < order.count, count > 0 else { return [] }
        return order[top..<min(order.count, top + count)].map { rows[$0] }
    }

    /// Returns the row of this identity, whether it passes the filter or not.
    public func row(_ id: RowID) -> Row? {
        places[id].map { rows[$0] }
    }

    /// The rows that pass scope and filter, in order.
    public var sortedRows: [Row] { order.map { rows[$0] } }
}

/// The filter of a table, as edited with `/`.
public enum Filter: Sendable, Equatable {
    /// No filter.
    case none
    /// Rows that contain this text, ignoring case.
    case text(Name)
    /// Rows that match this regular expression.
    case regex(Name)
    /// An invalid expression, and why it is invalid. It filters nothing.
    case invalid(Name, why: String)
}
