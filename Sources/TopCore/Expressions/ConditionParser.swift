import Foundation
import Names

/// Reads a condition from the front, by recursive descent: one function for each level of the grammar.
///
/// It is written by hand because what a word means depends on what stands before it (behind `name =` it is text), and
/// because an error is to name its place and what was expected there. Parser libraries help with neither.
struct ConditionParser {
    /// What a part of a condition is.
    enum Kind: Equatable {
        case condition
        case number(ConditionUnit.Measure)
        case time
        case text, list, flag

        /// In words, for messages.
        var words: String {
            switch self {
            case .condition: "a condition"
            case .number(.seconds): "a time in seconds"
            case .number(.bytes): "a number of bytes"
            case .number(.count), .number(.any): "a number"
            case .time: "a date and time"
            case .text: "a text"
            case .list: "a list of texts"
            case .flag: "yes or no"
            }
        }
    }

    /// A part that was read.
    struct Part {
        var node: ConditionNode
        var kind: Kind
        /// Where it stands, in bytes.
        var range: Range<Int>
        /// Whether it is written out, and not a name or a calculation.
        var isLiteral = false
    }

    let source: String
    let bytes: [UInt8]
    var scope: ConditionScope
    var position = 0
    var uses: [Condition.Use] = []
    var patterns: [Name] = []
    private var depth = 0
    private var operators = 0

    init(_ text: String, in scope: ConditionScope) {
        source = text
        // A longer text is refused; its beginning is enough to say so.
        bytes = Array(text.utf8.prefix(Condition.longest + 1))
        self.scope = scope
    }

    mutating func condition() throws(ConditionError) -> Condition {
        guard bytes.count <= Condition.longest else {
            throw error("a condition has at most \(Condition.longest) bytes", at: Condition.longest)
        }
        let whole = try disjunction()
        skipBlanks()
        guard position == bytes.count else { throw unexpected() }
        return Condition(source: Name(source), uses: uses, root: try condition(of: whole), patterns: patterns)
    }

    // MARK: Conditions

    /// Reads what `or` joins.
    mutating func disjunction() throws(ConditionError) -> Part {
        try joined(by: "or", ConditionNode.oneOf) { (parser) throws(ConditionError) in try parser.conjunction() }
    }

    private mutating func conjunction() throws(ConditionError) -> Part {
        try joined(by: "and", ConditionNode.allOf) { (parser) throws(ConditionError) in try parser.negation() }
    }

    private mutating func joined(
        by word: String, _ join: ([ConditionNode]) -> ConditionNode,
        _ next: (inout Self) throws(ConditionError) -> Part
    ) throws(ConditionError) -> Part {
        let first = try next(&self)
        guard takeWord(word) else { return first }
        var nodes = [try condition(of: first)]
        repeat {
            try countOperator()
            nodes.append(try condition(of: try next(&self)))
        } while takeWord(word)
        return Part(node: join(nodes), kind: .condition, range: first.range.lowerBound..<position)
    }

    private mutating func negation() throws(ConditionError) -> Part {
        skipBlanks()
        let start = position
        guard takeWord("not") else { return try comparison() }
        let part = try nested { (parser) throws(ConditionError) in try parser.negation() }
        return Part(node: .not(try condition(of: part)), kind: .condition, range: start..<position)
    }

    /// Returns a part as a condition: a flag stands for itself, a list for having elements.
    func condition(of part: Part) throws(ConditionError) -> ConditionNode {
        switch part.kind {
        case .condition: return part.node
        case .flag where !part.isLiteral, .list: return .holds(part.node)
        case .text where !part.isLiteral:
            throw error("expected = != < <= > >= or ~ and a text behind \(text(part))", at: part.range.upperBound)
        case .number, .time:
            throw error(
                "expected = != < <= > or >= and \(part.kind.words) behind \(text(part))", at: part.range.upperBound)
        case .text, .flag: throw error("\(text(part)) alone is no condition", at: part.range.lowerBound)
        }
    }

