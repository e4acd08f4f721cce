public import Foundation

/// What can be told of a table without knowing what its rows are.
public protocol TableFacts: Sendable {
    /// Rows that pass scope, vhost and filter.
    var count: Int { get }
    /// How many rows there are on the broker, as far as it told.
    var total: Int { get }
    var undecodable: Int { get }
    var at: Date? { get }
    var sort: String { get }
    var descending: Bool { get }
    var filter: Filter { get }
    /// The place of the selected row among `count`.
    var cursor: Int { get }
    var top: Int { get }
    var columnOffset: Int { get }
    var isFollowing: Bool { get }
    var selectedID: RowID? { get }
    /// A row that left and is shown for those who look at its details.
    var ended: EndedRow? { get }
}

extension Table: TableFacts {
    public var count: Int { order.count }
    public var selectedID: RowID? { selected?.rowID }
}

extension State {
    /// The table of a view for reading; the overview has none.
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
