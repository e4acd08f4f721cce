import Foundation
import Screen
import TopCore

/// The appearance of one cell of a table.
struct CellLook {
    /// The text; `nil` for the usual text of the value.
    var text: String?
    var role: Role
    /// A mark directly after the cell, in the gap: growing, outdated, or alert.
    var mark: Character?
    var markRole: Role = .warning

    init(_ role: Role, text: String? = nil, mark: Character? = nil, markRole: Role = .warning) {
        self.role = role
        self.text = text
        self.mark = mark
        self.markRole = markRole
    }
}

/// What the appearance of a cell depends on besides its row.
struct LookContext {
    let state: State
    let marks: Marks
    let format: ValueFormat
    /// The row that ended while its details are open.
    let ended: RowID?
    /// Whether all figures of the view are outdated.
    let isStale: Bool
    /// Seconds after which a depth of each source is outdated.
    let patience: [DepthSource: Double]
    /// Whether a column with the connection's name is shown.
    var showsConnection = false
    /// Whether the row above on the screen belongs to the same group.
    var continuesGroup = false

    init(_ state: State, _ canvas: Canvas) {
        self.state = state
        marks = canvas.marks
        format = canvas.format
        isStale = state.isStale(state.view)
        ended = state.table(of: state.view)?.ended?.id
        var patience: [DepthSource: Double] = [.amqp: max(3 * state.interval, 3), .prometheus: 15, .management: 15]
        for source in state.sources {
            guard let depth = DepthSource(source.name) else { continue }
            patience[depth] = max(3 * source.interval, 3)
            // As soon as the broker is known not to respond, no figure is shown as live.
            if depth == .amqp, source.state == .stale || source.state == .unreachable { patience[depth] = 0 }
        }
        self.patience = patience
    }

    var now: Date { state.now }
}

/// A row with the appearance of its cells.
protocol ShownRow: TableRow {
    /// The columns whose values the details repeat.
    static var detailColumns: [Column<Self>] { get }
    func look(_ column: Column<Self>, _ value: Value, _ context: LookContext) -> CellLook
    /// The role of a mark before the row, for problems that must not be overlooked.
    func alert(_ context: LookContext) -> Role?
    /// Whether this row and the one above belong together.
    func continues(_ above: Self) -> Bool
    /// Fields of the details besides the columns.
    var moreFields: [(label: String, value: String)] { get }
}

extension ShownRow {
    /// The role of the mark before the row: of the worse of what the row itself tells and the findings about it.
    func mark(_ context: LookContext) -> Role? {
        let alert = alert(context)
        switch context.state.marks.severity(of: self) {
        case .critical: return .critical
        case .warning: return alert ?? .warning
        case .ok, nil: return alert
        }
    }

    static var detailColumns: [Column<Self>] { columns }

    func alert(_ context: LookContext) -> Role? { nil }

    /// Returns an identifying text shortened to a width: names with the same beginning differ at their ends, so they
    /// are cut in the middle. Of a connection's name the client's address and port are the most important part.
    static func fitted(_ column: Column<Self>, _ text: String, to width: Int, ellipsis: Character) -> String {
        let isConnection = column.style == .connectionName
        guard isConnection || identity.contains(column.key), TextWidth.columns(of: text) > width else { return text }
        guard isConnection, let arrow = text.utf8.firstRange(of: " -> ".utf8) else {
            return Text.shortened(text, to: width, keeping: portLength(text), ellipsis: ellipsis)
        }
        let peer = String(text[..<arrow.lowerBound])
        // A partial second address is useless, and would not shorten the first one.
        return TextWidth.columns(of: peer) < width
            ? Text.truncated(text, to: width, ellipsis: ellipsis)
            : Text.shortened(peer, to: width, ellipsis: ellipsis)
    }

    func continues(_ above: Self) -> Bool { false }

    var moreFields: [(label: String, value: String)] { [] }

    /// Returns the number of columns of a port such as `:50640` at the end of a text; `nil` when there is no port.
    private static func portLength(_ text: String) -> Int? {
        let digits = text.utf8.reversed().prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }.count
        guard (1...5).contains(digits), text.utf8.dropLast(digits).last == UInt8(ascii: ":") else { return nil }
        return digits + 1
    }

    /// Returns an application's name with the port of its connection, when the connection has no column.
    static func short(_ application: String?, _ connection: String) -> String {
        guard let application, !application.isEmpty else { return connection }
        // `127.0.0.1:50640 -> 127.0.0.1:5672`
        let peer = connection.utf8.prefix { $0 != UInt8(ascii: " ") }
        guard peer.count < connection.utf8.count, let colon = peer.lastIndex(of: UInt8(ascii: ":")) else {
            return "\(application) \(connection)"
        }
        return "\(application)\(connection[colon..<peer.endIndex])"
    }
}

extension ColumnStyle {
    /// Returns the look of a value of which its row says nothing more: names are emphasised, zero and unknown values
    /// are faint.
    func look(of value: Value) -> CellLook {
        switch self {
        case .quiet: return CellLook(value == .none ? .faint : .muted)
        case .alarm: return value == .flag(true) ? CellLook(.critical, text: "ALARM") : CellLook(.faint)
        case .plain, .name, .connectionName, .queueName, .vhost, .state: break
        }
        switch value {
        case .none, .flag(false): return CellLook(.faint)
        case .integer(let integer): return CellLook(integer == 0 && self != .name ? .faint : .text)
        case .number(let number): return CellLook(abs(number) < 0.05 ? .faint : .text)
        case .flag: return CellLook(.text)
        case .time, .list: return CellLook(.muted)
        case .text(let word):
            switch self {
            case .name, .queueName: return CellLook(.text)
            case .state: return CellLook(Self.stateRole(word))
            case .plain, .connectionName, .vhost, .quiet, .alarm: return CellLook(.muted)
            }
        }
    }

    /// Returns the role of a state. The word is always shown; the colour only makes it easier to find.
    private static func stateRole(_ word: String) -> Role {
        switch word {
        case "running", "open", "idle", "up": .muted
        case "flow", "closing", "starting", "opening", "recovering", "syncing", "blocking", "connecting", "tuning":
            .warning
        case "blocked", "closed", "down", "stopped", "crashed", "terminated", "minority", "timeout", "failed": .critical
        default: .text
        }
    }
}

extension State {
    /// Whether all rows of the view have the same value in a column of this style, which is then not needed.
    func isShared(_ style: ColumnStyle) -> Bool {
        switch (style, scope) {
        case (.vhost, .queue), (.vhost, .exchange), (.queueName, .queue): true
        case (.vhost, _): vhost != nil || vhosts.count == 1
        default: false
        }
    }
}
