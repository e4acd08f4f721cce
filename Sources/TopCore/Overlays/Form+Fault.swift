import Faults
import Foundation
import Names

extension Form.Key {
    static let often = "how_often"
    static let duration = "duration"
    static let seed = "seed"

    static func parameter(_ parameter: FaultParameter) -> String { "parameter.\(parameter.name)" }
    static func selector(_ field: FaultSelector.Field) -> String { "selector.\(field.rawValue)" }
}

extension Form {
    private static let always = "every time"
    private static let sometimes = "only some of them"

    /// Creates the form of a fault, with initial values from the target row.
    init(_ description: FaultDescription, at target: FaultTarget) {
        var fields = description.parameters.map { Field($0, value: target.prefilled($0)) }
        fields += description.selects.filter { !$0.saysHowOften }.map {
            Field($0, of: description, value: target.prefilled($0, of: description))
        }
        if description.selects.contains(where: \.saysHowOften) {
            fields.append(
                Field(
                    key: Key.often, label: "How often", kind: .choice([Self.always, Self.sometimes]),
                    value: Self.always, hint: "← → opens more"))
        }
        if description.undo != nil {
            let usual = description.defaultDuration.map { FaultValue.number($0).description }
            fields.append(
                Field(
                    key: Key.duration, label: "Lasts", kind: .number, value: usual ?? "",
                    hint: "seconds; empty: \(usual ?? "until undone")"))
        }
        if description.isLeftToChance {
            fields.append(
                Field(
                    key: Key.seed, label: "Seed", kind: .count, value: "1", hint: "the same seed gives the same run"))
        }
        self.init(
            title: "\(description.title): \(target.title)", purpose: .fault(description.name), fields: fields,
            submitLabel: description.isDestructive ? "Go on" : "Inject")
    }

    /// Shows the fields that limit how often the fault applies, after the field that expands them, when they are
    /// requested.
    mutating func refold() {
        guard case .fault(let name) = purpose, let description = FaultCatalogue[name],
            let opener = self[Key.often]
        else { return }
        let often = description.selects.filter(\.saysHowOften)
        let keys = Set(often.map(Key.selector))
        let isOpen = fields.contains { keys.contains($0.key) }
        guard isOpen != (opener.editor.text == Self.sometimes) else { return }
        let focused = fields.indices.contains(focus) ? fields[focus].key : nil
        if isOpen {
            fields.removeAll { keys.contains($0.key) }
        } else if let place = fields.firstIndex(where: { $0.key == Key.often }) {
            fields.insert(contentsOf: often.map { Field($0, of: description, value: "") }, at: place + 1)
        }
        if let focused, let place = fields.firstIndex(where: { $0.key == focused }) { focus = place }
    }
}

extension FaultDescription {
    /// Whether an unspecified vhost means `/` rather than any vhost.
    var aimsAtOneVhost: Bool {
        injectionPoint == .broker
            && ([.queue, .exchange, .vhost].contains(scope) || name == RevokePermissionFault.name)
    }

    /// Whether the fault depends on a random seed.
    fileprivate var isLeftToChance: Bool {
        selects.contains(.percentage) || parameters.contains { $0.name.contains("jitter") }
    }
}

extension Form.Field {
    fileprivate init(_ parameter: FaultParameter, value: String?) {
        let kind: Kind
        var range: String?
        switch parameter.kind {
        case .integer(let bounds):
            kind = .count
            range = "\(ValueFormat.grouped(bounds.lowerBound)) to \(ValueFormat.grouped(bounds.upperBound))"
        case .number(let bounds):
            kind = .number
            range = "\(FaultValue.number(bounds.lowerBound)) to \(FaultValue.number(bounds.upperBound))"
        case .text: kind = .text
        case .choice(let choices): kind = .choice(choices)
        case .flag: kind = .toggle
        }
        let measure = [parameter.unit, range].compactMap(\.self).joined(separator: ", ")
        self.init(
            key: Form.Key.parameter(parameter), label: Self.label(parameter), kind: kind,
            value: value ?? parameter.value?.description ?? "",
            hint: measure.isEmpty ? parameter.help : "\(measure); \(parameter.help)")
    }

    /// `delay_ms` becomes `Delay`: the unit is shown beside it.
    private static func label(_ parameter: FaultParameter) -> String {
        var words = parameter.name.split(separator: "_")
        if words.count > 1, let unit = parameter.unit, words.last.map(String.init) == unit { words.removeLast() }
        let text = words.joined(separator: " ")
        return text.prefix(1).uppercased() + text.dropFirst()
    }

