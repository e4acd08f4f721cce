import Foundation
import Names

extension NamedSetting {
    /// Why a text is no list of settings.
    struct Problem: Error, Equatable {
        var words: String
    }

    /// Reads settings as they are typed: `max-length=10, overflow=reject-publish, queue="a, b"`. Whole numbers, decimal
    /// numbers, `true` and `false` have their types; everything else, and everything in quotes, is text.
    static func list(_ text: String) throws(Problem) -> [NamedSetting] {
        var settings: [NamedSetting] = []
        for part in try parts(Array(text.utf8)) {
            let trimmed = part.trimmed
            if trimmed.isEmpty { continue }
            guard let sign = trimmed.firstIndex(of: UInt8(ascii: "=")) else {
                throw Problem(words: "'\(Name(bytes: trimmed))' has no value: write name=value")
            }
            let name = Name(bytes: trimmed[..<sign].trimmed)
            guard !name.isEmpty else { throw Problem(words: "a value without a name: write name=value") }
            guard !settings.contains(where: { $0.name == name }) else { throw Problem(words: "\(name) is there twice") }
            settings.append(NamedSetting(name, value(trimmed[trimmed.index(after: sign)...].trimmed)))
        }
        return settings
    }

    /// Returns settings as they are typed.
    static func text(_ settings: [NamedSetting]) -> String { settings.map(\.text).joined(separator: ", ") }

    /// The setting as it is typed.
    var text: String { "\(name)=\(value.typed)" }

    private static func parts(_ bytes: [UInt8]) throws(Problem) -> [ArraySlice<UInt8>] {
        var parts: [ArraySlice<UInt8>] = []
        var start = 0
        var isQuoted = false
        var index = 0
        while index < bytes.count {
            switch bytes[index] {
            case UInt8(ascii: "\\") where isQuoted: index += 1
            case UInt8(ascii: "\""): isQuoted.toggle()
            case UInt8(ascii: ",") where !isQuoted:
                parts.append(bytes[start..<index])
                start = index + 1
            default: break
            }
            index += 1
        }
        guard !isQuoted else { throw Problem(words: "a quote is not closed") }
        return parts + [bytes[start...]]
    }

    private static func value(_ bytes: ArraySlice<UInt8>) -> TypedHeaderValue {
        let quote = UInt8(ascii: "\"")
        if bytes.count >= 2, bytes.first == quote, bytes.last == quote {
            var text: [UInt8] = []
            var isEscaped = false
            for byte in bytes.dropFirst().dropLast() {
                if byte == UInt8(ascii: "\\"), !isEscaped {
                    isEscaped = true
                } else {
                    text.append(byte)
                    isEscaped = false
                }
            }
            return .text(Name(bytes: text))
        }
        let text = String(decoding: bytes, as: UTF8.self)
        if let whole = Int64(text) { return .integer(whole) }
        if let flag = Bool(text) { return .flag(flag) }
        if text.utf8.contains(UInt8(ascii: ".")), let number = Double(text), number.isFinite { return .number(number) }
        return .text(Name(bytes: bytes))
    }
}

extension TypedHeaderValue {
    /// The value as it is typed in a list of settings.
    var typed: String {
        switch self {
        case .integer(let number): return String(number)
        case .number(let number): return String(number)
        case .flag(let flag): return String(flag)
        case .time(let seconds): return String(seconds)
        case .bytes(let bytes): return Data(bytes).base64EncodedString()
        case .list(let values): return "[" + values.map(\.typed).joined(separator: ", ") + "]"
        case .void: return ""
        case .text(let name):
            let text = name.text
            let isPlain =
                !text.isEmpty && Int64(text) == nil && Bool(text) == nil && Double(text) == nil
                && !text.utf8.contains { [0x20, 0x22, 0x2C, 0x5C].contains($0) }
            return isPlain
                ? text : "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
        }
    }
}

extension ArraySlice<UInt8> {
    /// Without blanks at both ends.
    fileprivate var trimmed: ArraySlice<UInt8> {
        let front = drop { $0 == 0x20 || $0 == 0x09 }
        return front[..<(front.lastIndex { $0 != 0x20 && $0 != 0x09 }.map { $0 + 1 } ?? front.startIndex)]
    }
}
