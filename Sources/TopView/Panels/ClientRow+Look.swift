import Screen
import TopCore

extension ClientRow: ShownRow {
    /// The column that says whether the broker agrees shows the differences in words.
    static let shownColumns: [Column<Self>] = listed.map { column in
        switch column.key {
        case "broker_agrees":
            Column(
                column.key, "BROKER SAYS", .text, width: 20, maximumWidth: 80, priority: 1, value: column.value)
        case "last_error_text":
            Column(column.key, column.title, column.kind, width: 16, maximumWidth: 60, priority: 2, value: column.value)
        case "state": Column(column.key, column.title, column.kind, width: 8, priority: 1, value: column.value)
        default: column
        }
    }

    static let identity = ["name"]
    static let connectionNames = ["connection"]

    func look(_ key: String, _ value: Value, _ context: LookContext) -> CellLook {
        switch key {
        case "name":
            if channel != nil {
                // Below its connection a channel is identified by its number.
                context.continuesGroup
                    ? CellLook(
                        .muted,
                        text: "\(context.marks.child)channel \(channel ?? 0)" + (pool.map { " of \($0)" } ?? ""))
                    : CellLook(.text, text: "\(name(in: context.state)) (\(channel ?? 0))")
            } else {
                CellLook(.strong, text: name(in: context.state))
            }
        case "state", "channel_state", "in_flight", "unconfirmed", "unacked", "consumers":
            // What an attached process reported long ago must not look current.
            isOld(in: context.state)
                ? CellLook(.faint, mark: context.marks.old, markRole: .warning)
                : key == "state" && context.continuesGroup && channel != nil
                    ? CellLook(.faint) : CellLook(Self.plainRole(key, value))
        case "connection" where context.continuesGroup: CellLook(.faint)
        case "last_error_code" where lastErrorCode != nil: CellLook(.critical)
        case "last_error_text" where lastErrorText != nil: CellLook(.critical)
        case "broker_agrees":
            switch brokerAgrees {
            case true: CellLook(.muted, text: "agrees")
            case false:
                CellLook(.critical, text: "\(context.marks.alert) " + context.marks.plain(disagreement ?? "disagrees"))
            case nil: CellLook(.faint, text: brokerState ?? context.marks.unknown)
            }
        case "channel": CellLook(channel == nil ? .faint : .text)
        default: CellLook(Self.plainRole(key, value))
        }
    }

    /// Returns the full name, with the port of the connection when another client has the same name.
    private func name(in state: State) -> String {
        let fullName = fullName
        let isShared = state.client.rows.contains { other in
            (other.id.connection != id.connection || other.id.isAttached != id.isAttached)
                && other.fullName.utf8.elementsEqual(fullName.utf8)
        }
        return isShared ? Self.short(fullName, connection.text) : fullName
    }

    /// The client's process, unless it is rabbittop itself, and its name.
    private var fullName: String { (process.map { "\($0): " } ?? "") + (name ?? connection).text }

    /// Whether the attached process of the row has been silent for long.
    func isOld(in state: State) -> Bool {
        guard let at else { return false }
        return state.now.timeIntervalSince(at) > max(3 * state.interval, 3)
    }

    var moreFields: [(label: String, value: String)] {
        var fields: [(label: String, value: String)] = []
        if let process { fields.append(("process", process)) }
        if let pool { fields.append(("pool", pool)) }
        for pool in pools {
            let figures =
                "\(pool.inUse) of \(pool.size) in use, \(pool.idle) idle, \(pool.waiting) waiting, "
                + "\(pool.discarded) discarded, \(pool.timeouts) timed out"
            fields.append(("pool", "\(pool.name): \(figures)"))
        }
        if let disagreement { fields.append(("disagreement", disagreement)) }
        return fields
    }

    func alert(_ context: LookContext) -> Role? { brokerAgrees == false ? .critical : nil }

    func continues(_ above: Self) -> Bool {
        id.connection == above.id.connection && id.isAttached == above.id.isAttached
    }
}
