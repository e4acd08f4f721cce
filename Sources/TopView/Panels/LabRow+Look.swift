import Screen
import TopCore

extension LabRow: ShownRow {
    /// The ledger of an experiment has the values of the others, in its own order.
    static var detailColumns: [Column<Self>] { [column(.verdict), column(.seconds)] }

    func look(_ column: Column<Self>, _ value: Value, _ context: LookContext) -> CellLook {
        switch column.key {
        case .experiment: CellLook(context.continuesGroup ? .faint : .strong)
        case .variant: CellLook(isCure ? .good : .text)
        case .verdict:
            switch run?.phase {
            case .running: CellLook(.info)
            case .passed where isCure: CellLook(.good, text: "\(context.marks.done) pass")
            case .passed: CellLook(.warning, text: "failed as expected")
            case .failed:
                CellLook(
                    .critical, text: isCure ? "\(context.marks.failed) fail" : "\(context.marks.failed) not as expected"
                )
            case nil: CellLook(.faint)
            }
        default: column.style.look(of: value)
        }
    }

    func continues(_ above: LabRow) -> Bool { id.experiment == above.id.experiment }
}
