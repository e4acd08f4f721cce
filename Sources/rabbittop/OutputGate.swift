import Screen

/// Filters all text that leaves the program: no byte from outside can control a terminal or forge a line.
enum OutputGate {
    /// The form of a text, which decides how control characters in it are written.
    enum Form: Sendable {
        /// Lines for people: invisible characters are made visible.
        case text
        /// One or more JSON values: invisible characters are escaped, and the values stay the same.
        case json
        /// CSV as in RFC 4180. Exact, except on a terminal, where invisible characters are made visible.
        case csv
    }

    static func passed(_ text: String, as form: Form, toTerminal: Bool) -> String {
        switch form {
        case .text: visible(text)
        case .json: json(text)
        case .csv: toTerminal ? csv(text) : text
        }
    }

    /// Keeps the program's own line feeds and tabs; every other control character, and characters that reorder text or
    /// end lines, are made visible.
    static func visible(_ text: String) -> String {
        guard !isPlain(text) else { return text }
        var result = ""
        var part = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            guard scalar == "\n" || scalar == "\t" else {
                part.append(scalar)
                continue
            }
            result += Text.visible(String(part))
            result.unicodeScalars.append(scalar)
            part = .init()
        }
        return result + Text.visible(String(part))
    }

    /// Outside of strings JSON contains no such characters except white space, so that each can be escaped in place.
    static func json(_ text: String) -> String {
        guard !isPlain(text) else { return text }
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar {
            // JSON allows a carriage return as white space, but on a terminal it moves back to the start of the line.
            case "\r": continue
            case _ where isHidden(scalar): result.append(contentsOf: escape(scalar).unicodeScalars)
            default: result.append(scalar)
            }
        }
        return String(result)
    }

    /// A record ends with its line; a line end inside quotes is part of a field.
    private static func csv(_ text: String) -> String {
        var result = ""
        var part = String.UnicodeScalarView()
        var isQuoted = false
        for scalar in text.unicodeScalars {
            if scalar == "\"" { isQuoted.toggle() }
            guard scalar == "\n", !isQuoted else {
                part.append(scalar)
                continue
            }
            if part.last == "\r" { part.removeLast() }
            result += Text.visible(String(part)) + "\n"
            part = .init()
        }
        return result + Text.visible(String(part))
    }

    /// Whether a text consists of printable ASCII, line feeds and tabs.
    private static func isPlain(_ text: String) -> Bool {
        text.utf8.allSatisfy { (0x20..<0x7F).contains($0) || $0 == 0x0A || $0 == 0x09 }
    }

    /// Whether a character is a C0 control without line feed and tab, DEL, a C1 control, a line or paragraph separator,
    /// or overrides the direction of text.
    private static func isHidden(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x09, 0x0A: false
        case ..<0x20, 0x7F...0x9F, 0x2028...0x202E, 0x2066...0x2069: true
        default: false
        }
    }

    private static func escape(_ scalar: Unicode.Scalar) -> String {
        let digits = String(scalar.value, radix: 16)
        return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
    }
}
