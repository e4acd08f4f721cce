import Faults

extension State {
    /// Undoes the fault in force; when there are several it shows a list, with all of them as the first choice.
    mutating func askUndo() -> [Action] {
        let inForce = faultsInForce
        guard inForce.count > 1 else {
            guard let only = inForce.first else {
                tell("No fault is in force")
                return []
            }
            guard only.state != .undoing else {
                tell("\(only.label) is being undone")
                return []
            }
            return start(.undoFault(only.id))
        }
        var choices = [Picker.Choice(label: "all of them", hint: "\(inForce.count) faults", effect: .undo(nil))]
        choices += inForce.map { record in
            Picker.Choice(
                label: record.label, hint: hint(of: record),
                disabled: record.state == .undoing ? "being undone" : nil, effect: .undo(record.id))
        }
        overlay = .picker(Picker(title: "Undo", choices: choices))
        return []
    }

    private func hint(of record: FaultRecord) -> String {
        var parts = record.fault.aim.map { ["on \($0)"] } ?? []
        if record.state == .undoFailed {
            parts.append("undoing it failed: \(record.note ?? "it is tried again")")
        } else if let left = record.secondsLeft(at: now) {
            parts.append("\(ValueFormat().duration(left)) left")
        } else {
            parts.append("until undone")
        }
        return parts.joined(separator: ", ")
    }
}
