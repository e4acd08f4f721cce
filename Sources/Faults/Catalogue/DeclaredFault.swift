/// A fault as its declaration: what the catalogue says of it, its parameters as values, and its possible effects.
///
/// One type declares one fault. The target that carries it out extends that type, so a parameter that the fault does
/// not have does not compile there.
package protocol DeclaredFault: Sendable {
    /// What the catalogue says of the fault.
    static var description: FaultDescription { get }
    /// Reads the values of the parameters; each parameter is declared by reading it.
    init(_ parameters: inout FaultParameterReader)
    /// The possible effects of the fault with these parameters; by default none.
    var effects: FaultEffects { get }
}

extension DeclaredFault {
    /// The name of the fault, `close-channel`.
    package static var name: String { description.name }

    package var effects: FaultEffects { FaultEffects() }
}

extension Fault {
    /// Creates a fault of the catalogue, by default with its parameters and duration.
    package init(
        _ declared: any DeclaredFault.Type, _ parameters: [String: FaultValue] = [:],
        on selector: FaultSelector = FaultSelector(), for duration: Double? = nil, seed: UInt64 = 1
    ) {
        self.init(declared.name, parameters, on: selector, for: duration, seed: seed)
    }
}

/// Reads the parameters of a fault, and by that collects their declarations. A value that is missing, or does not fit,
/// is read as the parameter's default; the catalogue refuses such an order before it is read.
package struct FaultParameterReader: Sendable {
    private let values: [String: FaultValue]
    /// The parameters that were read.
    private(set) var parameters: [FaultParameter] = []

    /// Creates a reader of these values.
    init(_ values: [String: FaultValue] = [:]) { self.values = values }

    private mutating func read(_ parameter: FaultParameter) -> FaultValue? {
        parameters.append(parameter)
        return values[parameter.name].flatMap(parameter.accept) ?? parameter.value
    }

    /// Reads a whole number; without a default value it is required.
    package mutating func integer(
        _ name: String, _ range: ClosedRange<Int>, _ value: Int?, _ help: String, unit: String? = nil
    ) -> Int {
        let read = read(FaultParameter(name, .integer(range), value.map(FaultValue.integer), help, unit: unit))
        return if case .integer(let integer)? = read { integer } else { range.lowerBound }
    }

    /// Reads a text of at most `limit` bytes; without a default value it is required.
    package mutating func text(_ name: String, _ limit: Int, _ value: String?, _ help: String) -> String {
        let read = read(FaultParameter(name, .text(limit), value.map(FaultValue.text), help))
        return if case .text(let text)? = read { text } else { "" }
    }

    /// Reads yes or no.
    package mutating func flag(_ name: String, _ value: Bool, _ help: String) -> Bool {
        if case .flag(let flag)? = read(FaultParameter(name, .flag, .flag(value), help)) { flag } else { value }
    }

    /// Reads one of several choices; without `choices`, of all that the type has.
    package mutating func choice<Choice: RawRepresentable<String> & CaseIterable>(
        _ name: String, of choices: [Choice]? = nil, _ value: Choice, _ help: String
    ) -> Choice {
        let names = (choices ?? Array(Choice.allCases)).map(\.rawValue)
        let read = read(FaultParameter(name, .choice(names), .text(value.rawValue), help))
        guard case .text(let text)? = read else { return value }
        return Choice(rawValue: text) ?? value
    }
}
