/// Lays JSON out over lines, without changing a value: numbers and texts stay as they are written.
struct JSONLayout {
    private let bytes: [UInt8]
    private var position = 0
    private var result: [UInt8] = []
    private let limit: Int

    private static let deepest = 200

    private init(_ bytes: [UInt8], limit: Int) {
        self.bytes = bytes
        self.limit = limit
        result.reserveCapacity(min(limit, bytes.count * 2))
    }

    /// Returns the text laid out; nil if the bytes are not one JSON value in UTF-8, or the layout is too long.
    static func text(_ bytes: [UInt8], limit: Int) -> String? {
        var layout = JSONLayout(bytes, limit: limit)
        guard layout.value(0) else { return nil }
        layout.skipSpace()
        guard layout.position == bytes.count else { return nil }
        return String(validating: layout.result, as: UTF8.self)
    }

    private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func skipSpace() {
        while let byte = next, byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D { position += 1 }
    }

    private mutating func newLine(_ depth: Int) {
        result.append(UInt8(ascii: "\n"))
        result += [UInt8](repeating: UInt8(ascii: " "), count: depth * 2)
    }

    private mutating func value(_ depth: Int) -> Bool {
        guard depth < Self.deepest, result.count <= limit else { return false }
        skipSpace()
        switch next {
        case UInt8(ascii: "{")?: return container(UInt8(ascii: "}"), depth, isObject: true)
        case UInt8(ascii: "[")?: return container(UInt8(ascii: "]"), depth, isObject: false)
        case UInt8(ascii: "\"")?: return string()
        case UInt8(ascii: "t")?: return word("true")
        case UInt8(ascii: "f")?: return word("false")
        case UInt8(ascii: "n")?: return word("null")
        default: return number()
        }
    }

    private mutating func container(_ end: UInt8, _ depth: Int, isObject: Bool) -> Bool {
        result.append(bytes[position])
        position += 1
        skipSpace()
        if next == end { return close(end) }
        while true {
            newLine(depth + 1)
            if isObject {
                skipSpace()
                guard next == UInt8(ascii: "\""), string() else { return false }
                skipSpace()
                guard next == UInt8(ascii: ":") else { return false }
                position += 1
                result += [UInt8(ascii: ":"), UInt8(ascii: " ")]
            }
            guard value(depth + 1) else { return false }
            skipSpace()
            if next == UInt8(ascii: ",") {
                position += 1
                result.append(UInt8(ascii: ","))
            } else if next == end {
                newLine(depth)
                return close(end)
            } else {
                return false
            }
        }
    }

    private mutating func close(_ end: UInt8) -> Bool {
        position += 1
        result.append(end)
        return true
    }

    private mutating func string() -> Bool {
        let start = position
        position += 1
        while let byte = next {
            position += 1
            if byte == UInt8(ascii: "\\") {
                position += 1
            } else if byte == UInt8(ascii: "\"") {
                result += bytes[start..<position]
                return true
            } else if byte < 0x20 {
                return false
            }
        }
        return false
    }

    private mutating func word(_ word: String) -> Bool {
        guard bytes[position...].starts(with: word.utf8) else { return false }
        position += word.utf8.count
        result += word.utf8
        return true
    }

    private mutating func number() -> Bool {
        let start = position
        while let byte = next, "+-.eE0123456789".utf8.contains(byte) { position += 1 }
        guard position > start, Double(String(decoding: bytes[start..<position], as: UTF8.self)) != nil else {
            return false
        }
        result += bytes[start..<position]
        return true
    }
}
