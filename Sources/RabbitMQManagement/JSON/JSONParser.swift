import NIOCore
import Names

/// Parses JSON (RFC 8259) from bytes of a peer.
///
/// It is used instead of Foundation's parser for three reasons: bytes that are not UTF-8 are replaced where they occur
/// instead of making the whole response invalid, a response that ended too early is distinguished from one that is not
/// JSON, and rows can be decoded one by one without the cost of an error for every unexpected field.
struct JSONParser {
    enum Failure: Error, Equatable {
        /// The bytes end before the value does.
        case unexpectedEnd
        /// The bytes are not JSON from this offset on.
        case invalid(at: Int)
        /// There are more values than are kept.
        case tooLarge
    }

    /// The maximum size of the values, in bytes as counted here: `[[],[],…]` takes many times its length.
    static let room = 80 << 20
    /// The size of a value, a member's key and a container in addition to their bytes.
    private static let costOfValue = 40
    private static let costOfMember = 72

    /// The maximum nesting depth: the parser is recursive, and the stack is limited.
    static let maximumDepth = 200

    private let bytes: UnsafeRawBufferPointer
    private var position = 0
    private var left: Int

    static func parse(_ buffer: ByteBuffer, room: Int = Self.room) throws(Failure) -> JSONValue {
        let result: Result<JSONValue, Failure> = buffer.withUnsafeReadableBytes { bytes in
            var parser = JSONParser(bytes: bytes, room: room)
            return Result { () throws(Failure) in try parser.parseDocument() }
        }
        return try result.get()
    }

    private init(bytes: UnsafeRawBufferPointer, room: Int) {
        self.bytes = bytes
        left = room
    }

    private mutating func keep(_ size: Int) throws(Failure) {
        left -= size
        guard left >= 0 else { throw .tooLarge }
    }

    private mutating func parseDocument() throws(Failure) -> JSONValue {
        let value = try parseValue(depth: 0)
        skipSpace()
        guard position == bytes.count else { throw .invalid(at: position) }
        return value
    }

    private mutating func skipSpace() {
        while position < bytes.count {
            switch bytes[position] {
            case 0x20, 0x09, 0x0A, 0x0D: position += 1
            default: return
            }
        }
    }

    private func peek() throws(Failure) -> UInt8 {
        guard position < bytes.count else { throw .unexpectedEnd }
        return bytes[position]
    }

    private mutating func parseValue(depth: Int) throws(Failure) -> JSONValue {
        guard depth < Self.maximumDepth else { throw .invalid(at: position) }
        skipSpace()
        try keep(Self.costOfValue)
        switch try peek() {
        case UInt8(ascii: "{"): return try parseObject(depth: depth)
        case UInt8(ascii: "["): return try parseArray(depth: depth)
        case UInt8(ascii: "\""): return .string(try parseString())
        case UInt8(ascii: "t"):
            try expect("true")
            return .bool(true)
        case UInt8(ascii: "f"):
            try expect("false")
            return .bool(false)
        case UInt8(ascii: "n"):
            try expect("null")
            return .null
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try parseNumber()
        default: throw .invalid(at: position)
        }
    }

    private mutating func expect(_ word: StaticString) throws(Failure) {
        for offset in 0..<word.utf8CodeUnitCount {
            guard position < bytes.count else { throw .unexpectedEnd }
            guard bytes[position] == word.utf8Start[offset] else { throw .invalid(at: position) }
            position += 1
        }
    }

    private mutating func parseObject(depth: Int) throws(Failure) -> JSONValue {
        position += 1
        var members: [Name: JSONValue] = [:]
        skipSpace()
        if try peek() == UInt8(ascii: "}") {
            position += 1
            return .object(members)
        }
        while true {
            skipSpace()
            guard try peek() == UInt8(ascii: "\"") else { throw .invalid(at: position) }
            let key = Name(try parseString())
            skipSpace()
            guard try peek() == UInt8(ascii: ":") else { throw .invalid(at: position) }
            position += 1
            try keep(Self.costOfMember)
            members[key] = try parseValue(depth: depth + 1)
            skipSpace()
            switch try peek() {
            case UInt8(ascii: ","): position += 1
            case UInt8(ascii: "}"):
                position += 1
                return .object(members)
            default: throw .invalid(at: position)
            }
        }
    }

