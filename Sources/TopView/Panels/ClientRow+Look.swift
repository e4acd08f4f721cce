import Screen
import TopCore

extension ClientRow: ShownRow {
    /// The column that says whether the broker agrees has the words of the disagreement.
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

    func look(_ key: String, _ value: Value, _ context: LookContext) -> CellLook {
        switch key {
        case "name":
            if channel != nil {
                // Below its connection a channel needs no name but its number.
                context.continuesGroup
                    ? CellLook(.muted, text: "\(context.marks.child)channel \(channel ?? 0)")
                    : CellLook(.text, text: name ?? connection)
            } else {
                CellLook(.strong, text: name ?? connection)
            }
        case "connection" where context.continuesGroup: CellLook(.faint)
        case "state" where context.continuesGroup && channel != nil: CellLook(.faint)
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

    func alert(_ context: LookContext) -> Role? { brokerAgrees == false ? .critical : nil }

    func continues(_ above: Self) -> Bool { id.connection == above.id.connection }
}
