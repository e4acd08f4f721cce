import Experiments
import TopCore

extension NodeRow: ShownRow {
    func look(_ column: Column<Self>, _ value: Value, _ context: LookContext) -> CellLook {
        switch column.key {
        case .running where !running: CellLook(.critical, text: "DOWN")
        // It runs, and accepts no connections.
        case .running: maintenance == true ? CellLook(.warning, text: "maint") : CellLook(.muted)
        case .maintenance: maintenance == true ? CellLook(.warning) : CellLook(.faint)
        case .memory:
            WorstNode.memory(self).map { CellLook($0.role == .good ? .text : $0.role) } ?? CellLook(.faint)
        case .diskFree:
            WorstNode.disk(self).map { CellLook($0.role == .good ? .text : $0.role) } ?? CellLook(.faint)
        case .fileDescriptors:
            if let used = fileDescriptors, let limit = fileDescriptorLimit, limit > 0, used > limit / 10 * 8 {
                CellLook(.warning, mark: context.marks.alert)
            } else {
                column.style.look(of: value)
            }
        default: column.style.look(of: value)
        }
    }

    func alert(_ context: LookContext) -> Role? {
        if !running || memoryAlarm == true || diskAlarm == true || !partitions.isEmpty { return .critical }
        return maintenance == true ? .warning : nil
    }
}

extension ConnectionRow: ShownRow {
    func look(_ column: Column<Self>, _ value: Value, _ context: LookContext) -> CellLook {
        switch column.key {
        case .clientName where !context.showsConnection:
            CellLook(.text, text: Self.short(clientName?.text, name.text))
        case .heartbeat where heartbeat == 0: CellLook(.warning, text: "0", mark: context.marks.alert)
        case .name: CellLook(.text)
        default: column.style.look(of: value)
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
    func look(_ column: Column<Self>, _ value: Value, _ context: LookContext) -> CellLook {
        switch column.key {
        case .clientName where !context.showsConnection:
            CellLook(.text, text: Self.short(clientName?.text, id.connection.text))
        case .unacked:
            if let unacked, let prefetch, prefetch > 0, unacked >= prefetch {
                // The consumer holds its full prefetch: it holds up the queue.
                CellLook(.warning, mark: context.marks.alert)
            } else {
                column.style.look(of: value)
            }
        case .prefetch where prefetch == 0: CellLook(.muted, text: "none")
        default: column.style.look(of: value)
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
    func look(_ column: Column<Self>, _ value: Value, _ context: LookContext) -> CellLook {
        switch column.key {
        case .active where active == false: CellLook(.muted, text: activityStatus == "waiting" ? "wait" : "no")
        case .clientName: CellLook(.text, text: Self.short(clientName?.text, id.connection?.text ?? ""))
        case .prefetchUse:
            if let use = prefetchUse {
                CellLook(use >= 1 ? .warning : .text, text: "\(Int((min(max(use, 0), 999) * 100).rounded()))%")
            } else {
                CellLook(.faint)
            }
        case .ackRequired where ackRequired == false: CellLook(.muted, text: "auto")
        case .prefetch where prefetch == 0: CellLook(.muted, text: "none")
        default: column.style.look(of: value)
        }
    }
}

extension ExchangeRow: ShownRow {
    func look(_ column: Column<Self>, _ value: Value, _ context: LookContext) -> CellLook {
        switch column.key {
        case .name where id.name.isEmpty: CellLook(.muted, text: displayName)
        case .name where id.name.hasPrefix("amq."): CellLook(.muted)
        default: column.style.look(of: value)
        }
    }
}

extension LabRow: ShownRow {
    /// The ledger of an experiment has the values of the others, in its own order.
    static var detailColumns: [Column<Self>] { [column(.verdict), column(.seconds)] }

    func look(_ column: Column<Self>, _ value: Value, _ context: LookContext) -> CellLook {
        let isCure = variant.isCure
        return switch column.key {
        case .experiment: CellLook(context.continuesGroup ? .faint : .strong)
        case .variant: CellLook(isCure ? .good : .text)
        case .verdict:
            switch run?.phase {
            case .running: CellLook(.info)
            case .ended(.pass, _) where isCure:
                CellLook(.good, text: "\(context.marks.done) \(LabVerdict.pass.words(isCure: true))")
            case .ended(.pass, _): CellLook(.warning, text: LabVerdict.pass.words(isCure: false))
            case .ended(.fail, _):
                CellLook(.critical, text: "\(context.marks.failed) \(LabVerdict.fail.words(isCure: isCure))")
            case nil: CellLook(.faint)
            }
        default: column.style.look(of: value)
        }
    }

    func continues(_ above: LabRow) -> Bool { id.experiment == above.id.experiment }
}
