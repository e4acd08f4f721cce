import Names

/// Builds regular expressions that match exactly the given names, for a list of the management API.
enum NamePattern {
    /// The longest expression, in bytes as sent; the broker accepts a request line of up to 8,000 bytes.
    static let longest = 4_000

    /// Returns as few expressions as possible.
    static func patterns(matching names: [Name]) -> [Name] {
        var patterns: [Name] = []
        var parts: [String] = []
        var length = 0
        for name in names {
            let part = escaped(name)
            let size = sentLength(part) + 3
            if !parts.isEmpty, length + size > longest {
                patterns.append(Name("^(\(parts.joined(separator: "|")))$"))
                parts = []
                length = 0
            }
            parts.append(part)
            length += size
        }
        if !parts.isEmpty { patterns.append(Name("^(\(parts.joined(separator: "|")))$")) }
        return patterns
    }

    /// Returns the name with a backslash before each character that has a meaning in a regular expression.
    static func escaped(_ name: Name) -> String {
        var result = String.UnicodeScalarView()
        for scalar in name.text.unicodeScalars {
            switch scalar {
            case "\\", "^", "$", ".", "|", "?", "*", "+", "(", ")", "[", "]", "{", "}": result.append("\\")
            default: break
            }
            result.append(scalar)
        }
        return String(result)
    }

    /// Returns the length in bytes as sent; each byte that is not a letter, a digit or one of a few marks is sent as
    /// three.
    private static func sentLength(_ text: String) -> Int {
        text.utf8.reduce(0) { $0 + (isPlain($1) ? 1 : 3) }
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."),
            UInt8(ascii: "~"):
            true
        default: false
        }
    }
}
