/// The settings that an experiment runs with.
public struct LabSettings: Sendable, Hashable {
    /// Every setting of the experiment.
    public private(set) var values: [String: LabValue]
    /// How many times faster than it says: waits and times to live are divided by it.
    public let timeScale: Double

    public static let timeScales = 0.01...1_000.0

    /// - Parameter changes: in place of the defaults. - Throws: `usage` for a setting that there is not, or a value that it
    ///   does not take; it says which there are.
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
                throw LabError(.usage, "'\(name)' is no setting of \(description.name).", advice: "It has: \(names).")
            }
            values[name] = try setting.accepted(value)
        }
    }

    /// - Parameter texts: as typed: `["producers": "10"]`.
    public init(
        _ description: ExperimentDescription, texts: [String: String], over changes: [String: LabValue] = [:],
        timeScale: Double = 1
    ) throws(LabError) {
        try self.init(description, changes.merging(texts.mapValues(LabValue.text)) { $1 }, timeScale: timeScale)
    }

    /// For one that was made with an experiment's description, a missing name is the experiment's own mistake.
    public func value(_ name: String) -> LabValue {
        guard let value = values[name] else { preconditionFailure("no setting '\(name)'") }
        return value
    }

    public func integer(_ name: String) -> Int {
        guard case .integer(let value) = value(name) else { preconditionFailure("'\(name)' is no integer") }
        return value
    }

    public func number(_ name: String) -> Double {
        switch value(name) {
        case .number(let value): return value
        case .integer(let value): return Double(value)
        default: preconditionFailure("'\(name)' is no number")
        }
    }

    /// A time in seconds, divided by the time scale.
    public func seconds(_ name: String) -> Duration { .seconds(number(name) / timeScale) }

    public func text(_ name: String) -> String {
        guard case .text(let value) = value(name) else { preconditionFailure("'\(name)' is no text") }
        return value
    }

    public func flag(_ name: String) -> Bool {
        guard case .flag(let value) = value(name) else { preconditionFailure("'\(name)' is no flag") }
        return value
    }

    /// Never scaled.
    public var deadline: Duration { .seconds(number(ExperimentDescription.deadlineName)) }
}

extension ExperimentDescription.Setting {
    /// The value in this setting's type; a text is read as one that was typed.
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

    /// How people write them.
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
