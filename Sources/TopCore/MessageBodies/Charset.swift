import Names

/// A charset that bodies are decoded from.
enum Charset: Sendable, Equatable {
    case utf8, latin1, windows1252, utf16, utf16Big, utf16Little

    /// Reads the name of a charset, in lower case.
    init?(_ name: String) {
        switch name {
        case "utf-8", "utf8", "us-ascii", "ascii": self = .utf8
        case "iso-8859-1", "latin1", "iso_8859-1": self = .latin1
        case "windows-1252", "cp1252": self = .windows1252
        case "utf-16", "utf16": self = .utf16
        case "utf-16be": self = .utf16Big
        case "utf-16le": self = .utf16Little
        default: return nil
        }
    }

    var name: String {
        switch self {
        case .utf8: "utf-8"
        case .latin1: "iso-8859-1"
        case .windows1252: "windows-1252"
        case .utf16, .utf16Big, .utf16Little: "utf-16"
        }
    }

    /// Returns bytes as text, with the name of their charset; nil if they are no text.
    ///
    /// - Parameter isCut: whether the last character may be incomplete.
    static func decode(_ bytes: [UInt8], declared: Charset?, isCut: Bool) -> (String, String)? {
        if let declared, declared != .utf8 { return declared.decode(bytes).map { ($0, declared.name) } }
        if bytes.starts(with: [0xFE, 0xFF]) || bytes.starts(with: [0xFF, 0xFE]), declared == nil {
            return Charset.utf16.decode(bytes).map { ($0, Charset.utf16.name) }
        }
        for dropped in 0...(isCut ? 3 : 0) {
            guard let text = String(validating: bytes.dropLast(dropped), as: UTF8.self) else { continue }
            return isText(text) || declared == .utf8 ? (text, Charset.utf8.name) : nil
        }
        return nil
    }

    /// Whether a text has few control characters other than white space.
    private static func isText(_ text: String) -> Bool {
        let controls = text.utf8.reduce(0) { count, byte in
            count + (byte < 0x20 && byte != 0x09 && byte != 0x0A && byte != 0x0D && byte != 0x1B ? 1 : 0)
        }
        return controls * 20 <= text.utf8.count
    }

    private func decode(_ bytes: [UInt8]) -> String? {
        switch self {
        case .utf8: return String(validating: bytes, as: UTF8.self)
        case .latin1: return Self.text(bytes) { Unicode.Scalar($0) }
        case .windows1252:
            return Self.text(bytes) { byte in
                (0x80..<0xA0).contains(byte)
                    ? Unicode.Scalar(Self.windows[Int(byte) - 0x80]) ?? "\u{FFFD}" : Unicode.Scalar(byte)
            }
        case .utf16:
            let isLittle = bytes.starts(with: [0xFF, 0xFE])
            let hasMark = isLittle || bytes.starts(with: [0xFE, 0xFF])
            return Self.utf16(hasMark ? Array(bytes.dropFirst(2)) : bytes, isLittle: isLittle)
        case .utf16Big: return Self.utf16(bytes, isLittle: false)
        case .utf16Little: return Self.utf16(bytes, isLittle: true)
        }
    }

    private static func text(_ bytes: [UInt8], _ scalar: (UInt8) -> Unicode.Scalar) -> String {
        var text = String.UnicodeScalarView()
        for byte in bytes { text.append(scalar(byte)) }
        return String(text)
    }

    private static func utf16(_ bytes: [UInt8], isLittle: Bool) -> String? {
        let units = stride(from: 0, to: bytes.count - bytes.count % 2, by: 2).map { index in
            let (first, second) = (UInt16(bytes[index]), UInt16(bytes[index + 1]))
            return isLittle ? second << 8 | first : first << 8 | second
        }
        return String(validating: units, as: UTF16.self)
    }

    /// What windows-1252 has at 0x80 to 0x9F; what is not assigned there is U+FFFD.
    private static let windows: [UInt16] = [
        0x20AC, 0xFFFD, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160, 0x2039, 0x0152,
        0xFFFD, 0x017D, 0xFFFD, 0xFFFD, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x02DC, 0x2122,
        0x0161, 0x203A, 0x0153, 0xFFFD, 0x017E, 0x0178,
    ]
}
