import Faults
public import Foundation
public import Screen

extension Export.Document {
    public init(of view: ViewID, in state: State) {
        let nodes = state.cluster.flatMap { $0.overview.nodes ?? ($0.nodes.isEmpty ? nil : $0.nodes.count) }
        self.init(
            at: state.now, clusterName: state.cluster?.name, version: state.cluster?.version, nodes: nodes, view: view,
            sources: state.sources)
    }
}

extension Export {
    /// A view as it stands: its filter, its order, all its rows.
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
        case .events: return try written(state.unfoldedEvents)
        case .client: return try written(state.client.sortedRows)
        case .lab: return try written(state.lab.sortedRows)
        case .named(.bindings): return try written(state.named.bindings.sortedRows)
        case .named(.policies): return try written(state.named.policies.sortedRows)
        case .named(.users): return try written(state.named.users.sortedRows)
        case .named(.vhosts): return try written(state.named.vhosts.sortedRows)
        case .named(.flags): return try written(state.named.flags.sortedRows)
        case .named(.streams): return try written(state.named.streams.sortedRows)
        case .named(.shovels): return try written(state.named.shovels.sortedRows)
        case .named(.topology): return try written(state.named.topology.sortedRows)
        }
    }
}

extension State {
    /// Creates a state that shows one view, sorted and filtered as a command line says.
    ///
    /// - Parameters:
    ///   - sort: a column's name; a leading `-` turns the order round.
    ///   - filter: an expression as `/` takes it.
    /// - Throws: `ExportError` for a column that the view does not have, or an expression that does not parse.
    public init(
        _ view: ViewID, size: Size, options: Options = Options(), now: Date, sort: String? = nil, filter: String? = nil
    ) throws(ExportError) {
        var options = options
        options.initialView = view
        self.init(size: size, options: options, now: now)
        try arrange(view, filter: filter)
        if let sort { try order(view, by: sort) }
    }

    /// Sorts a view by a column; a leading `-` turns its usual order round.
    ///
    /// - Throws: `ExportError` for a column that the view does not have.
    mutating func order(_ view: ViewID, by sort: String) throws(ExportError) {
        let isTurned = sort.hasPrefix("-")
        let column = isTurned ? String(sort.dropFirst()) : sort
        try arrange(view, sort: column)
        if isTurned, let descending = table(of: view)?.rowOrder.descending {
            try arrange(view, sort: column, descending: !descending)
        }
    }

    /// Sets a view's order and filter; `nil` leaves what is there.
    ///
    /// - Throws: for a column that the view does not have, or an expression that does not parse.
    mutating func arrange(
        _ view: ViewID, sort: String? = nil, descending: Bool? = nil, filter: String? = nil
    ) throws(ExportError) {
        if let filter {
            let parsed: Filter
            do throws(ConditionError) {
                parsed = try Filter(typed: filter, in: view)
            } catch {
                throw .invalidCondition(error)
            }
            if case .invalid(let pattern, let why) = parsed { throw .invalidFilter(pattern.text, why: why) }
            apply(.filterColumns(parsed), to: view)
        }
        guard let sort else { return }
        guard let column = AnyColumnKey(sort, in: view) else {
            throw .unknownColumn(sort, view: view, known: view.columnNames)
        }
        apply(.order(column, descending: descending), to: view)
    }
}
