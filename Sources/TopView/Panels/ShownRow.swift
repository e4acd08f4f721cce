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
    /// The keys of the columns that are shown.
    var columns: Set<String> = []
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
    /// The columns shown on the screen, in their order.
    static var shownColumns: [Column<Self>] { get }
    /// The columns that identify a row, the name first: these neither scroll out nor are omitted.
    static var identity: [String] { get }
    /// The columns that contain a connection's name, whose beginning distinguishes it from others.
    static var connectionNames: [String] { get }
    /// The columns that are useless below their width.
    static var rigid: [String] { get }
    func look(_ key: String, _ value: Value, _ context: LookContext) -> CellLook
    /// The role of a mark before the row, for problems that must not be overlooked.
    func alert(_ context: LookContext) -> Role?
    /// Whether this row and the one above belong together.
    func continues(_ above: Self) -> Bool
    /// Fields of the details besides the columns.
    var moreFields: [(label: String, value: String)] { get }
}

extension ShownRow {
    func look(_ key: String, _ value: Value, _ context: LookContext) -> CellLook {
        CellLook(Self.plainRole(key, value))
    }

    func alert(_ context: LookContext) -> Role? { nil }

    static var connectionNames: [String] { [] }

    static var rigid: [String] { connectionNames }

    /// Returns an identifying text shortened to a width: names with the same beginning differ at their ends, so they
    /// are cut in the middle. Of a connection's name the client's address and port are the most important part.
    static func fitted(_ key: String, _ text: String, to width: Int, ellipsis: Character) -> String {
        guard identity.contains(key) || connectionNames.contains(key), TextWidth.columns(of: text) > width else {
            return text
        }
        guard connectionNames.contains(key), let arrow = text.utf8.firstRange(of: " -> ".utf8) else {
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

    /// Returns the role of a value without judgement: names are emphasised, zero and unknown values are faint.
    static func plainRole(_ key: String, _ value: Value) -> Role {
        switch value {
        case .none, .integer(0), .flag(false): .faint
        case .number(let number): abs(number) < 0.05 ? .faint : .text
        case .text(let text):
            switch key {
            case "name", "queue", "client_name", "tag": .text
            case "state", "channel_state": Self.stateRole(text)
            default: .muted
            }
        case .integer, .flag: .text
        case .time, .list: .muted
        }
    }

    /// Returns the role of a state. The word is always shown; the colour only makes it easier to find.
    static func stateRole(_ word: String) -> Role {
        switch word {
        case "running", "open", "idle", "up": .muted
        case "flow", "closing", "starting", "opening", "recovering", "syncing", "blocking", "connecting", "tuning":
            .warning
        case "blocked", "closed", "down", "stopped", "crashed", "terminated", "minority", "timeout", "failed": .critical
        default: .text
        }
    }

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

    static var listed: [Column<Self>] { columns.filter { $0.priority != nil } }
}

extension State {
    /// Whether all rows of the view have the same value in this column, which is then not needed.
    func isShared(_ column: String) -> Bool {
        switch (column, scope) {
        case ("vhost", .queue), ("vhost", .exchange), ("queue", .queue): true
        case ("vhost", _): vhost != nil || vhosts.count == 1
        default: false
        }
    }
}

extension NodeRow: ShownRow {
    static let shownColumns = listed
    static let identity = ["name"]

    func look(_ key: String, _ value: Value, _ context: LookContext) -> CellLook {
        switch key {
        case "running" where !running: CellLook(.critical, text: "DOWN")
        // It runs, and accepts no connections.
        case "running": maintenance == true ? CellLook(.warning, text: "maint") : CellLook(.muted)
        case "maintenance": maintenance == true ? CellLook(.warning) : CellLook(.faint)
        case "memory":
            WorstNode.memory(self).map { CellLook($0.role == .good ? .text : $0.role) } ?? CellLook(.faint)
        case "disk_free":
            WorstNode.disk(self).map { CellLook($0.role == .good ? .text : $0.role) } ?? CellLook(.faint)
        case "memory_alarm", "disk_alarm":
            value == .flag(true) ? CellLook(.critical, text: "ALARM") : CellLook(.faint)
        case "fds":
            if let used = fileDescriptors, let limit = fileDescriptorLimit, limit > 0, used > limit / 10 * 8 {
                CellLook(.warning, mark: context.marks.alert)
            } else {
                CellLook(Self.plainRole(key, value))
            }
        case "memory_limit", "disk_free_limit", "fds_limit": CellLook(.muted)
        default: CellLook(Self.plainRole(key, value))
        }
    }

    func alert(_ context: LookContext) -> Role? {
        if !running || memoryAlarm == true || diskAlarm == true || !partitions.isEmpty { return .critical }
        return maintenance == true ? .warning : nil
    }
}

extension ConnectionRow: ShownRow {
    static let shownColumns = listed
    static let identity = ["client_name", "name"]
    static let connectionNames = ["name"]

    func look(_ key: String, _ value: Value, _ context: LookContext) -> CellLook {
        switch key {
        case "client_name" where !context.columns.contains("name"):
            CellLook(.text, text: Self.short(clientName?.text, name.text))
        case "client_name" where clientName == nil: CellLook(.faint)
        case "heartbeat" where heartbeat == 0: CellLook(.warning, text: "0", mark: context.marks.alert)
        case "heartbeat": CellLook(.muted)
        default: CellLook(Self.plainRole(key, value))
        }
    }

    func alert(_ context: LookContext) -> Role? {
        switch state {
        case "blocked", "blocking": .critical
        case "flow", "closing": .warning
        default: nil
        }
    }
}

extension ChannelRow: ShownRow {
    static let shownColumns = listed
    static let identity = ["client_name", "number", "connection"]
    static let connectionNames = ["connection"]

    func look(_ key: String, _ value: Value, _ context: LookContext) -> CellLook {
        switch key {
        case "client_name" where !context.columns.contains("connection"):
            CellLook(.text, text: Self.short(clientName?.text, id.connection.text))
        case "unacked":
            if let unacked, let prefetch, prefetch > 0, unacked >= prefetch {
                // The consumer holds its full prefetch: it holds up the queue.
                CellLook(.warning, mark: context.marks.alert)
            } else {
                CellLook(Self.plainRole(key, value))
            }
        case "prefetch" where prefetch == 0: CellLook(.muted, text: "none")
        case "prefetch": CellLook(.muted)
        case "number": CellLook(.text)
        default: CellLook(Self.plainRole(key, value))
        }
    }

    func alert(_ context: LookContext) -> Role? {
        switch state {
        case "flow", "closing": .warning
        default: nil
        }
    }
}

extension ConsumerRow: ShownRow {
    static let shownColumns = listed
    static let identity = ["queue", "tag", "vhost"]
    static let connectionNames = ["connection"]

    func look(_ key: String, _ value: Value, _ context: LookContext) -> CellLook {
        switch key {
        case "active" where active == false: CellLook(.muted, text: activityStatus == "waiting" ? "wait" : "no")
        case "ack_required" where ackRequired == false: CellLook(.muted, text: "auto")
        case "prefetch" where prefetch == 0: CellLook(.muted, text: "none")
        case "prefetch": CellLook(.text)
        case "channel": CellLook(.text)
        default: CellLook(Self.plainRole(key, value))
        }
    }
}

extension ExchangeRow: ShownRow {
    static let shownColumns = listed
    static let identity = ["name", "vhost"]

    func look(_ key: String, _ value: Value, _ context: LookContext) -> CellLook {
        switch key {
        case "name" where id.name.isEmpty: CellLook(.muted, text: displayName)
        case "name" where id.name.hasPrefix("amq."): CellLook(.muted)
        default: CellLook(Self.plainRole(key, value))
        }
    }
}
