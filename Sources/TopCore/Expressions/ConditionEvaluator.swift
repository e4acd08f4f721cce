public import Foundation
public import Names

/// A value that a condition is evaluated with.
public enum ConditionValue: Sendable, Equatable {
    case unknown
    /// A number between these two, which are equal for one that is known. Times are seconds since 1970.
    case number(low: Double, high: Double)
    case text(Name)
    case list([Name])
    case flag(Bool)

    /// Creates a number; unknown if it is not finite.
    public init(_ number: Double) { self = number.isFinite ? .number(low: number, high: number) : .unknown }

    /// Creates the value of a cell.
    public init(_ value: Value) {
        switch value {
        case .none: self = .unknown
        case .text(let text): self = .text(Name(text))
        case .integer(let integer): self.init(Double(integer))
        case .number(let number): self.init(number)
        case .flag(let flag): self = .flag(flag)
        case .time(let time): self.init(time.timeIntervalSince1970)
        case .list(let texts): self = .list(texts.map { Name($0) })
        }
    }
}

/// Says whether a condition holds, for many rows one after the other. It keeps the compiled regular expressions.
public struct ConditionEvaluator {
    private let condition: Condition
    private let patterns: [Regex<AnyRegexOutput>?]

    /// Prepares a condition.
    public init(_ condition: Condition) {
        self.condition = condition
        // By Unicode scalar: by `Character`, "e" followed by a combining accent would equal "é".
        patterns = condition.patterns.map { pattern in
            (try? Regex(pattern.text))?.ignoresCase().matchingSemantics(.unicodeScalar)
        }
    }

    /// Returns whether the condition holds.
    ///
    /// - Parameter value: The value of a use, by its index in `Condition.uses`.
    public func truth(now: Date, _ value: (Int) -> ConditionValue) -> Truth {
        truth(condition.root, now.timeIntervalSince1970, value)
    }

    /// - Parameters:
    ///   - now: The present, in seconds since 1970.
    ///   - field: The value of a use, by its index.
    private func truth(_ node: ConditionNode, _ now: Double, _ field: (Int) -> ConditionValue) -> Truth {
        switch node {
        case .not(let inner): return truth(inner, now, field).not
        case .allOf(let nodes):
            var result = Truth.yes
            for node in nodes {
                result = result.and(truth(node, now, field))
                if result == .no { break }
            }
            return result
        case .oneOf(let nodes):
            var result = Truth.no
            for node in nodes {
                result = result.or(truth(node, now, field))
                if result == .yes { break }
            }
            return result
        case .comparison(let comparison, let left, let right):
            return Self.compare(value(left, now, field), comparison, value(right, now, field))
        case .match(let subject, let pattern): return match(value(subject, now, field), pattern)
        case .holds(let inner):
            switch value(inner, now, field) {
            case .flag(let flag): return Truth(flag)
            case .list(let list): return Truth(!list.isEmpty)
            case .unknown, .number, .text: return .unknown
            }
        case .known(let inner): return Truth(value(inner, now, field) != .unknown)
        case .number, .text, .flag, .now, .field, .negative, .arithmetic: return .unknown
        }
    }

    private func match(_ subject: ConditionValue, _ pattern: Int) -> Truth {
        guard patterns.indices.contains(pattern), let regex = patterns[pattern] else { return .unknown }
        switch subject {
        case .text(let text): return Truth(text.text.firstMatch(of: regex) != nil)
        case .list(let texts): return Truth(texts.contains { $0.text.firstMatch(of: regex) != nil })
        case .unknown, .number, .flag: return .unknown
        }
    }

