/// The catalogue of all faults.
public enum FaultCatalogue {
    /// The descriptions of all faults.
    public static let all: [FaultDescription] = (own + broker + proxy + node).map { $0.description }

    /// The maximum duration of a fault, in seconds.
    public static let longestDuration = 86_400.0

    /// Returns the description of the fault of this name; `nil` when there is none.
    public static subscript(name: String) -> FaultDescription? { byName[name] }

    private static let byName = Dictionary(all.map { ($0.name, $0) }) { first, _ in first }

    /// Looks up a fault, adds its default values and validates it.
    ///
    /// - Throws: `FaultError` with what is wrong and what to do.
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

/// A validated fault with all its values.
public struct FaultOrder: Sendable {
    /// The fault as requested.
    public let fault: Fault
    /// The fault's description in the catalogue.
    public let description: FaultDescription
    /// The values of all parameters, by name.
    public let values: [String: FaultValue]
    /// The fault's name in the ledger, `close-channel #3`: the injector assigns the number.
    public var label: String

    /// Seconds until the fault is undone automatically; `nil` for never.
    public var duration: Double? { description.undo == nil ? nil : fault.duration ?? description.defaultDuration }

    /// The fault with its parameters, as a value of the type that declares it.
    package var declared: any DeclaredFault { description.read(values) }
}