    fileprivate init(_ field: FaultSelector.Field, of description: FaultDescription, value: String) {
        let label: String
        let hint: String
        switch field {
        case .vhost where description.aimsAtOneVhost: (label, hint) = ("Vhost", "empty: /")
        case .queue where description.injectionPoint == .broker: (label, hint) = ("Queue", "its name, as it is written")
        case .exchange where description.injectionPoint == .broker:
            (label, hint) = ("Exchange", "its name, as it is written")
        case .user where description.scope == .user: (label, hint) = ("User", "its name")
        case .connection: (label, hint) = ("Connection", "a name, * is anything; /regex/; or user = orders and …")
        case .user: (label, hint) = ("User", "empty: any")
        case .vhost: (label, hint) = ("Vhost", "empty: any")
        case .queue: (label, hint) = ("Queue", "empty: any; * is anything")
        case .exchange: (label, hint) = ("Exchange", "empty: any")
        case .channel: (label, hint) = ("Channel", "empty: all")
        case .percentage: (label, hint) = ("Percent", "a percentage; empty: all")
        case .every: (label, hint) = ("Every", "every n-th; empty: all")
        case .afterMessages: (label, hint) = ("After messages", "so many pass first")
        case .afterBytes: (label, hint) = ("After bytes", "so many pass first")
        case .times: (label, hint) = ("Times", "the most times; empty: no limit")
        }
        self.init(
            key: Form.Key.selector(field), label: label,
            kind: field == .percentage ? .number : field.isNumber ? .count : .text, value: value, hint: hint)
    }
}

/// Reads a fault from its form and marks each invalid field with its problem.
struct FaultFormReader {
    var form: Form
    let description: FaultDescription
    /// The connections that are known; `nil` while none are.
    var connections: [ConnectionRow]?
    /// The time that is shown.
    var now = Date.distantPast

    mutating func fault() -> Fault {
        var fault = Fault(description.name)
        for parameter in description.parameters {
            let key = Form.Key.parameter(parameter)
            guard let field = form[key] else { continue }
            let value = FaultValue(field.editor.text, as: parameter.kind)
            guard let accepted = parameter.accept(value) else {
                form.note(key, parameter.range)
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
            if field == .connection, read(text, key, &fault) { continue }
            var alone = FaultSelector()
            do throws(FaultError) {
                try alone.set(field, text)
                try alone.check()
                try fault.selector.set(field, text)
            } catch {
                form.note(key, error.advice)
            }
        }
        if let text = form[Form.Key.duration].map(trimmed), !text.isEmpty {
            if let seconds = Double(text), seconds > 0, seconds <= FaultCatalogue.longestDuration {
                if seconds != description.defaultDuration { fault.duration = seconds }
            } else {
                form.note(
                    Form.Key.duration,
                    "more than 0 and at most \(ValueFormat.grouped(Int(FaultCatalogue.longestDuration))) seconds")
            }
        }
        if let text = form[Form.Key.seed].map(trimmed) {
            if let seed = UInt64(text) {
                fault.seed = seed
            } else {
                form.note(Form.Key.seed, "a whole number, 0 or more")
            }
        }
        return fault
    }

    /// Reads which connections are meant, unless it is by a name; notes what is wrong with a condition.
    ///
    /// - Returns: False for a name.
    private mutating func read(_ text: String, _ key: String, _ fault: inout Fault) -> Bool {
        do throws(ConditionError) {
            let choice = try ConnectionChoice(typed: text) { name in
                connections?.contains { $0.name == name || $0.clientName == name } ?? false
            }
            if case .pattern = choice { return false }
            guard let names = choice.names(among: connections ?? [], now: now) else { return false }
            fault.selector.connections = ChosenConnections(text, names: names)
            if connections == nil {
                form.note(key, "the connections are not listed yet")
            } else if names.isEmpty {
                form.note(key, "it holds for no connection that is known now")
            } else if names.count > ChosenConnections.most {
                form.note(
                    key, "it holds for \(names.count) connections; at most \(ChosenConnections.most) can be chosen")
            }
        } catch {
            form.note(key, error.description)
        }
        return true
    }

    private func trimmed(_ field: Form.Field) -> String { field.editor.text.trimmingCharacters(in: .whitespaces) }
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
