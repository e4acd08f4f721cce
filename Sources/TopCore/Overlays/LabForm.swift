import Experiments
import Foundation

extension Form.Key {
    static let timeScale = "time-scale"
    static func setting(_ name: String) -> String { "setting.\(name)" }
}

extension State {
    /// Shows the settings of the selected variant before it runs.
    func labForm() -> OverlayOutcome {
        guard let row = lab.selected else { return .stays }
        guard row.run?.phase != .running else {
            return .says("\(row.id.words) is running: Esc, with its details closed, ends it", .info)
        }
        var fields = row.experiment.settings.map { setting in
            Form.Field(
                key: Form.Key.setting(setting.name), label: setting.label, kind: setting.fieldKind,
                value: setting.typed, hint: setting.meaning)
        }
        fields.append(
            Form.Field(
                key: Form.Key.timeScale, label: "Time scale", kind: .number, value: "1",
                hint: "how many times faster than it says"))
        return .fills(
            Form(
                title: "Run \(row.id.words)", purpose: .lab(row.id), lines: [row.variant.expectation], fields: fields,
                submitLabel: "Run"))
    }

}

extension Form {
    /// Runs the variant, or marks fields that are not numbers. The experiment itself validates bounds and names, and
    /// fails the operation.
    func submitted(toRun id: LabRowID, in state: State) -> OverlayOutcome {
        guard let row = state.lab.row(.lab(id)) else { return .closes }
        var form = self
        var order = LabOrder(id)
        for (index, field) in form.fields.enumerated() {
            let text = field.editor.text.trimmingCharacters(in: .whitespaces)
            if field.key == Form.Key.timeScale {
                guard let scale = Double(text), scale >= 0.01, scale <= 1_000 else {
                    form.fields[index].problem = "0.01 to 1000"
                    continue
                }
                order.timeScale = scale
            } else if let setting = row.experiment.settings.first(where: { Form.Key.setting($0.name) == field.key }) {
                if let problem = setting.problem(text) { form.fields[index].problem = problem }
                if text != setting.typed { order.settings[setting.name] = text }
            }
        }
        return form.focusOnProblem() ? .fills(form) : .starts(.runLab(order))
    }
}

extension ExperimentDescription.Setting {
    /// `stop-for` becomes `Stop for`.
    fileprivate var label: String {
        let text = name.replacing("-", with: " ")
        return text.prefix(1).uppercased() + text.dropFirst()
    }

    fileprivate var fieldKind: Form.Field.Kind {
        switch value {
        case .integer: .count
        case .number: .number
        case .flag: .toggle
        case .text, .list, .object, .null: .text
        }
    }

    /// Returns what is wrong with a value; `nil` when it is valid.
    fileprivate func problem(_ text: String) -> String? {
        switch fieldKind {
        case .toggle: [Form.Field.on, Form.Field.off].contains(text) ? nil : "yes or no"
        case .count: Int(text) == nil ? "a whole number" : nil
        case .number: Double(text)?.isFinite == true ? nil : "a number"
        default: nil
        }
    }
}
