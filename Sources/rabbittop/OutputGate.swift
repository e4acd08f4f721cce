import Screen

/// What leaves the program as text passes here: no byte from outside drives a terminal or forges a line.
enum OutputGate {
    /// What a text is, which says how a control character in it is written.
    enum Form: Sendable {
        /// Lines for people: what is invisible is made visible.
        case text
        /// JSON, one or more values: what is invisible is escaped, and the values stay the same.
        case json
        /// RFC 4180. Exact, except on a terminal, where it is made visible.
        case csv
    }

    static func passed(_ text: String, as form: Form, toTerminal: Bool) -> String {
        switch form {
        case .text: visible(text)
        case .json: json(text)
        case .csv: toTerminal ? csv(text) : text
        }
    }

    /// Our own line feeds and tabs stay; every other control character, and what reorders or ends lines, is made visible.
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

    /// Between the values of JSON there is no such character but blanks, so that each can be escaped where it stands.
    static func json(_ text: String) -> String {
        guard !isPlain(text) else { return text }
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar {
            // A carriage return is a blank to JSON, and to a terminal the way back over its line.
            case "\r": continue
            case _ where isHidden(scalar): result.append(contentsOf: escape(scalar).unicodeScalars)
            default: result.append(scalar)
            }
        }
        return String(result)
    }

    /// A record ends its line; a line end inside of quotes is part of a field.
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

    /// Printable ASCII, line feeds and tabs alone.
    private static func isPlain(_ text: String) -> Bool {
        text.utf8.allSatisfy { (0x20..<0x7F).contains($0) || $0 == 0x0A || $0 == 0x09 }
    }

    /// C0 without line feed and tab, DEL, C1, line and paragraph separators, and what overrides the direction of writing.
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
