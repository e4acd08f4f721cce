extension Condition {
    /// Whether a typed filter is meant as a condition, and not as text: it begins with a word and a comparison, with a
    /// column and `and`, `or` or a sign between blanks, or with `not` and a column.
    public static func isMeant(by text: String, in scope: ConditionScope) -> Bool {
        let bytes = Array(text.utf8.prefix(longest))
        var position = 0
        func skipBlanks() { while position < bytes.count, bytes[position] <= UInt8(ascii: " ") { position += 1 } }
        func word() -> String {
            let start = position
            while position < bytes.count, ConditionParser.isInWord(bytes[position]) { position += 1 }
            return String(decoding: bytes[start..<position], as: UTF8.self)
        }
        func isSign(_ byte: UInt8) -> Bool { "+-*/".utf8.contains(byte) }
        func isComparison(_ index: Int) -> Bool {
            guard index < bytes.count else { return false }
            return "=<>~".utf8.contains(bytes[index])
                || bytes[index] == UInt8(ascii: "!") && index + 1 < bytes.count && bytes[index + 1] == UInt8(ascii: "=")
        }

        var isNegated = false
        var first = ""
        repeat {
            while position < bytes.count, bytes[position] <= UInt8(ascii: " ") || "(-".utf8.contains(bytes[position]) {
                position += 1
            }
            let start = position
            first = word()
            guard position > start, ConditionParser.isLetter(bytes[start]) else { return false }
            let isNot = first.lowercased().hasSameBytes(as: "not")
            isNegated = isNegated || isNot
            guard isNot else { break }
        } while true

        let isColumn = (scope.words + ["now", "known"]).contains { $0.hasSameBytes(as: first) }
        if isColumn, isNegated { return true }
        let end = position
        skipBlanks()
        if isComparison(position) { return true }
        guard isColumn, position < bytes.count else { return false }
        if first.hasSameBytes(as: "known"), bytes[position] == UInt8(ascii: "(") { return true }
        let isAlone = position + 1 >= bytes.count || bytes[position + 1] == UInt8(ascii: " ")
        if isSign(bytes[position]) {
            return position > end && isAlone || bytes.indices[position...].contains(where: isComparison)
        }
        let next = word().lowercased()
        return position < bytes.count && (next.hasSameBytes(as: "and") || next.hasSameBytes(as: "or"))
    }
}
