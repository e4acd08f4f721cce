import Names

// Reading bytes: words, texts, signs, and what an error says of the place.
extension ConditionParser {
    var peek: UInt8? { byte(at: position) }

    func byte(at index: Int) -> UInt8? { bytes.indices.contains(index) ? bytes[index] : nil }

    static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    static func isLetter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20) || byte == UInt8(ascii: "_")
    }

    static func isInWord(_ byte: UInt8) -> Bool { isLetter(byte) || isDigit(byte) }

    private static func isBlank(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || (UInt8(ascii: "\t")...UInt8(ascii: "\r")).contains(byte)
    }

    static func isKeyword(_ word: String) -> Bool {
        ["and", "or", "not"].contains { $0.hasSameBytes(as: word.lowercased()) }
    }

    func slice(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }

    func text(_ part: Part) -> String { slice(part.range) }

    mutating func skipBlanks() {
        while let byte = peek, Self.isBlank(byte) { position += 1 }
    }

    /// Takes the first of several signs that stands here.
    mutating func takeOne<Meaning>(of signs: [(String, Meaning)]) -> Meaning? {
        skipBlanks()
        for (sign, meaning) in signs where bytes[position...].starts(with: sign.utf8) {
            position += sign.utf8.count
            return meaning
        }
        return nil
    }

    mutating func take(_ sign: String, expecting what: String) throws(ConditionError) {
        guard takeOne(of: [(sign, true)]) != nil else { throw unexpected(what) }
    }

    /// Takes a word in lower or upper case, when it stands here as a whole.
    mutating func takeWord(_ word: String) -> Bool {
        skipBlanks()
        let end = position + word.utf8.count
        guard end <= bytes.count, slice(position..<end).lowercased().hasSameBytes(as: word),
            byte(at: end).map(Self.isInWord) != true
        else { return false }
        position = end
        return true
    }

    /// Reads letters, digits and `_`.
    mutating func word() -> String {
        let start = position
        while let byte = peek, Self.isInWord(byte) { position += 1 }
        return slice(start..<position)
    }

    /// Reads to the next blank, or to a parenthesis that closes one opened before: those that are opened in the text
    /// belong to it, as in `^(a|b)$`.
    ///
    /// - Parameter isPattern: whether what stands behind a backslash is no parenthesis.
    mutating func bareText(isPattern: Bool = false) -> String {
        let start = position
        var open = 0
        while let byte = peek, !Self.isBlank(byte) {
            switch byte {
            case UInt8(ascii: "\\") where isPattern && position + 1 < bytes.count: position += 1
            case UInt8(ascii: "("): open += 1
            case UInt8(ascii: ")"):
                if open == 0 { return slice(start..<position) }
                open -= 1
            default: break
            }
            position += 1
        }
        return slice(start..<position)
    }

    /// Reads a text in double or single quotes. `\"` is a quote and `\\` a backslash; any other backslash stays.
    ///
    /// - Parameter isPattern: whether only the quote is taken out of its escape, since backslashes are the pattern's.
    mutating func quoted(isPattern: Bool = false) throws(ConditionError) -> String {
        let quote = bytes[position]
        position += 1
        var text: [UInt8] = []
        while let byte = peek, byte != quote {
            position += 1
            guard byte == UInt8(ascii: "\\"), let next = peek else {
                text.append(byte)
                continue
            }
            position += 1
            switch next {
            case quote: text.append(quote)
            case UInt8(ascii: "\\") where !isPattern: text.append(next)
            default: text += [byte, next]
            }
        }
        guard peek == quote else {
            throw error("expected \(Character(Unicode.Scalar(quote))) at the end of the text", at: bytes.count)
        }
        position += 1
        return String(decoding: text, as: UTF8.self)
    }

    /// Reads a regular expression: in quotes, between slashes, or to the next blank.
    mutating func pattern() throws(ConditionError) -> String {
        skipBlanks()
        switch peek {
        case UInt8(ascii: "\""), UInt8(ascii: "'"): return try quoted(isPattern: true)
        case UInt8(ascii: "/"):
            let start = position
            if let length = bytes[(position + 1)...].firstIndex(of: UInt8(ascii: "/")), length > position + 1,
                byte(at: length + 1).map({ Self.isBlank($0) || $0 == UInt8(ascii: ")") }) != false
            {
                position = length + 1
                return slice(start + 1..<length)
            }
        default: break
        }
        let start = position
        let text = bareText(isPattern: true)
        guard !text.isEmpty else { throw error("expected a regular expression", at: start) }
        return text
    }

    // MARK: Errors

    func error(
        _ what: String, at offset: Int, _ expectation: ConditionError.Expectation = .other
    ) -> ConditionError {
        let offset = min(offset, bytes.count)
        return ConditionError(
            offset: offset, column: slice(0..<offset).count + 1, what: what, source: Name(source),
            expectation: expectation)
    }

    /// The error that something else was expected here.
    func unexpected(_ expected: String? = nil) -> ConditionError {
        guard let byte = peek else {
            return error("expected \(expected ?? "more") at the end", at: position)
        }
        if let expected { return error("expected \(expected)", at: position) }
        switch byte {
        case UInt8(ascii: ")"): return error("there is no ( for this )", at: position, .joint)
        case UInt8(ascii: "&"): return error("expected and or or: write and in place of &&", at: position, .joint)
        case UInt8(ascii: "|"): return error("expected and or or: write or in place of ||", at: position, .joint)
        case UInt8(ascii: "!"):
            return error("expected and or or: !~ is written as not … ~ …", at: position, .joint)
        case UInt8(ascii: ","): return error("numbers are written without commas, as 10000 or 10k", at: position)
        default: return error("expected and or or; texts with blanks stand in quotes", at: position, .joint)
        }
    }
}
