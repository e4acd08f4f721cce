import Screen
import TopCore

extension LabRow: ShownRow {
    static let shownColumns = listed
    static let identity = ["lab", "variant"]

    func look(_ key: String, _ value: Value, _ context: LookContext) -> CellLook {
        switch key {
        case "lab": CellLook(context.continuesGroup ? .faint : .strong)
        case "variant": CellLook(isCure ? .good : .text)
        case "verdict":
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
        default: CellLook(Self.plainRole(key, value))
        }
    }

    func continues(_ above: LabRow) -> Bool { id.experiment == above.id.experiment }
}
