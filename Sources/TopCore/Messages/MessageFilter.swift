public import Foundation
import Names
import Synchronization

/// Which messages of a queue are meant: those with a text, that match a regular expression, or for which a condition
/// on their fields holds.
public struct MessageFilter: Sendable {
    /// Why a filter cannot be used.
    public struct Invalid: Error, CustomStringConvertible {
        public var description: String
    }

    private enum Criterion: Sendable {
        /// Lower case.
        case text(String)
        case pattern(Pattern)
        case condition(FieldCondition)
    }

    /// A condition with the fields that it asks for.
    private final class FieldCondition: Sendable {
        private let fields: [MessageField?]
        private let evaluator: Mutex<ConditionEvaluator>

        init(_ text: String) throws(ConditionError) {
            let condition = try Condition(text, in: MessageField.scope)
            fields = condition.uses.map { use in
                guard case .column(let key) = use.field else { return nil }
                return MessageField.allCases.first { $0.rawValue.hasSameBytes(as: key) }
            }
            evaluator = Mutex(ConditionEvaluator(condition))
        }

        func holds(for message: some FilterableMessage, at now: Date) -> Bool {
            let values = fields.map { $0.map { ConditionValue(message.value(of: $0)) } ?? .unknown }
            return evaluator.withLock { $0.truth(now: now) { values[$0] } } == .yes
        }
    }

    /// `@unchecked`: a regular expression is not changed once it is made.
    private struct Pattern: @unchecked Sendable {
        let expression: NSRegularExpression
    }

    private let criterion: Criterion

    /// Reads a filter: a text or `/expression/`, which do not mind the case, or a condition: `size > 10k`.
    public init(_ text: String) throws {
        if text.utf8.count > 2, text.hasBytePrefix("/"), text.hasByteSuffix("/") {
            let pattern = String(text.dropFirst().dropLast())
            do {
                criterion = .pattern(
                    Pattern(expression: try NSRegularExpression(pattern: pattern, options: .caseInsensitive)))
            } catch {
                throw Invalid(description: "what is between the slashes is not a regular expression.")
            }
        } else if Condition.isMeant(by: text, in: MessageField.scope) {
            do { criterion = .condition(try FieldCondition(text)) } catch {
                throw Invalid(description: "\(error)\n\(error.pointed)")
            }
        } else {
            criterion = .text(text.lowercased())
        }
    }

    /// Whether a message is meant.
    ///
    /// - Parameter now: the time that `now` stands for in a condition.
    public func matches(_ message: some FilterableMessage, at now: Date) -> Bool {
        switch criterion {
        case .condition(let condition): condition.holds(for: message, at: now)
        case .text(let part): Self.texts(of: message).contains { $0.lowercased().containsBytes(of: part) }
        case .pattern(let pattern):
            Self.texts(of: message).contains { text in
                pattern.expression.firstMatch(
                    in: text, range: NSRange(text.startIndex..<text.endIndex, in: text)) != nil
            }
        }
    }

    /// The body comes last: it is read only where nothing before matches.
    private static func texts(of message: some FilterableMessage) -> some Sequence<String> {
        MessageField.allCases.lazy.filter(\.isSearched).flatMap { field -> [String] in
            switch message.value(of: field) {
            case .text(let text): [text]
            case .list(let texts): texts
            case .none, .integer, .number, .flag, .time: []
            }
        }
    }
}
