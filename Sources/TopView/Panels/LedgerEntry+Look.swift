import Faults
import Foundation
import Screen
import TopCore

extension LedgerEntry: ShownRow {
    /// The client that the entry is about, by its most specific name.
    var who: String? { clientName ?? connection ?? peer ?? application ?? user }

    /// Returns the time of day; for another day its month and day, which are enough to recognise it as old.
    func time(_ format: ValueFormat, now: Date) -> String {
        let text = format.clock(at, now: now)
        return text.contains(":") ? text : String(text.suffix(5))
    }

    /// The kind in one short word.
    var word: String {
        switch kind {
        case .authentication: "auth"
        case .recovered: "recovery"
        default: kind.rawValue
        }
    }

    /// The text, preceded by the name of the reply code for errors, unless it already contains it.
    var message: String {
        let remark = remark
        guard let codeName, isFailure else { return remark.isEmpty ? summary : remark }
        return remark.isEmpty ? codeName : "\(codeName) - \(remark)"
    }

    /// The importance of the entry.
    var role: Role {
        switch severity {
        case .critical: return .critical
        case .warning: return .warning
        case .ok, nil: break
        }
        switch kind {
        case .error: return .critical
        case .blocked, .alarm, .authentication, .cancelled, .returned: return .warning
        case .action, .fault: return .accent
        case .recovered: return .good
        case .closed, .source, .finding: return .text
        case .opened, .unblocked: return .muted
        }
    }

    func look(_ column: Column<Self>, _ value: Value, _ context: LookContext) -> CellLook {
        switch column.key {
        case .at:
            CellLook(.muted, text: time(context.format, now: context.now))
        case .kind:
            CellLook(role, text: word + (count > 1 ? context.marks.plain(" ×\(count)") : ""))
        case .code: CellLook(code == nil ? .faint : isFailure ? .critical : .text, text: code.map(String.init))
        case .codeName: CellLook(code == nil ? .faint : isFailure ? .critical : .muted)
        case .clientName: CellLook(who == nil ? .faint : .text, text: who ?? context.marks.unknown)
        case .text: CellLook(role == .critical || role == .accent ? .text : role, text: message)
        default: column.style.look(of: value)
        }
    }

    /// How often an event happened that stands for several.
    var moreFields: [(label: String, value: String)] { count > 1 ? [("times", String(count))] : [] }

    func alert(_ context: LookContext) -> Role? {
        switch kind {
        case .error: .critical
        case .alarm, .blocked, .authentication: .warning
        case .fault, .finding: severity == .critical ? .critical : severity == .warning ? .warning : nil
        case .closed, .opened, .returned, .cancelled, .unblocked, .action, .source, .recovered: nil
        }
    }

    /// 200 is a normal end; 320 and up are errors.
    private var isFailure: Bool { (code ?? 0) >= 300 }
}
