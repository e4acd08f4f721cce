/// Removes the secrets of a JSON text, which stays JSON: each text in it is looked at alone.
struct JSONSecrets {
    private let bytes: [UInt8]
    private var index = 0
    private(set) var result: [UInt8] = []

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// Makes the result.
    ///
    /// - Returns: Whether it differs from the text.
    mutating func redact() -> Bool {
        var isChanged = false
        while index < bytes.count {
            guard bytes[index] == UInt8(ascii: "\"") else {
                result.append(bytes[index])
                index += 1
                continue
            }
            let literal = literal(at: index)
            let text = Self.unescaped(bytes[literal])
            index = min(literal.upperBound + 1, bytes.count)
            if let redacted = Redaction.withoutSecrets(in: text) {
                result += Self.quoted(redacted)
                isChanged = true
            } else {
                result += bytes[(literal.lowerBound - 1)..<index]
            }
            let colon = skipSpace(index)
            guard colon < bytes.count, bytes[colon] == UInt8(ascii: ":") else { continue }
            guard Redaction.isSecret(Name(bytes: text)) else { continue }
            let value = skipSpace(colon + 1)
            result += bytes[index..<value] + Self.quoted(Array(Redaction.mark.utf8))
            index = endOfValue(value)
            isChanged = true
        }
        return isChanged
    }

    private func skipSpace(_ start: Int) -> Int {
        var index = start
        while index < bytes.count, bytes[index].isSpace { index += 1 }
        return index
    }

    /// Returns the range between the quotes of the text that begins with the quote at an index.
    private func literal(at quote: Int) -> Range<Int> {
        var end = quote + 1
        while end < bytes.count, bytes[end] != UInt8(ascii: "\"") {
            end += bytes[end] == .backslash ? 2 : 1
        }
        return (quote + 1)..<max(quote + 1, min(end, bytes.count))
    }

    private func endOfValue(_ start: Int) -> Int {
        var depth = 0
        var index = start
        while index < bytes.count {
            switch bytes[index] {
            case UInt8(ascii: "\""):
                index = min(literal(at: index).upperBound + 1, bytes.count)
                if depth == 0 { return index }
                continue
            case UInt8(ascii: "["), UInt8(ascii: "{"): depth += 1
            case UInt8(ascii: "]"), UInt8(ascii: "}"):
                if depth == 0 { return index }
                depth -= 1
                if depth == 0 { return index + 1 }
            case UInt8(ascii: ","): if depth == 0 { return index }
            default: break
            }
            index += 1
        }
        return bytes.count
    }

    /// Returns what a text in JSON stands for.
    private static func unescaped(_ literal: ArraySlice<UInt8>) -> [UInt8] {
        guard literal.contains(.backslash) else { return Array(literal) }
        var units: [UInt16] = []
        var result: [UInt8] = []
        func flush() {
            guard !units.isEmpty else { return }
            result += Array(String(decoding: units, as: UTF16.self).utf8)
            units = []
        }
        var index = literal.startIndex
        while index < literal.endIndex {
            guard literal[index] == .backslash, index + 1 < literal.endIndex else {
                flush()
                result.append(literal[index])
                index += 1
                continue
            }
            let escape = literal[index + 1]
            if escape == UInt8(ascii: "u"), index + 6 <= literal.endIndex,
                let unit = UInt16(String(decoding: literal[(index + 2)..<(index + 6)], as: UTF8.self), radix: 16)
            {
                units.append(unit)
                index += 6
                continue
            }
            flush()
            switch escape {
            case UInt8(ascii: "n"): result.append(0x0a)
            case UInt8(ascii: "r"): result.append(0x0d)
            case UInt8(ascii: "t"): result.append(0x09)
            case UInt8(ascii: "b"): result.append(0x08)
            case UInt8(ascii: "f"): result.append(0x0c)
            default: result.append(escape)
            }
            index += 2
        }
        flush()
        return result
    }

    private static func quoted(_ text: [UInt8]) -> [UInt8] {
        var result = [UInt8(ascii: "\"")]
        for byte in text {
            switch byte {
            case UInt8(ascii: "\""), .backslash: result += [.backslash, byte]
            case 0x00..<0x20:
                let hex = String(byte, radix: 16)
                result += Array("\\u\(hex.count == 1 ? "000" : "00")\(hex)".utf8)
            default: result.append(byte)
            }
        }
        return result + [UInt8(ascii: "\"")]
    }
}