    /// Reads `known(…)` behind its word.
    mutating func known(from start: Int) throws(ConditionError) -> Part {
        let part = try nested { (parser) throws(ConditionError) in
            try parser.take("(", expecting: "( and a name behind known, as in known(\(parser.scope.words.first ?? ""))")
            let part = try parser.sum()
            try parser.take(")", expecting: ")")
            return part
        }
        return Part(node: .known(part.node), kind: .condition, range: start..<position)
    }

    // MARK: Calculations

    mutating func sum() throws(ConditionError) -> Part {
        var left = try product()
        while let sign = takeOne(of: [("+", ConditionNode.Arithmetic.plus), ("-", .minus)]) {
            left = try calculated(left, sign, try product())
        }
        return left
    }

    private mutating func product() throws(ConditionError) -> Part {
        var left = try signed()
        while let sign = takeOne(of: [("*", ConditionNode.Arithmetic.times), ("/", .dividedBy)]) {
            left = try calculated(left, sign, try signed())
        }
        return left
    }

    private mutating func signed() throws(ConditionError) -> Part {
        skipBlanks()
        let start = position
        guard takeOne(of: [("-", true)]) != nil else { return try primary() }
        let part = try nested { (parser) throws(ConditionError) in try parser.signed() }
        guard case .number = part.kind else {
            throw error("expected a number behind -; \(text(part)) is \(part.kind.words)", at: part.range.lowerBound)
        }
        return Part(node: .negative(part.node), kind: part.kind, range: start..<position, isLiteral: part.isLiteral)
    }

    private mutating func calculated(
        _ left: Part, _ sign: ConditionNode.Arithmetic, _ right: Part
    ) throws(ConditionError) -> Part {
        try countOperator()
        guard let kind = Self.kind(left.kind, sign, right.kind) else {
            let isNumber =
                switch right.kind {
                case .number, .time: true
                case .condition, .text, .list, .flag: false
                }
            throw isNumber
                ? error(
                    "\(text(left)) is \(left.kind.words) and \(text(right)) is \(right.kind.words): they do not go together",
                    at: right.range.lowerBound)
                : error("expected a number; \(text(right)) is \(right.kind.words)", at: right.range.lowerBound)
        }
        return Part(
            node: .arithmetic(sign, left.node, right.node), kind: kind,
            range: left.range.lowerBound..<right.range.upperBound)
    }

    /// Returns what a calculation results in; `nil` where it makes no sense, as bytes and seconds together.
    private static func kind(_ left: Kind, _ sign: ConditionNode.Arithmetic, _ right: Kind) -> Kind? {
        switch (sign, left, right) {
        case (.minus, .time, .time): return .number(.seconds)
        case (.plus, .time, .number(let measure)), (.minus, .time, .number(let measure)):
            return measure == .seconds || measure == .any ? .time : nil
        case (.plus, .number(let left), .number(let right)), (.minus, .number(let left), .number(let right)):
            if left == .any || left == right { return .number(right) }
            return right == .any ? .number(left) : nil
        case (.times, .number(let left), .number(let right)):
            if left == .any || left == .count { return .number(right) }
            return .number(right == .any || right == .count ? left : .any)
        case (.dividedBy, .number(let left), .number(let right)):
            if left == right { return .number(.any) }
            return .number(right == .any || right == .count ? left : .any)
        default: return nil
        }
    }

    /// Reads a part that is nested in another, as often as is permitted.
    mutating func nested(
        _ read: (inout Self) throws(ConditionError) -> Part
    ) throws(ConditionError) -> Part {
        guard depth < Condition.deepest else {
            throw error("parentheses and not are nested at most \(Condition.deepest) times", at: position)
        }
        depth += 1
        let part = try read(&self)
        depth -= 1
        return part
    }

    mutating func countOperator() throws(ConditionError) {
        operators += 1
        guard operators <= Condition.mostOperators else {
            throw error("a condition has at most \(Condition.mostOperators) operators", at: position)
        }
    }
}
