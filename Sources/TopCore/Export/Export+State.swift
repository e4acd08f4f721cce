import Faults
import Foundation

extension Export.Document {
    /// Creates the information about a view.
    public init(of view: ViewID, in state: State) {
        let nodes = state.cluster.flatMap { $0.overview.nodes ?? ($0.nodes.isEmpty ? nil : $0.nodes.count) }
        self.init(
            at: state.now, clusterName: state.cluster?.name, version: state.cluster?.version, nodes: nodes, view: view,
            sources: state.sources)
    }
}

extension Export {
    /// Returns a view as text with its current filter, order and all rows.
    ///
    /// - Throws: `ExportError.unknownColumn` for a name that the view does not have.
    public static func text(
        of view: ViewID, in state: State, columns: [String]? = nil, format: Format, heading: Bool = true,
        style: ValueFormat = ValueFormat()
    ) throws(ExportError) -> String {
        let frame = Document(of: view, in: state)
        func written<Row: TableRow>(_ rows: [Row]) throws(ExportError) -> String {
            var chosen: [Column<Row>]?
            if let columns { chosen = try Self.columns(named: columns, of: Row.self, view: view) }
            return text(rows, columns: chosen, format: format, frame: frame, heading: heading, style: style)
        }
        switch view {
        case .overview: return try written([state.cluster?.overview ?? OverviewRow()])
        case .queues: return try written(state.queues.sortedRows)
        case .connections: return try written(state.connections.sortedRows)
        case .channels: return try written(state.channels.sortedRows)
        case .consumers: return try written(state.consumers.sortedRows)
        case .exchanges: return try written(state.exchanges.sortedRows)
        case .nodes: return try written(state.nodes.sortedRows)
        case .events: return try written(state.events.sortedRows)
        case .client: return try written(state.client.sortedRows)
        case .lab: return try written(state.lab.sortedRows)
        }
    }
}

extension ViewID {
    /// The column names that `--columns` and `--sort` accept in this view.
    public var columnNames: [String] {
        switch self {
        case .overview: OverviewRow.columns.map(\.key)
        case .queues: QueueRow.columns.map(\.key)
        case .connections: ConnectionRow.columns.map(\.key)
        case .channels: ChannelRow.columns.map(\.key)
        case .consumers: ConsumerRow.columns.map(\.key)
        case .exchanges: ExchangeRow.columns.map(\.key)
        case .nodes: NodeRow.columns.map(\.key)
        case .events: LedgerEntry.columns.map(\.key)
        case .client: ClientRow.columns.map(\.key)
        case .lab: LabRow.columns.map(\.key)
        }
    }
}

extension State {
    /// Sets a view's order and filter from `--sort`, `--filter` and `--vhost`; `nil` leaves the current value.
    ///
    /// - Throws: `ExportError` for a column that the view does not have, or an expression that does not parse.
    public mutating func arrange(
        _ view: ViewID, sort: String? = nil, descending: Bool? = nil, filter: String? = nil
    ) throws(ExportError) {
        if let filter {
            let parsed = Filter(typed: filter)
            if case .invalid(let pattern, let why) = parsed { throw .invalidFilter(pattern.text, why: why) }
            apply(.filterColumns(parsed), to: view)
        }
        guard let sort else { return }
        guard view.columnNames.contains(sort) else {
            throw .unknownColumn(sort, view: view, known: view.columnNames)
        }
        apply(.order(sort, descending: descending), to: view)
    }
}
