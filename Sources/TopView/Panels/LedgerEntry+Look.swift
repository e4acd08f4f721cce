import Faults
import Screen
import TopCore

extension LedgerEntry: ShownRow {
    static let shownColumns: [Column<Self>] = columns.compactMap { column in
        switch column.key {
        case _ where column.priority == nil: nil
        case "client_name":
            Column(column.key, "WHO", .text, width: 16, maximumWidth: 32, priority: 2, value: column.value)
        case "kind":
            Column(column.key, column.title, .text, width: 11, maximumWidth: 14, priority: 1, value: column.value)
        case "code_name":
            Column(column.key, column.title, .text, width: 19, maximumWidth: 22, priority: 5, value: column.value)
        default: column
        }
    }

    /// Whoever it is about, by the name that says the most.
    var who: String? { clientName ?? connection ?? peer ?? user }

    /// How much it matters.
    var role: Role {
        switch kind {
        case .error: .critical
        case .blocked, .alarm, .authentication, .cancelled, .returned: .warning
        case .action: .accent
        case .closed, .source: .text
        case .opened, .unblocked: .muted
        }
    }

    func look(_ key: String, _ value: Value, _ context: LookContext) -> CellLook {
        switch key {
        case "at": CellLook(.muted)
        case "kind":
            CellLook(role, text: count > 1 ? "\(kind.rawValue) ×\(count)" : kind.rawValue)
        case "code": CellLook(code == nil ? .faint : isFailure ? .critical : .text, text: code.map(String.init))
        case "code_name": CellLook(code == nil ? .faint : isFailure ? .critical : .muted)
        case "client_name": CellLook(who == nil ? .faint : .text, text: who ?? context.marks.unknown)
        case "text": CellLook(role == .critical ? .text : role == .accent ? .text : role)
        default: CellLook(value == .none ? .faint : .muted)
        }
    }

    func alert(_ context: LookContext) -> Role? {
        switch kind {
        case .error: .critical
        case .alarm, .blocked, .authentication: .warning
        case .closed, .opened, .returned, .cancelled, .unblocked, .action, .source: nil
        }
    }

    /// 200 is a good end; 320 and up are not.
    private var isFailure: Bool { (code ?? 0) >= 300 }
}
