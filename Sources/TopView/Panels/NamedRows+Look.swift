import Names
import TopCore

extension BindingRow: ShownRow {
    func look(_ column: Column<Self>, _ value: Value, _ context: LookContext) -> CellLook {
        switch column.key {
        case .source where source.isEmpty: CellLook(.muted, text: sourceName)
        default: column.style.look(of: value)
        }
    }
}

extension PolicyRow: ShownRow {
    func look(_ column: Column<Self>, _ value: Value, _ context: LookContext) -> CellLook {
        switch column.key {
        case .queues where queues == 0 && exchanges == 0: CellLook(.warning, text: "0")
        case .kind where isOperator: CellLook(.text)
        default: column.style.look(of: value)
        }
    }

    var moreFields: [(label: String, value: String)] {
        func words(_ match: Match) -> String { "\(match.isExchange ? "exchange" : "queue") \(match.name)" }
        let inForce: [(label: String, value: String)] = matches.filter { $0.effective == name }.map {
            ("in force on", words($0))
        }
        let others: [(label: String, value: String)] = matches.filter { $0.effective != name }.map { match in
            (
                "also matches",
                "\(words(match)), where \(match.effective.map { "\($0) is in force" } ?? "none is in force")"
            )
        }
        return inForce + others
    }
}

extension UserRow: ShownRow {
    static var detailColumns: [Column<Self>] {
        [.name, .tags, .maxConnections, .maxChannels].map(column)
    }

    func look(_ column: Column<Self>, _ value: Value, _ context: LookContext) -> CellLook {
        switch column.key {
        case .tags where tags.isEmpty: CellLook(.faint, text: "none")
        case .vhosts where permissions?.isEmpty == true: CellLook(.warning, text: "none")
        default: column.style.look(of: value)
        }
    }

    var moreFields: [(label: String, value: String)] {
        guard let permissions else { return [("permissions", "not known")] }
        guard !permissions.isEmpty else { return [("permissions", "none: it may open no vhost")] }
        return permissions.map { permission in
            (
                "vhost \(permission.vhost)",
                "configure '\(permission.configure)', write '\(permission.write)', read '\(permission.read)'"
            )
        }
    }
}

extension VhostRow: ShownRow {
    func look(_ column: Column<Self>, _ value: Value, _ context: LookContext) -> CellLook {
        switch column.key {
        case .state where state != nil && state != "running": CellLook(.critical)
        case .tracing where isTracing == true: CellLook(.warning)
        case .maxConnections where maxConnections == nil, .maxQueues where maxQueues == nil: CellLook(.faint)
        default: column.style.look(of: value)
        }
    }

    func alert(_ context: LookContext) -> Role? {
        if let state, state != "running" { return .critical }
        return isTracing == true ? .warning : nil
    }
}

extension FeatureRow: ShownRow {
    func look(_ column: Column<Self>, _ value: Value, _ context: LookContext) -> CellLook {
        switch column.key {
        case .used where isUsed == true: CellLook(.warning)
        case .state where kind == .flag && state == "disabled": CellLook(.warning)
        case .state where state == "enabled": CellLook(.muted)
        default: column.style.look(of: value)
        }
    }

    func alert(_ context: LookContext) -> Role? { isUsed == true ? .warning : nil }
}

extension StreamRow: ShownRow {
    func look(_ column: Column<Self>, _ value: Value, _ context: LookContext) -> CellLook {
        switch column.key {
        case .online:
            if let online, let members, online < members {
                CellLook(.warning, mark: context.marks.alert)
            } else {
                column.style.look(of: value)
            }
        default: column.style.look(of: value)
        }
    }

    var moreFields: [(label: String, value: String)] {
        let format = ValueFormat()
        func count(_ number: Int?) -> String { number.map { format.count($0) } ?? "not known" }
        var fields: [(label: String, value: String)] = [("offsets from", offsetSource ?? Self.whyNoOffsets)]
        for reader in readers {
            let place = reader.connection.map { "\($0)" } ?? "a new connection"
            let number = reader.subscription.map { ", subscription \($0)" } ?? ""
            let value = "offset \(count(reader.offset)), lag \(count(reader.lag)), at \(place)\(number)"
            fields.append(("consumer", value))
        }
        if let readerCount, readerCount > readers.count {
            fields.append(("more consumers", format.count(readerCount - readers.count)))
        }
        return fields
    }

    private static let whyNoOffsets =
        "not known: only consumers of the stream protocol tell them, with rabbitmq_stream_management"
}

extension LinkRow: ShownRow {
    private var isBroken: Bool { state == "terminated" || state == "error" || state == "shutdown" }

    func look(_ column: Column<Self>, _ value: Value, _ context: LookContext) -> CellLook {
        switch column.key {
        case .state where isBroken: CellLook(.critical)
        case .error where error != nil: CellLook(.critical)
        default: column.style.look(of: value)
        }
    }

    func alert(_ context: LookContext) -> Role? { isBroken ? .critical : nil }
}

extension TopologyRow: ShownRow {
    static var detailColumns: [Column<Self>] {
        [.vhost, .kind, .name, .wayRate, .rateIn, .rateOut, .messages, .consumers, .marks].map(column)
    }

    func look(_ column: Column<Self>, _ value: Value, _ context: LookContext) -> CellLook {
        switch column.key {
        case .tree where kind == .vhost: CellLook(.strong)
        case .tree where kind == .exchange: CellLook(.text)
        case .tree: CellLook(.muted)
        case .marks where !marks.isEmpty: CellLook(.warning)
        default: column.style.look(of: value)
        }
    }
}
