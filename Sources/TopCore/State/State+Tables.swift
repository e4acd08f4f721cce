public import Foundation

/// The properties of a table that do not depend on its type of row.
public protocol TableFacts: Sendable {
    /// The number of rows that pass scope, vhost and filter.
    var count: Int { get }
    /// The number of rows on the broker, as far as it is known.
    var total: Int { get }
    var undecodable: Int { get }
    var at: Date? { get }
    var sort: String { get }
    var descending: Bool { get }
    var filter: Filter { get }
    /// The index of the selected row in the order, less than `count`.
    var cursor: Int { get }
    var top: Int { get }
    var columnOffset: Int { get }
    var isFollowing: Bool { get }
    var selectedID: RowID? { get }
    /// A row that is gone and stays visible while its details are open.
    var ended: EndedRow? { get }
}

extension Table: TableFacts {
    /// The number of rows that pass scope and filter.
    public var count: Int { order.count }
    /// The identity of the row under the cursor.
    public var selectedID: RowID? { selected?.rowID }
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
        }
    }
}