    private mutating func parseArray(depth: Int) throws(Failure) -> JSONValue {
        position += 1
        var elements: [JSONValue] = []
        skipSpace()
        if try peek() == UInt8(ascii: "]") {
            position += 1
            return .array(elements)
        }
        while true {
            elements.append(try parseValue(depth: depth + 1))
            skipSpace()
            switch try peek() {
            case UInt8(ascii: ","): position += 1
            case UInt8(ascii: "]"):
                position += 1
                return .array(elements)
            default: throw .invalid(at: position)
            }
        }
    }

    private mutating func parseNumber() throws(Failure) -> JSONValue {
        let start = position
        var isNegative = false
        if bytes[position] == UInt8(ascii: "-") {
            isNegative = true
            position += 1
        }
        var magnitude: Int64 = 0
        var fits = true
        let digitsStart = position
        while position < bytes.count, case UInt8(ascii: "0")...UInt8(ascii: "9") = bytes[position] {
            let (product, overflowed) = magnitude.multipliedReportingOverflow(by: 10)
            let (sum, carried) = product.addingReportingOverflow(Int64(bytes[position] - UInt8(ascii: "0")))
            if overflowed || carried { fits = false } else { magnitude = sum }
            position += 1
        }
        guard position > digitsStart else {
            throw position < bytes.count ? .invalid(at: position) : .unexpectedEnd
        }
        var isWhole = true
        while position < bytes.count {
            switch bytes[position] {
            case UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E"), UInt8(ascii: "+"), UInt8(ascii: "-"):
                isWhole = false
                position += 1
                continue
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                position += 1
                continue
            default: break
            }
            break
        }
        if isWhole, fits { return .integer(isNegative ? -magnitude : magnitude) }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        if isWhole {
            // The smallest 64-bit number has no positive counterpart.
            return Int64(text).map(JSONValue.integer) ?? .largeInteger(text)
        }
        guard let number = Double(text) else { throw .invalid(at: start) }
        // Beyond the range of a Double: only this value is unknown.
        return number.isFinite ? .number(number) : .null
    }

    private mutating func parseString() throws(Failure) -> String {
        position += 1
        let start = position
        while true {
            switch try peek() {
            case UInt8(ascii: "\""):
                try keep(position - start)
                let text = String(decoding: bytes[start..<position], as: UTF8.self)
                position += 1
                return text
            case UInt8(ascii: "\\"):
                return try parseEscapedString(from: start)
            default:
                position += 1
            }
        }
    }

    private mutating func parseEscapedString(from start: Int) throws(Failure) -> String {
        var text = Array(bytes[start..<position])
        while true {
            let byte = try peek()
            position += 1
            switch byte {
            case UInt8(ascii: "\""):
                try keep(text.count)
                return String(decoding: text, as: UTF8.self)
            case UInt8(ascii: "\\"): try parseEscape(into: &text)
            default: text.append(byte)
            }
        }
    }

    private mutating func parseEscape(into text: inout [UInt8]) throws(Failure) {
        let byte = try peek()
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0C)
        case UInt8(ascii: "n"): text.append(0x0A)
        case UInt8(ascii: "r"): text.append(0x0D)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "u"):
            var scalar = UInt32(try parseHexadecimal())
            if 0xD800..<0xDC00 ~= scalar, let low = try parseLowSurrogate() {
                scalar = 0x10000 + (scalar - 0xD800) << 10 + (UInt32(low) - 0xDC00)
            }
            // A surrogate without its counterpart is not a character.
            text.append(contentsOf: Character(Unicode.Scalar(scalar) ?? "\u{FFFD}").utf8)
        default: throw .invalid(at: position - 1)
        }
    }

    private mutating func parseLowSurrogate() throws(Failure) -> UInt16? {
        guard position + 1 < bytes.count, bytes[position] == UInt8(ascii: "\\"),
            bytes[position + 1] == UInt8(ascii: "u")
        else { return nil }
        let before = position
        position += 2
        let unit = try parseHexadecimal()
        if 0xDC00..<0xE000 ~= unit { return unit }
        position = before
        return nil
    }

    private mutating func parseHexadecimal() throws(Failure) -> UInt16 {
        var unit: UInt16 = 0
        for _ in 0..<4 {
            let byte = try peek()
            let digit: UInt8
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = byte - UInt8(ascii: "a") + 10
            case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = byte - UInt8(ascii: "A") + 10
            default: throw .invalid(at: position)
            }
            unit = unit << 4 | UInt16(digit)
            position += 1
        }
        return unit
    }
}
