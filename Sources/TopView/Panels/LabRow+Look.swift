import Screen
import TopCore

extension LabRow: ShownRow {
    static let shownColumns = listed

    func look(_ key: String, _ value: Value, _ context: LookContext) -> CellLook {
        switch key {
        case "lab": CellLook(context.continuesGroup ? .faint : .strong)
        case "variant": CellLook(isCure ? .good : .text)
        case "verdict":
            switch run?.phase {
            case .running: CellLook(.info)
            case .passed: CellLook(.good, text: "\(context.marks.done) pass")
            case .failed: CellLook(.critical, text: "\(context.marks.failed) fail")
            case nil: CellLook(.faint)
            }
        default: CellLook(Self.plainRole(key, value))
        }
    }

    func continues(_ above: LabRow) -> Bool { id.experiment == above.id.experiment }
}
