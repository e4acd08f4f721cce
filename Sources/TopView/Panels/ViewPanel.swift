import Foundation
import Screen
import TopCore

/// The view with the details pane of its selected row.
struct ViewPanel {
    let state: State

    /// The arrangement of table and details.
    enum Split: Equatable {
        case tableOnly
        case detailOnly
        /// The width of the pane on the right, in columns.
        case right(Int)
        /// The height of the pane below, in rows.
        case below(Int)

        init(_ rect: Rect, isOpen: Bool) {
            if !isOpen {
                self = .tableOnly
            } else if rect.width >= 120 {
                self = .right(min(100, rect.width / 2))
            } else if rect.height >= 26 {
                self = .below(rect.height / 2)
            } else {
                self = .detailOnly
            }
        }
    }

    /// - Returns: The number of table rows that fit.
    func draw(in rect: Rect, on canvas: inout Canvas) -> Int {
        switch state.view {
        case .overview:
            OverviewPanel(state: state).draw(in: rect, on: &canvas)
            return 0
        case .queues: return draw(state.queues, in: rect, on: &canvas) { ($0.name.text, "queue") }
        case .connections:
            return draw(state.connections, in: rect, on: &canvas) { (($0.clientName ?? $0.name).text, "connection") }
        case .channels: return draw(state.channels, in: rect, on: &canvas) { ($0.id.name.text, "channel") }
        case .consumers: return draw(state.consumers, in: rect, on: &canvas) { ($0.id.tag.text, "consumer") }
        case .exchanges: return draw(state.exchanges, in: rect, on: &canvas) { ($0.displayName, "exchange") }
        case .nodes: return draw(state.nodes, in: rect, on: &canvas) { ($0.name.text, "node") }
        case .events:
            let (rest, summary) = rect.splitBottom(rect.height >= 8 ? 1 : 0)
            EventsSummary(ledger: state.ledger).draw(in: summary, on: &canvas)
            return draw(state.events, in: rest, on: &canvas) { ($0.codeName ?? $0.kind.rawValue, "event") }
        case .lab: return draw(state.lab, in: rect, on: &canvas) { ($0.id.words, "lab") }
        case .named(let view): return draw(view, in: rect, on: &canvas)
        case .client:
            let problems = Disagreements(rows: state.client.rows)
            let (rest, below) = rect.splitBottom(state.isDetailOpen ? 0 : problems.rows(of: rect.height))
            problems.draw(in: below, on: &canvas)
            let pools = ClientPools(state: state)
            let (table, between) = rest.splitBottom(state.isDetailOpen ? 0 : pools.rows(of: rest.height))
            pools.draw(in: between, on: &canvas)
            return draw(state.client, in: table, on: &canvas) { row in
                (
                    row.channel.map { "\(row.name ?? row.connection) channel \($0)" }
                        ?? (row.name ?? row.connection).text,
                    "client"
                )
            }
        }
    }

    private func draw(_ view: NamedView, in rect: Rect, on canvas: inout Canvas) -> Int {
        let kind = view.thing
        return switch view {
        case .bindings:
            draw(state.named.bindings, in: rect, on: &canvas) { ("\($0.sourceName) to \($0.destination)", kind) }
        case .policies: draw(state.named.policies, in: rect, on: &canvas) { ($0.name.text, kind) }
        case .users: draw(state.named.users, in: rect, on: &canvas) { ($0.name.text, kind) }
        case .vhosts: draw(state.named.vhosts, in: rect, on: &canvas) { ($0.name.text, kind) }
        case .flags: draw(state.named.flags, in: rect, on: &canvas) { ($0.name.text, $0.kind.rawValue) }
        case .streams: draw(state.named.streams, in: rect, on: &canvas) { ($0.id.name.text, kind) }
        case .topology: draw(state.named.topology, in: rect, on: &canvas) { ($0.name.text, $0.kind.rawValue) }
        case .shovels: draw(state.named.shovels, in: rect, on: &canvas) { ($0.name.text, $0.kind.rawValue) }
        }
    }

    private func draw<Row: ShownRow>(
        _ table: Table<Row>, in rect: Rect, on canvas: inout Canvas, naming: (Row) -> (title: String, kind: String)
    ) -> Int {
        let reason = EmptyReason(state: state, facts: table, hasHiddenRows: !table.rows.isEmpty)
        let panel = TablePanel(state: state, table: table, emptyText: reason.spans(canvas))
        let selected = table.selected
        let split = Split(rect, isOpen: state.isDetailOpen && selected != nil)
        func drawDetail(in area: Rect, on canvas: inout Canvas) {
            guard let selected else { return }
            let (title, kind) = naming(selected)
            DetailPanel(selected, title: title, kind: kind, state: state, canvas: canvas).draw(in: area, on: &canvas)
        }
        switch split {
        case .tableOnly: return panel.draw(in: rect, on: &canvas)
        case .detailOnly:
            drawDetail(in: rect, on: &canvas)
            // The page length is that of the table when it is shown again.
            return max(0, rect.height - 2)
        case .right(let width):
            let (left, right) = rect.splitRight(width)
            let rows = panel.draw(in: left, on: &canvas)
            drawDetail(in: right.inset(left: 1), on: &canvas)
            return rows
        case .below(let height):
            let (above, below) = rect.splitBottom(height)
            let rows = panel.draw(in: above, on: &canvas)
            drawDetail(in: below, on: &canvas)
            return rows
        }
    }
}
