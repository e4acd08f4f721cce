import Names

/// Makes text of the broker safe to print.
enum BrokerText {
    /// Decodes HTML escapes (3.10 writes its errors for a web page), removes control characters and characters that set
    /// the text direction, and truncates long text. Returns nil if nothing is left.
    static func harmless(_ text: String, limit: Int = 600) -> String? {
        var result = String.UnicodeScalarView()
        var isSpace = true
        var count = 0
        for scalar in unescapingHTML(text).unicodeScalars {
            guard count < limit else {
                result.append("…")
                break
            }
            switch scalar.value {
            case 0x09, 0x0A, 0x0D, 0x20, 0x2028, 0x2029:
                if isSpace { continue }
                result.append(" ")
                isSpace = true
            case 0x00...0x1F, 0x7F...0x9F, 0x200E, 0x200F, 0x202A...0x202E, 0x2066...0x2069, 0xFEFF:
                continue
            default:
                result.append(scalar)
                isSpace = false
            }
            count += 1
        }
        while result.last == " " { result.removeLast() }
        return result.isEmpty ? nil : String(result)
    }

    private static let entities: [(String, String)] = [
        ("lt;", "<"), ("gt;", ">"), ("quot;", "\""), ("apos;", "'"), ("#39;", "'"), ("#x27;", "'"), ("amp;", "&"),
    ]

    /// Decodes in one pass, so that `&amp;lt;` becomes `&lt;` and not `<`.
    static func unescapingHTML(_ text: String) -> String {
        guard text.containsBytes(of: "&") else { return text }
        var result = ""
        var rest = Substring(text)
        while let ampersand = rest.utf8.firstIndex(of: UInt8(ascii: "&")) {
            result += rest[..<ampersand]
            rest = rest[rest.utf8.index(after: ampersand)...]
            if let (entity, character) = entities.first(where: { rest.hasBytePrefix($0.0) }) {
                result += character
                rest = Substring(rest.utf8.dropFirst(entity.utf8.count))
            } else {
                result += "&"
            }
        }
        return result + rest
    }
}
