import Experiments

/// The settings that an experiment runs with.
public struct LabSettings: Sendable, Hashable {
    /// Every setting of the experiment, by name.
    public private(set) var values: [String: LabValue]
    /// The acceleration: waits and times to live are divided by it.
    public let timeScale: Double

    /// The permitted time scales.
    public static let timeScales = 0.01...1_000.0

    /// Creates settings.
    ///
    /// - Parameter changes: values that replace the defaults.
    /// - Throws: `usage` for an unknown setting, or a value that it does not take, with the valid ones.
    public init(
        _ description: ExperimentDescription, _ changes: [String: LabValue] = [:], timeScale: Double = 1
    ) throws(LabError) {
        guard Self.timeScales.contains(timeScale) else {
            throw LabError(.usage, "A time scale is from 0.01 to 1000; 10 makes waits ten times shorter.")
        }
        self.timeScale = timeScale
        values = [:]
        for setting in description.settings { values[setting.name] = setting.value }
        for (name, value) in changes.sorted(by: { $0.key < $1.key }) {
            guard let setting = description.settings.first(where: { $0.name == name }) else {
                let names = description.settings.map(\.name).joined(separator: ", ")
                throw LabError(
                    .usage, "'\(name)' is not a setting of \(description.name).", advice: "It has: \(names).")
            }
            values[name] = try setting.accepted(value)
        }
    }

    /// Creates settings from typed texts.
    ///
    /// - Parameter texts: the values as typed: `["producers": "10"]`.
    public init(
        _ description: ExperimentDescription, texts: [String: String], over changes: [String: LabValue] = [:],
        timeScale: Double = 1
    ) throws(LabError) {
        try self.init(description, changes.merging(texts.mapValues(LabValue.text)) { $1 }, timeScale: timeScale)
    }

    /// Returns the value of a setting. A name that the experiment's description does not contain is a programming
    /// error.
    public func value(_ name: String) -> LabValue {
        guard let value = values[name] else { preconditionFailure("no setting '\(name)'") }
        return value
    }

    /// Returns the value of an integer setting.
    public func integer(_ name: String) -> Int {
        guard case .integer(let value) = value(name) else { preconditionFailure("'\(name)' is no integer") }
        return value
    }

    /// Returns the value of a number setting.
    public func number(_ name: String) -> Double {
        switch value(name) {
        case .number(let value): return value
        case .integer(let value): return Double(value)
        default: preconditionFailure("'\(name)' is no number")
        }
    }

    /// Returns a time in seconds, divided by the time scale.
    public func seconds(_ name: String) -> Duration { .seconds(number(name) / timeScale) }

    /// Returns the value of a text setting.
    public func text(_ name: String) -> String {
        guard case .text(let value) = value(name) else { preconditionFailure("'\(name)' is no text") }
        return value
    }

    /// Returns the value of a flag setting.
    public func flag(_ name: String) -> Bool {
        guard case .flag(let value) = value(name) else { preconditionFailure("'\(name)' is no flag") }
        return value
    }

    /// The deadline; never scaled.
    public var deadline: Duration { .seconds(number(ExperimentDescription.deadlineName)) }
}

extension ExperimentDescription.Setting {
    /// Returns the value in this setting's type; a text is parsed as typed.
    func accepted(_ given: LabValue) throws(LabError) -> LabValue {
        switch (value, given) {
        case (.integer, .integer(let new)): return .integer(try checked(new))
        case (.integer, .number(let new)):
            guard let whole = Int(exactly: new) else { throw refusal("a whole number") }
            return .integer(try checked(whole))
        case (.integer, .text(let text)):
            guard let new = Int(text) else { throw refusal("a whole number") }
            return .integer(try checked(new))
        case (.number, .integer(let new)): return .number(try checked(Double(new)))
        case (.number, .number(let new)): return .number(try checked(new))
        case (.number, .text(let text)):
            guard let new = Double(text) else { throw refusal("a number") }
            return .number(try checked(new))
        case (.text, .text(let text)): return .text(text)
        case (.flag, .flag(let new)): return .flag(new)
        case (.flag, .text(let text)):
            guard let new = Self.flags[text] else { throw refusal("true or false") }
            return .flag(new)
        case (.text, _): throw refusal("text")
        case (.flag, _): throw refusal("true or false")
        case (.integer, _): throw refusal("a whole number")
        default: throw refusal("a number")
        }
    }

    /// The texts that users type for flags.
    private static let flags = ["true": true, "yes": true, "on": true, "false": false, "no": false, "off": false]

    private func checked(_ new: Int) throws(LabError) -> Int {
        _ = try checked(Double(new))
        return new
    }

    private func checked(_ new: Double) throws(LabError) -> Double {
        guard new.isFinite, range?.contains(new) ?? true else { throw refusal("a number") }
        return new
    }

    private func refusal(_ kind: String) -> LabError {
        let bounds = range.map { " from \(LabValue.figure($0.lowerBound)) to \(LabValue.figure($0.upperBound))" } ?? ""
        return LabError(.usage, "'\(name)' takes \(kind)\(bounds).", advice: "\(meaning).")
    }
}
