public import Foundation

/// The properties of a table that do not depend on its type of row.
public protocol TableFacts: Sendable {
    /// The number of rows that pass scope, vhost and filter.
    var count: Int { get }
    /// The number of rows on the broker, as far as it is known.
    var total: Int { get }
    /// The number of rows in the last list that could not be decoded.
    var undecodable: Int { get }
    /// When the rows were last reported.
    var at: Date? { get }
    /// The sort column with its direction.
    var rowOrder: RowOrder { get }
    /// Whether the rows are ordered as the view orders them of itself.
    var hasUsualOrder: Bool { get }
    /// The filter of the rows.
    var filter: Filter { get }
    /// The number of rows that are not shown because it is not known whether the filter's condition holds.
    var undecidedCount: Int { get }
    /// The index of the selected row in the order, less than `count`.
    var cursor: Int { get }
    /// The index in the order of the first row on the screen.
    var top: Int { get }
    /// The number of columns scrolled out to the left.
    var columnOffset: Int { get }
    /// Whether the selection stays at its screen position while other rows move.
    var isFollowing: Bool { get }
    /// The identity of the row under the cursor.
    var selectedID: RowID? { get }
    /// Returns rows as JSON objects with all columns, one a line.
    func jsonLines(_ ids: [RowID], at time: Date) -> String
    /// Which columns are shown, in which order, and how wide.
    var columnSetup: ColumnSetup { get }
    /// All columns, those that are shown first, in their order.
    var columnItems: [ColumnChooser.Item] { get }
    /// All columns as the view has them of itself.
    var usualColumnItems: [ColumnChooser.Item] { get }
    /// The heading of the column that the rows are sorted by, when that is not among the columns shown.
    var hiddenSort: String? { get }
    /// The number of rows that are tagged and still there, whether the filter shows them or not.
    var taggedCount: Int { get }
    /// The number of tagged rows that the filter, the vhost or a drill-down does not show.
    var hiddenTagCount: Int { get }
    /// The tagged rows that are still there: those that are shown in their order, then the others.
    var taggedIDs: [RowID] { get }
    /// The number of rows out of sight that are newer than those on the screen; `nil` for a table without a newest
    /// row, and while that is followed.
    var newerCount: Int? { get }
    /// The command that goes to the newest row; `nil` for a table without one.
    var newestCommand: Command? { get }
    /// A row that is gone and stays visible while its details are open.
    var ended: EndedRow? { get }
    /// The number of rows that are known, whether they pass scope, vhost and filter or not.
    var rowCount: Int { get }
    /// Returns the rows for which a rule of the user is known to hold, at most so many of them.
    func matches(of rule: ViewRule, most: Int, now: Date) -> [RuleMatch]
    /// Returns whether a rule of the user holds for a row; `nil` for a row that is not there.
    func truth(of rule: ViewRule, for id: RowID, now: Date) -> Truth?
}

extension Table: TableFacts {
    /// The number of rows that pass scope and filter.
    public var count: Int { order.count }
    /// The number of rows of which it is not known whether the filter's condition holds.
    public var undecidedCount: Int { undecided.reduce(0) { $0 + ($1 ? 1 : 0) } }
    /// The sort column with its direction.
    public var rowOrder: RowOrder { RowOrder(by: Row.column(sort), descending: descending) }
    /// The identity of the row under the cursor.
    public var selectedID: RowID? { selected?.rowID }
    /// All columns as the view has them of itself.
    public var usualColumnItems: [ColumnChooser.Item] { Table<Row>().columnItems }
    /// The tagged rows that are still there: those that are shown in their order, then the others.
    public var taggedIDs: [RowID] { taggedRows.map(\.rowID) }
}

extension State {
    /// Returns the table of a view for reading; the overview has none.
    public func table(of view: ViewID) -> (any TableFacts)? {
        switch view {
        case .overview: nil
        case .queues: queues
        case .connections: connections
        case .channels: channels
        case .consumers: consumers
        case .exchanges: exchanges
        case .nodes: nodes
        case .events: events
        case .client: client
        case .lab: lab
        case .named(let view): named.table(of: view)
        }
    }

    /// Applies a command to the table of a view, in place.
    mutating func apply(_ command: TableCommand, to view: ViewID) {
        switch view {
        case .overview: break
        case .queues: queues.apply(command, now: now)
        case .connections: connections.apply(command, now: now)
        case .channels: channels.apply(command, now: now)
        case .consumers: consumers.apply(command, now: now)
        case .exchanges: exchanges.apply(command, now: now)
        case .nodes: nodes.apply(command, now: now)
        case .events:
            let before = events.filter == .none && events.scope == nil
            events.apply(command, now: now)
            // A filter and a drill-down show every entry.
            if before != (events.filter == .none && events.scope == nil), frozenAt == nil { showEvents() }
        case .client: client.apply(command, now: now)
        case .lab: lab.apply(command, now: now)
        case .named(let view): named.apply(command, to: view, now: now)
        }
    }

    /// Keeps the row whose details are open until the user moves, whatever happens to it.
    mutating func holdSelection() {
        for view in ViewID.allCases {
            let isWayBack = trail.contains { $0.view == view && $0.isDetailOpen }
            apply(.hold(isWayBack || (isDetailOpen && view == self.view)), to: view)
        }
    }
}
