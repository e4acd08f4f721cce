import Screen
import TopCore

extension ClientRow: ShownRow {
    func look(_ column: Column<Self>, _ value: Value, _ context: LookContext) -> CellLook {
        switch column.key {
        case .name:
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
        case .state, .channelState, .inFlight, .unconfirmed, .unacked, .consumers:
            // What an attached process reported long ago must not look current.
            isOld(in: context.state)
                ? CellLook(.faint, mark: context.marks.old, markRole: .warning)
                : column.key == .state && context.continuesGroup && channel != nil
                    ? CellLook(.faint) : column.style.look(of: value)
        case .connection where context.continuesGroup: CellLook(.faint)
        case .lastErrorCode where lastErrorCode != nil: CellLook(.critical)
        case .lastErrorText where lastErrorText != nil: CellLook(.critical)
        case .brokerAgrees:
            switch brokerAgrees {
            case true: CellLook(.muted, text: "agrees")
            case false:
                CellLook(.critical, text: "\(context.marks.alert) " + context.marks.plain(disagreement ?? "disagrees"))
            case nil: CellLook(.faint, text: brokerState ?? context.marks.unknown)
            }
        default: column.style.look(of: value)
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