    private func value(_ node: ConditionNode, _ now: Double, _ field: (Int) -> ConditionValue) -> ConditionValue {
        switch node {
        case .number(let number): ConditionValue(number)
        case .text(let text): .text(text)
        case .flag(let flag): .flag(flag)
        case .now: ConditionValue(now)
        case .field(let index): field(index)
        case .negative(let inner):
            switch value(inner, now, field) {
            case .number(let low, let high): .number(low: -high, high: -low)
            case .unknown, .text, .list, .flag: .unknown
            }
        case .arithmetic(let sign, let left, let right):
            Self.calculate(value(left, now, field), sign, value(right, now, field))
        case .comparison, .match, .holds, .known, .not, .allOf, .oneOf: .unknown
        }
    }

    /// Calculates with all that two numbers may be. Division by what may be zero is unknown.
    private static func calculate(
        _ left: ConditionValue, _ sign: ConditionNode.Arithmetic, _ right: ConditionValue
    ) -> ConditionValue {
        guard case .number(let a, let b) = left, case .number(let c, let d) = right else { return .unknown }
        let ends: [Double]
        switch sign {
        case .plus: ends = [a + c, b + d]
        case .minus: ends = [a - d, b - c]
        case .times: ends = [a * c, a * d, b * c, b * d]
        case .dividedBy:
            guard c > 0 || d < 0 else { return .unknown }
            ends = [a / c, a / d, b / c, b / d]
        }
        guard ends.allSatisfy(\.isFinite), let low = ends.min(), let high = ends.max() else { return .unknown }
        return .number(low: low, high: high)
    }

    private static func compare(
        _ left: ConditionValue, _ comparison: ConditionNode.Comparison, _ right: ConditionValue
    ) -> Truth {
        switch (left, right) {
        case (.number(let a, let b), .number(let c, let d)):
            switch comparison {
            case .less: b < c ? .yes : a >= d ? .no : .unknown
            case .lessOrEqual: b <= c ? .yes : a > d ? .no : .unknown
            case .greater: a > d ? .yes : b <= c ? .no : .unknown
            case .greaterOrEqual: a >= d ? .yes : b < c ? .no : .unknown
            case .equal: equal(a, b, c, d)
            case .unequal: equal(a, b, c, d).not
            }
        case (.text(let left), .text(let right)): Truth(comparison.holds(left, right))
        case (.flag(let left), .flag(let right)): Truth(comparison.isEquality ? left == right : left != right)
        case (.list(let texts), .text(let text)), (.text(let text), .list(let texts)):
            Truth(comparison.isEquality == texts.contains(text))
        case (.list(let left), .list(let right)): Truth(comparison.isEquality == (left == right))
        case (.unknown, _), (.number, _), (.text, _), (.list, _), (.flag, _): .unknown
        }
    }

    private static func equal(_ a: Double, _ b: Double, _ c: Double, _ d: Double) -> Truth {
        if b < c || d < a { return .no }
        return a == b && c == d ? .yes : .unknown
    }
}

extension ConditionNode.Comparison {
    fileprivate var isEquality: Bool { self == .equal }

    /// Whether two texts compare so, by their bytes.
    fileprivate func holds(_ left: Name, _ right: Name) -> Bool {
        switch self {
        case .equal: left == right
        case .unequal: left != right
        case .less: left < right
        case .lessOrEqual: !(right < left)
        case .greater: right < left
        case .greaterOrEqual: !(left < right)
        }
    }
}

extension ConditionEvaluator {
    /// Returns whether the condition holds for a row, whose columns its names are.
    ///
    /// - Parameter columns: What `Condition.columns(of:)` returns.
    public func truth<Row: TableRow>(of row: Row, columns: [Column<Row>?], now: Date) -> Truth {
        truth(now: now) { index in
            columns.indices.contains(index)
                ? columns[index].map { ConditionValue($0.value(row, now)) } ?? .unknown : .unknown
        }
    }
}

extension Condition {
    /// Returns the columns that a condition asks for, in the order of its uses; `nil` for one that such rows lack.
    public func columns<Row: TableRow>(of _: Row.Type) -> [Column<Row>?] {
        uses.map { use in
            guard case .column(let name) = use.field else { return nil }
            return Row.Key(rawValue: name).map(Row.column)
        }
    }
}
