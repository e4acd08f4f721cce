import Experiments
import Screen
import TopCore

extension LabRow: ShownRow {
    static let shownColumns = listed
    static let identity = ["lab", "variant"]

    func look(_ key: String, _ value: Value, _ context: LookContext) -> CellLook {
        let isCure = variant.isCure
        return switch key {
        case "lab": CellLook(context.continuesGroup ? .faint : .strong)
        case "variant": CellLook(isCure ? .good : .text)
        case "verdict":
            switch run?.phase {
            case .running: CellLook(.info)
            case .ended(.pass, _) where isCure:
                CellLook(.good, text: "\(context.marks.done) \(LabVerdict.pass.words(isCure: true))")
            case .ended(.pass, _): CellLook(.warning, text: LabVerdict.pass.words(isCure: false))
            case .ended(.fail, _):
                CellLook(.critical, text: "\(context.marks.failed) \(LabVerdict.fail.words(isCure: isCure))")
            case nil: CellLook(.faint)
            }
        default: CellLook(Self.plainRole(key, value))
        }
    }

    func continues(_ above: LabRow) -> Bool { id.experiment == above.id.experiment }
}
