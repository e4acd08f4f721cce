import Names

extension Condition {
    /// What can be written in the place of a word that was begun.
    public struct Completion: Sendable, Equatable {
        /// The length of the word's beginning, in bytes before the cursor.
        public var length: Int
        /// The words that begin so, in the order of the columns.
        public var words: [String]
        /// What all words begin with: what can be inserted without a choice.
        public var common: String

        /// Creates a completion by those of some words that begin with the text before the cursor.
        init(of begun: String, among words: [String]) {
            length = begun.utf8.count
            self.words = words.filter { $0.hasBytePrefix(begun) }
            common = Self.common(of: self.words)
        }

        init(length: Int, words: [String]) {
            self.length = length
            self.words = words
            common = Self.common(of: words)
        }

        /// What is inserted at the cursor, with a blank after the only word; `nil` when nothing begins so.
        var insertion: String? {
            guard !words.isEmpty else { return nil }
            let rest = String(decoding: common.utf8.dropFirst(length), as: UTF8.self)
            return rest + (words.count == 1 ? " " : "")
        }

        private static func common(of words: [String]) -> String {
            guard let first = words.first else { return "" }
            var common = Array(first.utf8)
            for word in words { common = zip(common, word.utf8).prefix { $0 == $1 }.map { $0.0 } }
            return String(decoding: common, as: UTF8.self)
        }
    }

    /// Returns the names that can stand at the end of a text.
    ///
    /// - Parameter text: The text before the cursor.
    public static func completion(of text: String, in scope: ConditionScope) -> Completion {
        let none = Completion(length: 0, words: [])
        guard text.utf8.count <= longest else { return none }
        let bytes = Array(text.utf8)
        let length = bytes.reversed().prefix(while: ConditionParser.isInWord).count
        let start = bytes.count - length
        let begun = String(decoding: bytes[start...], as: UTF8.self)
        // What could stand here is what the parser misses when the text ends before the word.
        let before = String(decoding: bytes[..<start], as: UTF8.self)
        let candidates: [String]
        do throws(ConditionError) {
            // A word that cannot be a name takes the place of the one that was begun.
            _ = try Condition(before + "\u{1}", in: scope)
            return none
        } catch {
            guard error.offset >= start else { return none }
            switch error.expectation {
            case .operand: candidates = names(in: scope, before: before) + ["not", "known", "now"]
            case .column(let columns): candidates = columns
            case .view: candidates = ConditionScope.listedViews.map(\.rawValue)
            case .joint: candidates = ["and", "or"]
            case .other: candidates = afterDot(before)
            }
        }
        let words = candidates.filter { $0.hasBytePrefix(begun) }
        return words.isEmpty ? none : Completion(length: length, words: words)
    }

    private static func names(in scope: ConditionScope, before: String) -> [String] {
        switch scope {
        case .row: return scope.words
        case .broker:
            // Within count(… where … the names are those of the rows.
            for view in ConditionScope.listedViews {
                if let open = before.ranges(of: "count(").last,
                    before[open.upperBound...].utf8.starts(with: "\(view.rawValue) where".utf8)
                {
                    return view.columnNames
                }
            }
            return scope.words + ["count"]
        }
    }

    /// Returns the columns of the object that a text ends with, as `queue.orders.`.
    private static func afterDot(_ before: String) -> [String] {
        let bytes = Array(before.utf8)
        guard bytes.last == UInt8(ascii: ".") else { return [] }
        let start = bytes.lastIndex { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "(") }.map { $0 + 1 } ?? 0
        let path = String(decoding: bytes[start...], as: UTF8.self)
        guard let kind = ConditionObject.Kind.allCases.first(where: { path.hasBytePrefix($0.rawValue + ".") }) else {
            return []
        }
        return kind == .overview || path.utf8.filter { $0 == UInt8(ascii: ".") }.count > 1 ? kind.view.columnNames : []
    }
}
