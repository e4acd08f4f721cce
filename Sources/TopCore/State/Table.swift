public import Foundation
public import Names

/// The rows of a view with their order, filter and selection. The selection follows the row, not its place.
public struct Table<Row: TableRow>: Sendable {
    /// All rows, in no order; `order` has the places of those that pass scope and filter, sorted.
    public internal(set) var rows: [Row] = []
    public internal(set) var order: [Int] = []
    public internal(set) var sort: String = Row.defaultSort
    public internal(set) var descending: Bool =
        Row.columns.first { $0.key == Row.defaultSort }?.startsDescending ?? false
    public internal(set) var filter: Filter = .none
    public internal(set) var selection: RowID?
    /// The place of the selection in `order`.
    public internal(set) var cursor = 0
    /// The place in `order` of the first row on the screen.
    public internal(set) var top = 0
    /// Columns scrolled to the left.
    public internal(set) var columnOffset = 0
    /// Whether the selection stays where it is on the screen while rows move around it.
    public internal(set) var isFollowing = false
    /// When the rows were last heard of, and how many there are on the broker.
    public internal(set) var at: Date?
    public internal(set) var total = 0
    public internal(set) var undecodable = 0

    /// The selected row, where it left while its details were looked at: it is still among the rows.
    public internal(set) var ended: EndedRow?

    /// Whether the selected row stays when it leaves.
    var isHoldingSelection = false
    /// Rows the screen has room for; 0 while that is not known.
    var page = 0
    /// Whether someone moved: until then the selection does not drag the screen away from the first rows.
    var isTouched = false
    /// The vhost and the drill-down that the rows are narrowed to.
    var vhost: Name?
    var scope: Scope?
    /// Whether the filter looks at every column that holds text, and not at the row's names alone.
    var isSearchedWholly = false

    /// The place of each row in `rows`.
    var places: [RowID: Int] = [:]
    /// By place: the row's rank among all by its identity. Equal rows keep this order.
    var ranks: [Double] = []
    /// By place: what the row is sorted by, `nan` for what is not known.
    var keys: [Double] = []
    /// By place: the texts that `keys` were made from, where the column is text.
    var keyTexts: [Name?] = []
    /// By place: whether the row passes vhost, scope and filter.
    var admitted: [Bool] = []

    public init() {}

    /// The row under the cursor.
    public var selected: Row? {
        order.indices.contains(cursor) ? rows[order[cursor]] : nil
    }

    /// The rows from `top` on, at most `count` of them: what the screen shows.
    public func window(_ count: Int) -> [Row] {
        guard top < order.count, count > 0 else { return [] }
        return order[top..<min(order.count, top + count)].map { rows[$0] }
    }

    /// The row of this identity, whether it passes the filter or not.
    public func row(_ id: RowID) -> Row? {
        places[id].map { rows[$0] }
    }

    /// The rows that pass scope and filter, in order.
    public var sortedRows: [Row] { order.map { rows[$0] } }
}

/// What `/` narrows a table to.
public enum Filter: Sendable, Equatable {
    case none
    /// Rows that have this text in them, no matter the case.
    case text(Name)
    /// Rows that match this regular expression.
    case regex(Name)
    /// An expression that does not parse, and why: it filters nothing.
    case invalid(Name, why: String)
}
