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
    /// The row that left while its details are looked at.
    let ended: RowID?
    /// Whether the whole view's figures are older than they should be.
    let isStale: Bool
    /// Seconds after which a depth of each source is older than it should be.
    let patience: [DepthSource: Double]
    /// The keys of the columns that are shown.
    var columns: Set<String> = []
    /// The row above on the screen belongs to the same group.
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
    /// The columns that tell a row from all others, the name first: these neither scroll out nor drop.
    static var identity: [String] { get }
    /// The columns that hold a connection's name, whose beginning tells it from others.
    static var connectionNames: [String] { get }
    /// The columns that say nothing in less than their width.
    static var rigid: [String] { get }
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

    static var connectionNames: [String] { [] }

    static var rigid: [String] { connectionNames }

    /// A text of the row's identity in as many columns as there are: names that begin alike differ at their ends, so they
    /// lose their middle. Of a connection's name the client's address and port are what counts.
    static func fitted(_ key: String, _ text: String, to width: Int, ellipsis: Character) -> String {
        guard identity.contains(key) || connectionNames.contains(key), TextWidth.columns(of: text) > width else {
            return text
        }
        guard connectionNames.contains(key), let arrow = text.utf8.firstRange(of: " -> ".utf8) else {
            return Text.shortened(text, to: width, keeping: portLength(text), ellipsis: ellipsis)
        }
        let peer = String(text[..<arrow.lowerBound])
        // A part of the other address says nothing, and cuts nothing off.
        return TextWidth.columns(of: peer) < width
            ? Text.truncated(text, to: width, ellipsis: ellipsis)
            : Text.shortened(peer, to: width, ellipsis: ellipsis)
    }

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

    /// The columns of `:50640` at the end of a text; `nil` where there is no port.
    private static func portLength(_ text: String) -> Int? {
        let digits = text.utf8.reversed().prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }.count
        guard (1...5).contains(digits), text.utf8.dropLast(digits).last == UInt8(ascii: ":") else { return nil }
        return digits + 1
    }

    /// An application with the port of its connection, where the connection has no column of its own.
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
    /// Whether all rows of the view have the same in this column: then it need not be there to tell them apart.
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
        // It runs, and takes no connections.
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
