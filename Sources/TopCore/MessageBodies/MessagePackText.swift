import Names

/// Writes MessagePack as text in the style of JSON.
struct MessagePackText {
    private let bytes: [UInt8]
    private var position = 0
    private(set) var text = ""
    private let limit: Int

    private static let deepest = 32

    private init(_ bytes: [UInt8], limit: Int) {
        self.bytes = bytes
        self.limit = limit
    }

    /// Returns the text of bytes that are MessagePack to the end; nil if they are not.
    ///
    /// - Parameter limit: the longest text, in bytes; it ends with `…` there.
    static func text(_ bytes: [UInt8], limit: Int) -> String? {
        var reader = MessagePackText(bytes, limit: limit)
        guard reader.value(0), reader.position == bytes.count || reader.isFull else { return nil }
        return reader.isFull ? reader.text + "…" : reader.text
    }

    private var isFull: Bool { text.utf8.count >= limit }

    private mutating func value(_ depth: Int) -> Bool {
        if isFull { return true }
        guard depth < Self.deepest, let tag = take(1)?.first else { return false }
        switch tag {
        case 0x00...0x7F: text += String(tag)
        case 0x80...0x8F: return map(Int(tag & 0x0F), depth)
        case 0x90...0x9F: return array(Int(tag & 0x0F), depth)
        case 0xA0...0xBF: return string(Int(tag & 0x1F))
        case 0xC0: text += "null"
        case 0xC2: text += "false"
        case 0xC3: text += "true"
        case 0xC4, 0xC5, 0xC6: return number(1 << (tag - 0xC4)).map { binary($0) } ?? false
        case 0xC7, 0xC8, 0xC9: return number(1 << (tag - 0xC7)).map { ext($0) } ?? false
        case 0xCA:
            guard let bits = number(4) else { return false }
            text += String(Float(bitPattern: UInt32(truncatingIfNeeded: bits)))
        case 0xCB:
            guard let bits = number(8) else { return false }
            text += String(Double(bitPattern: bits))
        case 0xCC, 0xCD, 0xCE, 0xCF:
            guard let value = number(1 << (tag - 0xCC)) else { return false }
            text += String(value)
        case 0xD0, 0xD1, 0xD2, 0xD3:
            let size = 1 << Int(tag - 0xD0)
            guard let value = number(size) else { return false }
            let unused = UInt64(64 - size * 8)
            text += String(Int64(bitPattern: value << unused) >> Int64(unused))
        case 0xD4...0xD8: return ext(1 << UInt64(tag - 0xD4))
        case 0xD9, 0xDA, 0xDB: return number(1 << (tag - 0xD9)).flatMap { Int(exactly: $0) }.map { string($0) } ?? false
        case 0xDC, 0xDD: return number(2 << (tag - 0xDC)).flatMap { Int(exactly: $0) }.map { array($0, depth) } ?? false
        case 0xDE, 0xDF: return number(2 << (tag - 0xDE)).flatMap { Int(exactly: $0) }.map { map($0, depth) } ?? false
        case 0xE0...0xFF: text += String(Int8(bitPattern: tag))
        default: return false
        }
        return true
    }

    private mutating func take(_ count: Int) -> ArraySlice<UInt8>? {
        guard count >= 0, count <= bytes.count - position else { return nil }
        defer { position += count }
        return bytes[position..<position + count]
    }

    private mutating func number(_ size: Int) -> UInt64? {
        take(size).map { $0.reduce(0) { $0 << 8 | UInt64($1) } }
    }

    private mutating func array(_ count: Int, _ depth: Int) -> Bool {
        text += "["
        for index in 0..<count {
            if isFull { return true }
            if index > 0 { text += ", " }
            guard value(depth + 1) else { return false }
        }
        text += "]"
        return true
    }

    private mutating func map(_ count: Int, _ depth: Int) -> Bool {
        text += "{"
        for index in 0..<count {
            if isFull { return true }
            if index > 0 { text += ", " }
            guard value(depth + 1) else { return false }
            text += ": "
            guard value(depth + 1) else { return false }
        }
        text += "}"
        return true
    }

    private mutating func string(_ count: Int) -> Bool {
        guard let part = take(count), let string = String(validating: part, as: UTF8.self) else { return false }
        text += JSONText.string(string)
        return true
    }

    private mutating func binary(_ count: UInt64) -> Bool {
        guard let count = Int(exactly: count), let part = take(count) else { return false }
        text += "0x" + HexText.digits(part.prefix(limit))
        return true
    }

    private mutating func ext(_ count: UInt64) -> Bool {
        guard let count = Int(exactly: count), let type = take(1)?.first, let part = take(count) else { return false }
        text += "(type \(Int8(bitPattern: type))) 0x" + HexText.digits(part.prefix(limit))
        return true
    }
}
