import Foundation
import Screen
import TopCore

/// How one cell of a table looks.
struct CellLook {
    /// `nil` for the usual text of the value.
    var text: String?
    var role: Role
    /// A mark right after the cell, in the gap: growing, older than it should be, needs a look.
    var mark: Character?
    var markRole: Role = .warning

    init(_ role: Role, text: String? = nil, mark: Character? = nil, markRole: Role = .warning) {
        self.role = role
        self.text = text
        self.mark = mark
        self.markRole = markRole
    }
}

/// What the looks of a cell depend on besides its row.
struct LookContext {
    let state: State
    let marks: Marks
    let format: ValueFormat
    /// Whether the whole view's figures are older than they should be.
    let isStale: Bool
    /// Seconds after which a depth of each source is older than it should be.
    let patience: [DepthSource: Double]
    /// The row above on the screen belongs to the same group.
    var continuesGroup = false

    init(_ state: State, _ canvas: Canvas) {
        self.state = state
        marks = canvas.marks
        format = canvas.format
        isStale = state.isStale(state.view)
        var patience: [DepthSource: Double] = [.amqp: max(3 * state.interval, 3), .prometheus: 15, .management: 15]
        for source in state.sources {
            guard let depth = DepthSource(source.name) else { continue }
            patience[depth] = max(3 * source.interval, 3)
            // Nothing looks live from the moment on at which it is known that nobody answers.
            if depth == .amqp, source.state == .stale || source.state == .unreachable { patience[depth] = 0 }
        }
        self.patience = patience
    }

    var now: Date { state.now }
}

extension DepthSource {
    init?(_ source: SourceName) {
        switch source {
        case .amqp: self = .amqp
        case .prometheus: self = .prometheus
        case .management: self = .management
        case .logExchange, .eventExchange, .logFile, .client, .attached: return nil
        }
    }
}

/// A row with the looks of its cells.
protocol ShownRow: TableRow {
    /// The columns as the screen shows them, in their order.
    static var shownColumns: [Column<Self>] { get }
    func look(_ key: String, _ value: Value, _ context: LookContext) -> CellLook
    /// A mark before the row, for what must not be overlooked.
    func alert(_ context: LookContext) -> Role?
    /// Whether this row and the one above belong together.
    func continues(_ above: Self) -> Bool
    /// What its details tell besides its columns.
    var moreFields: [(label: String, value: String)] { get }
}

extension ShownRow {
    func look(_ key: String, _ value: Value, _ context: LookContext) -> CellLook {
        CellLook(Self.plainRole(key, value))
    }

    func alert(_ context: LookContext) -> Role? { nil }

    func continues(_ above: Self) -> Bool { false }

    var moreFields: [(label: String, value: String)] { [] }

    /// The looks of a value that needs no judgement: names in front, nothing and zero in the back.
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

    /// The word is always there; the colour only makes it easier to find.
    static func stateRole(_ word: String) -> Role {
        switch word {
        case "running", "open", "idle", "up": .muted
        case "flow", "closing", "starting", "opening", "recovering", "syncing", "blocking", "connecting", "tuning":
            .warning
        case "blocked", "closed", "down", "stopped", "crashed", "terminated", "minority", "timeout", "failed": .critical
        default: .text
        }
    }

    static var listed: [Column<Self>] { columns.filter { $0.priority != nil } }
}

extension NodeRow: ShownRow {
    static let shownColumns = listed

    func look(_ key: String, _ value: Value, _ context: LookContext) -> CellLook {
        switch key {
        case "running": running ? CellLook(.muted) : CellLook(.critical, text: "DOWN")
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
        !running || memoryAlarm == true || diskAlarm == true || !partitions.isEmpty ? .critical : nil
    }
}

extension ConnectionRow: ShownRow {
    static let shownColumns = listed

    func look(_ key: String, _ value: Value, _ context: LookContext) -> CellLook {
        switch key {
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

    func look(_ key: String, _ value: Value, _ context: LookContext) -> CellLook {
        switch key {
        case "unacked":
            if let unacked, let prefetch, prefetch > 0, unacked >= prefetch {
                // The consumer has all it may have: it is the one that everybody waits for.
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

    func look(_ key: String, _ value: Value, _ context: LookContext) -> CellLook {
        switch key {
        case "name" where id.name.isEmpty: CellLook(.muted, text: displayName)
        case "name" where id.name.hasPrefix("amq."): CellLook(.muted)
        default: CellLook(Self.plainRole(key, value))
        }
    }
}
