import Faults
import Foundation
import Names

/// Which connections the text in a fault's form means: a name, a regular expression between slashes, or a condition on
/// the columns of Connections.
enum ConnectionChoice {
    /// A name; `*` stands for anything.
    case pattern(String)
    /// A regular expression that one of a connection's names contains.
    case regex(Name)
    case condition(Condition)

    /// Another name of the column `client_name`.
    private static let application = "application"

    private static let scope = ConditionScope.row(
        ViewID.connections.conditionNames + [ConditionName(application, .text)], of: ViewID.connections.rawValue)

    /// Reads typed text.
    ///
    /// - Parameter isName: Whether a text is the name of a connection: then it is not a condition, whatever it looks
    ///   like.
    /// - Throws: Where a condition is wrong, and what was expected there.
    init(typed: String, isName: (Name) -> Bool) throws(ConditionError) {
        if isName(Name(typed)) {
            self = .pattern(typed)
        } else if typed.utf8.count > 1, typed.utf8.first == UInt8(ascii: "/") {
            switch Filter(plain: typed) {
            case .regex(let pattern): self = .regex(pattern)
            case .invalid(_, let why): throw ConditionError(offset: 1, column: 2, what: why, source: Name(typed))
            case .none, .text, .condition: self = .pattern(typed)
            }
        } else if Condition.isMeant(by: typed, in: Self.scope) {
            self = .condition(try Condition(typed, in: Self.scope))
        } else {
            self = .pattern(typed)
        }
    }

    /// Returns the names of the connections that are chosen; `nil` for a name with `*`, which also stands for
    /// connections that are not there yet.
    func names(among rows: [ConnectionRow], now: Date) -> [Name]? {
        switch self {
        case .pattern: return nil
        case .regex(let pattern):
            let matcher = FilterMatcher(.regex(pattern))
            return rows.filter { row in
                [row.name.text, row.clientName?.text, row.peer].compactMap(\.self).contains(where: matcher.matches)
            }.map(\.name)
        case .condition(let condition):
            let evaluator = ConditionEvaluator(condition)
            let columns = condition.uses.map { use -> Column<ConnectionRow>? in
                guard case .column(let name) = use.field else { return nil }
                let key = name.hasSameBytes(as: Self.application) ? .clientName : ConnectionColumn(rawValue: name)
                return key.map(ConnectionRow.column)
            }
            return rows.filter { evaluator.truth(of: $0, columns: columns, now: now) == .yes }.map(\.name)
        }
    }
}

extension State {
    /// Reads a fault from its form, with the connections that its condition holds for now.
    func reader(of form: Form, _ description: FaultDescription) -> FaultFormReader {
        var reader = FaultFormReader(form: form, description: description)
        reader.connections = connections.at == nil ? nil : connections.rows
        reader.now = now
        return reader
    }

    /// Returns a note on a condition in a fault's form: what is wrong with it, or how many connections it chooses.
    func note(on fault: Fault, _ form: Form) -> FormNote? {
        let key = Form.Key.selector(.connection)
        if let problem = form[key]?.problem { return FormNote("Connection", problem) }
        guard let chosen = fault.selector.connections else { return nil }
        let missing = max(0, connections.total - connections.rows.count)
        let listed = missing > 0 ? " of the \(counted(connections.rows.count, "connection")) that are listed here" : ""
        let count = counted(chosen.names.count, "connection")
        return FormNote("Connection", "It holds for \(count)\(listed). Those that are opened later are not hit.")
    }
}
