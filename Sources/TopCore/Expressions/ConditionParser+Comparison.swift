import Foundation
import Names

extension ConditionParser {
    private enum Sign: Equatable {
        case compare(ConditionNode.Comparison)
        case match
    }

    /// The longest first, so that `<=` is not read as `<`.
    private static let signs: [(String, Sign)] = [
        ("==", .compare(.equal)), ("!=", .compare(.unequal)), ("<=", .compare(.lessOrEqual)),
        (">=", .compare(.greaterOrEqual)), ("=", .compare(.equal)), ("<", .compare(.less)),
        (">", .compare(.greater)), ("~", .match),
    ]

    /// Reads a comparison, or what stands alone.
    mutating func comparison() throws(ConditionError) -> Part {
        let left = try sum()
        guard let sign = takeOne(of: Self.signs) else { return left }
        try countOperator()
        let node: ConditionNode
        switch sign {
        case .match: node = try match(left)
        case .compare(let comparison): node = .comparison(comparison, left.node, try side(of: left, comparison))
        }
        let end = position
        if takeOne(of: Self.signs) != nil {
            throw error("expected and or or; two comparisons are joined by and", at: end)
        }
        return Part(node: node, kind: .condition, range: left.range.lowerBound..<end)
    }

    private mutating func match(_ left: Part) throws(ConditionError) -> ConditionNode {
        guard left.kind == .text || left.kind == .list else {
            throw error("~ is for texts; \(text(left)) is \(left.kind.words)", at: left.range.lowerBound)
        }
        skipBlanks()
        let start = position
        let pattern = try self.pattern()
        do {
            _ = try Regex(pattern)
        } catch {
            throw self.error(
                "this is not a regular expression: \(Filter.reason(error)); texts with blanks stand in quotes",
                at: start)
        }
        patterns.append(Name(pattern))
        return .match(left.node, pattern: patterns.count - 1)
    }

    /// Reads the right side of a comparison, which has to be of the left one's kind.
    private mutating func side(
        of left: Part, _ comparison: ConditionNode.Comparison
    ) throws(ConditionError) -> ConditionNode {
        let isOrder =
            switch comparison {
            case .equal, .unequal: false
            case .less, .lessOrEqual, .greater, .greaterOrEqual: true
            }
        switch left.kind {
        case .condition: throw error("a condition cannot be compared; join it by and or or", at: left.range.lowerBound)
        case .list where isOrder, .flag where isOrder:
            throw error("\(text(left)) is \(left.kind.words): it takes = and !=", at: left.range.lowerBound)
        case .text where left.isLiteral: return try term(like: left, .text)
        case .text, .list: return try textSide(of: left)
        case .flag: return try flagSide(of: left)
        case .time: return try timeSide(of: left)
        case .number: return try term(like: left, left.kind)
        }
    }

    /// Reads a text in quotes, in parentheses another column, or a bare word, which is text here.
    private mutating func textSide(of left: Part) throws(ConditionError) -> ConditionNode {
        skipBlanks()
        let start = position
        switch peek {
        case UInt8(ascii: "("): return try term(like: left, .text)
        case UInt8(ascii: "\""), UInt8(ascii: "'"): return .text(Name(try quoted()))
        default:
            let word = bareText()
            guard !word.isEmpty else { throw error("expected a text", at: start) }
            guard !Self.isKeyword(word) else {
                throw error("expected a text; the word \(word) needs quotes", at: start)
            }
            return .text(Name(word))
        }
    }

    private mutating func flagSide(of left: Part) throws(ConditionError) -> ConditionNode {
        skipBlanks()
        for (word, value) in [
            ("yes", true), ("true", true), ("on", true), ("no", false), ("false", false), ("off", false),
        ]
        where takeWord(word) {
            return .flag(value)
        }
        return try term(like: left, .flag)
    }

    private mutating func timeSide(of left: Part) throws(ConditionError) -> ConditionNode {
        skipBlanks()
        let start = position
        let isQuoted = peek == UInt8(ascii: "\"") || peek == UInt8(ascii: "'")
        let isYear =
            bytes[position...].prefix(4).allSatisfy(Self.isDigit) && byte(at: position + 4) == UInt8(ascii: "-")
        guard isQuoted || isYear else { return try term(like: left, .time) }
        let text = try isQuoted ? quoted() : bareText()
        let hasYear = text.utf8.prefix(4).allSatisfy(Self.isDigit) && text.utf8.dropFirst(4).first == UInt8(ascii: "-")
        // A time of day or a duration would need to know what it counts from.
        guard hasYear,
            let time = try? TypedTime.date(text, from: .distantPast, latest: .distantFuture, zone: .gmt)
        else {
            throw error("expected a time as 2026-11-29T03:12:40Z or \"2026-11-29 03:12\", or as now - 5m", at: start)
        }
        return .number(time.timeIntervalSince1970)
    }

    /// Reads a calculation, a name or a literal of a kind.
    private mutating func term(like left: Part, _ kind: Kind) throws(ConditionError) -> ConditionNode {
        let right = try sum()
        let fits =
            switch (left.kind, right.kind) {
            case (.number(let one), .number(let other)): one == other || one == .any || other == .any
            default: right.kind == kind
            }
        guard fits else {
            let hint = isMinutes(right) && left.kind == .number(.count) ? "; a million is written M" : ""
            throw error(
                "expected \(kind.words), as \(text(left)) is; \(text(right)) is \(right.kind.words)\(hint)",
                at: right.range.lowerBound)
        }
        return right.node
    }

    private func isMinutes(_ part: Part) -> Bool {
        part.isLiteral && byte(at: part.range.upperBound - 1) == UInt8(ascii: "m")
    }
}
