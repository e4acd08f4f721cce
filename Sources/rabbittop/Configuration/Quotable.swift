/// Decides what an error may quote of typed text, which may be a password in the wrong place.
enum Quotable {
    /// Whether a text consists of the characters of numbers, and is no longer than any sensible number.
    static func isNumber(_ text: some StringProtocol) -> Bool {
        let parts = "0123456789+-.eE".utf8
        return !text.isEmpty && text.utf8.count <= 24 && text.utf8.allSatisfy(parts.contains)
            && text.utf8.contains { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }

    /// Returns a number unchanged, and `this` for anything else.
    static func number(_ text: some StringProtocol) -> String { isNumber(text) ? String(text) : "this" }

    /// Whether a text has the form of the names of options, keys and sections.
    static func isName(_ text: some StringProtocol) -> Bool {
        !text.isEmpty && text.utf8.count <= 40
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "."):
                    true
                default: false
                }
            }
    }

    /// Returns a path unchanged, unless it looks like a URL, or like `user:password@host`.
    static func path(_ text: String) -> String {
        mayHoldPassword(text) ? "(not repeated here: it looks like a URL)" : text
    }

    /// Whether a URI has a password in its authority or in its query.
    static func holdsPassword(_ uri: String) -> Bool {
        let rest = uri.firstRange(of: "://").map { uri[$0.upperBound...] } ?? uri[...]
        return mayHoldPassword(rest) || rest.contains("password=")
    }

    /// Whether there is text before an `@` or after a `:`, or the text is a URL.
    static func mayHoldPassword(_ text: some StringProtocol) -> Bool {
        if text.contains("://") { return true }
        guard let colon = text.utf8.firstIndex(of: UInt8(ascii: ":")) else { return false }
        return text.utf8[colon...].contains(UInt8(ascii: "@"))
    }
}
