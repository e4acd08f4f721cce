/// Every fault there is.
public enum FaultCatalogue {
    public static let all: [FaultDescription] = own + broker + proxy + node

    /// No fault lasts longer, in seconds.
    public static let longestDuration = 86_400.0

    public static subscript(name: String) -> FaultDescription? { byName[name] }

    private static let byName = Dictionary(all.map { ($0.name, $0) }) { first, _ in first }

    /// Looks a fault up, fills in its defaults, and checks all that was said.
    ///
    /// - Throws: `FaultError`, with what to say instead.
    public static func order(_ fault: Fault) throws(FaultError) -> FaultOrder {
        guard let description = self[fault.name] else {
            throw FaultError(
                "There is no fault '\(fault.name.shortened(to: 80))'.",
                advice: "'rabbittop fault list' shows all of them.")
        }
        let known = description.parameters.map(\.name)
        if let other = fault.parameters.keys.sorted().first(where: { !known.contains($0) }) {
            throw FaultError(
                "'\(fault.name)' has no parameter '\(other.shortened(to: 80))'.",
                advice: known.isEmpty ? "It has none." : "It has: \(known.joined(separator: ", ")).")
        }
        var fault = fault
        var values: [String: FaultValue] = [:]
        for parameter in description.parameters {
            guard let given = fault.parameters[parameter.name] ?? parameter.value else {
                throw FaultError(
                    "'\(fault.name)' needs its parameter '\(parameter.name)'.",
                    advice: "It is \(parameter.help): \(parameter.range).")
            }
            guard let value = parameter.accept(given) else {
                throw FaultError(
                    "'\(parameter.name)' of '\(fault.name)' cannot be '\(given.description.shortened(to: 80))'.",
                    advice: "It is \(parameter.range).")
            }
            values[parameter.name] = value
            if fault.parameters[parameter.name] != nil { fault.parameters[parameter.name] = value }
        }
        try fault.selector.check()
        if let other = fault.selector.said.first(where: { !description.selects.contains($0.field) }) {
            let heeds = description.selects.map(\.rawValue).joined(separator: ", ")
            throw FaultError(
                "'\(fault.name)' does not select by \(other.field.rawValue).",
                advice: heeds.isEmpty ? "It has nothing to select." : "It selects by: \(heeds).")
        }
        if let duration = fault.duration {
            guard description.undo != nil else {
                throw FaultError(
                    "'\(fault.name)' happens once and cannot be undone.", advice: "Leave its duration out.")
            }
            guard duration > 0, duration <= longestDuration else {
                throw FaultError(
                    "A fault cannot last \(duration) s.", advice: "Give it more than 0 and at most 86400 s.")
            }
        }
        return FaultOrder(fault: fault, description: description, values: values, label: fault.name)
    }
}

/// A fault that was checked, with all its values.
public struct FaultOrder: Sendable {
    public let fault: Fault
    public let description: FaultDescription
    public let values: [String: FaultValue]
    /// As the ledger names it, `close-channel #3`: who injects it gives it its number.
    public var label: String

    /// Seconds until it is undone by itself; nil: never.
    public var duration: Double? { description.undo == nil ? nil : fault.duration ?? description.defaultDuration }

    /// The values of parameters that the catalogue lists with that kind; what it does not list is 0 or empty.
    public func integer(_ name: String) -> Int { if case .integer(let value) = values[name] { value } else { 0 } }
    public func number(_ name: String) -> Double { if case .number(let value) = values[name] { value } else { 0 } }
    public func text(_ name: String) -> String { if case .text(let value) = values[name] { value } else { "" } }
    public func flag(_ name: String) -> Bool { if case .flag(let value) = values[name] { value } else { false } }
}
