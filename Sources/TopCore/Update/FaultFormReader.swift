import Faults
import Foundation

/// Reads a fault from its form and marks each invalid field with its problem.
struct FaultFormReader {
    var form: Form
    let description: FaultDescription

    init(form: Form, description: FaultDescription) {
        self.form = form
        self.description = description
    }

    mutating func fault() -> Fault {
        var fault = Fault(description.name)
        for parameter in description.parameters {
            let key = Form.Key.parameter(parameter)
            guard let field = form[key] else { continue }
            let value = FaultValue(field.editor.text, as: parameter.kind)
            guard let accepted = parameter.accept(value) else {
                note(key, parameter.range)
                continue
            }
            // Values that equal the catalogue's default are omitted.
            if accepted != parameter.value { fault.parameters[parameter.name] = accepted }
        }
        for field in description.selects {
            let key = Form.Key.selector(field)
            // The default exchange has the empty name; in other fields an empty value matches anything.
            guard let text = form[key].map({ field.isNumber ? trimmed($0) : $0.editor.text }), !text.isEmpty else {
                continue
            }
            var alone = FaultSelector()
            do throws(FaultError) {
                try alone.set(field, text)
                try alone.check()
                try fault.selector.set(field, text)
            } catch {
                note(key, error.advice)
            }
        }
        if let text = form[Form.Key.duration].map(trimmed), !text.isEmpty {
            if let seconds = Double(text), seconds > 0, seconds <= FaultCatalogue.longestDuration {
                if seconds != description.defaultDuration { fault.duration = seconds }
            } else {
                note(
                    Form.Key.duration,
                    "more than 0 and at most \(ValueFormat.grouped(Int(FaultCatalogue.longestDuration))) seconds")
            }
        }
        if let text = form[Form.Key.seed].map(trimmed) {
            if let seed = UInt64(text) {
                fault.seed = seed
            } else {
                note(Form.Key.seed, "a whole number, 0 or more")
            }
        }
        return fault
    }

    private func trimmed(_ field: Form.Field) -> String { field.editor.text.trimmingCharacters(in: .whitespaces) }

    mutating func note(_ key: String, _ problem: String) {
        guard let index = form.fields.firstIndex(where: { $0.key == key }), form.fields[index].problem == nil else {
            return
        }
        form.fields[index].problem = problem
    }
}

extension FaultValue {
    /// Creates a value from typed text, of the parameter's kind; text when it does not parse as that kind.
    fileprivate init(_ typed: String, as kind: FaultParameter.Kind) {
        let text = typed.trimmingCharacters(in: .whitespaces)
        switch kind {
        case .integer: self = Int(text).map(FaultValue.integer) ?? .text(text)
        case .number:
            if let number = Double(text), number.isFinite { self = .number(number) } else { self = .text(text) }
        case .flag: self = .flag(text == Form.Field.on)
        case .choice: self = .text(text)
        case .text: self = .text(typed)
        }
    }
}

extension FaultSelector.Field {
    var isNumber: Bool {
        switch self {
        case .connection, .user, .vhost, .queue, .exchange: false
        case .channel, .percentage, .every, .afterMessages, .afterBytes, .times: true
        }
    }

    /// Whether the field limits how often the fault applies, rather than to what.
    var saysHowOften: Bool {
        switch self {
        case .connection, .user, .vhost, .queue, .exchange, .channel: false
        case .percentage, .every, .afterMessages, .afterBytes, .times: true
        }
    }
}
