public import Faults
public import Names

/// What a line of the overview's lists shows.
public enum OverviewItem: Hashable, Sendable {
    /// A source of figures with a problem.
    case source(SourceName, node: Name?)
    /// One of the busiest queues.
    case queue(EntityID)
    /// A node.
    case node(Name)
    /// A finding of the diagnosis.
    case finding(Finding.ID)
    /// An entry of the ledger, by its number.
    case event(UInt64)

    /// The list that the line belongs to.
    enum List { case sources, queues, nodes, findings, events }

    var list: List {
        switch self {
        case .source: .sources
        case .queue: .queues
        case .node: .nodes
        case .finding: .findings
        case .event: .events
        }
    }
}

/// The line of the overview's lists that the user selected. It follows what the line shows, not its place.
public struct OverviewSelection: Sendable, Equatable {
    /// The selected line; `nil` until the user selects one.
    public internal(set) var item: OverviewItem?
    /// The index of the selected line among the lines that were on the screen last.
    var place = 0

    /// Creates a selection of nothing.
    public init() {}

    /// Follows the selected line to its place among the lines on the screen; when it is gone, the line at its place is
    /// selected.
    mutating func follow(_ lines: [OverviewItem]) {
        guard let item, !lines.isEmpty else { return }
        if let place = lines.firstIndex(of: item) {
            self.place = place
        } else {
            place = min(max(0, place), lines.count - 1)
            self.item = lines[place]
        }
    }

    /// Selects the line at a place.
    mutating func select(_ place: Int, of lines: [OverviewItem]) {
        guard lines.indices.contains(place) else { return }
        self.place = place
        item = lines[place]
    }

    /// Moves among the lines on the screen, in reading order.
    mutating func move(_ step: OverviewStep, among lines: [OverviewItem]) {
        guard !lines.isEmpty else { return }
        let last = lines.count - 1
        guard let item, let here = lines.firstIndex(of: item) else {
            switch step {
            case .lines(let count) where count < 0: select(last, of: lines)
            case .last: select(last, of: lines)
            case .lines, .first, .list: select(0, of: lines)
            }
            return
        }
        switch step {
        case .lines(let count):
            let (sum, isTooFar) = here.addingReportingOverflow(count)
            select(min(max(0, isTooFar ? (count < 0 ? 0 : last) : sum), last), of: lines)
        case .first: select(0, of: lines)
        case .last: select(last, of: lines)
        case .list(let direction):
            if direction > 0 {
                if let next = lines[here...].firstIndex(where: { $0.list != item.list }) { select(next, of: lines) }
            } else if let end = lines[..<here].lastIndex(where: { $0.list != item.list }) {
                // To the first line of the list before.
                let list = lines[end].list
                let before = lines[...end].lastIndex { $0.list != list }
                select(before.map { $0 + 1 } ?? 0, of: lines)
            } else {
                select(0, of: lines)
            }
        }
    }
}

/// A movement among the overview's lines.
enum OverviewStep: Sendable, Equatable {
    case lines(Int)
    case first, last
    /// To the first line of the next (1) or the previous (-1) list.
    case list(Int)
}
