public import Names
import Screen

/// Where a condition is wrong, and what was expected there.
public struct ConditionError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What could have stood at the place.
    enum Expectation: Sendable, Equatable {
        /// The name of a column or object, a number, `not`.
        case operand
        /// A column of the object that is named before.
        case column([String])
        /// A view whose rows are counted.
        case view
        /// `and`, `or` or the end.
        case joint
        case other
    }

    /// The place, in bytes of UTF-8 from the beginning.
    public var offset: Int
    /// The place as people count it, from 1.
    public var column: Int
    /// What is wrong, and what was expected, in a few words.
    public var what: String
    /// The condition as it was typed.
    public var source: Name
    var expectation = Expectation.other

    /// One line: `column 7: queues has no column redy; perhaps ready is meant`.
    public var description: String { "column \(column): \(Text.visible(what))" }

    /// Two lines: the condition, and a mark below the place that is wrong. A long condition is cut around it.
    public var pointed: String {
        let text = source.text
        let characters = Array(Text.visible(text))
        let place = Text.visible(text.prefix(ofBytes: offset)).count
        let start = max(0, min(place - 50, characters.count - 70))
        let shown = String(characters.dropFirst(start).prefix(70))
        return "  \(shown)\n  \(String(repeating: " ", count: max(0, place - start)))^"
    }
}
