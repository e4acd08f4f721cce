/// Removes the user information and the query of URIs, which both may hold passwords, from a text.
struct URISecrets {
    private let bytes: [UInt8]
    private(set) var result: [UInt8] = []

    /// What follows the scheme; in some JSON the slashes are escaped.
    private static let marks = ["://", ":\\/\\/"].map { Array($0.utf8) }

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// Makes the result.
    ///
    /// - Returns: Whether it differs from the text.
    mutating func redact() -> Bool {
        var copied = 0
        var index = 0
        while let colon = bytes[index...].firstIndex(of: UInt8(ascii: ":")) {
            guard let mark = Self.marks.first(where: { bytes[colon...].starts(with: $0) }) else {
                index = colon + 1
                continue
            }
            let start = colon + mark.count
            let end = end(of: start, scheme: schemeStart(before: colon))
            if let rest = withoutSecrets(start..<end) {
                result += bytes[copied..<start] + rest
                copied = end
            }
            index = max(end, start)
        }
        guard copied > 0 else { return false }
        result += bytes[copied...]
        return true
    }

    private func schemeStart(before colon: Int) -> Int {
        var start = colon
        while start > 0, bytes[start - 1].isOfIdentifier || bytes[start - 1] == UInt8(ascii: "+") { start -= 1 }
        return start
    }

    /// Returns where a URI ends. Nothing but white space surely ends one that is not quoted: what stands before the
    /// last @ may all be a password.
    private func end(of start: Int, scheme: Int) -> Int {
        let space = bytes[start...].firstIndex { $0.isSpace } ?? bytes.count
        if scheme > 0, let closing = Self.closing(bytes[scheme - 1]),
            let quote = bytes[start..<space].firstIndex(of: closing)
        {
            // A quote within a password ends nothing.
            let rest = bytes[start..<quote]
            if rest.contains(UInt8(ascii: "@")) || Self.isPlainHost(rest) { return quote }
        }
        // Several URIs in a list, as the federation plugin takes them.
        var index = start
        while let comma = bytes[index..<space].firstIndex(where: { $0 == UInt8(ascii: ",") || $0 == UInt8(ascii: ";") })
        {
            index = comma + 1
            var colon = index
            while colon < space, bytes[colon].isOfIdentifier || bytes[colon].isQuote { colon += 1 }
            if colon > index, Self.marks.contains(where: { bytes[colon...].starts(with: $0) }) { return comma }
        }
        return space
    }

    private static func closing(_ opening: UInt8) -> UInt8? {
        switch opening {
        case UInt8(ascii: "<"): UInt8(ascii: ">")
        case UInt8(ascii: "\""), UInt8(ascii: "'"), UInt8(ascii: "`"): opening
        default: nil
        }
    }

    /// Returns what follows the mark without secrets; `nil` if it has none.
    private func withoutSecrets(_ range: Range<Int>) -> [UInt8]? {
        var rest = bytes[range]
        var changed: [UInt8] = []
        if let at = rest.lastIndex(of: UInt8(ascii: "@")), !Self.isPlainHost(rest) {
            changed += Redaction.mark.utf8 + [UInt8(ascii: "@")]
            rest = rest[(at + 1)...]
        }
        guard let query = rest.firstIndex(of: UInt8(ascii: "?")), query + 1 < rest.endIndex else {
            return changed.isEmpty ? nil : changed + rest
        }
        return changed + rest[...query] + Redaction.mark.utf8
    }

    /// Whether what follows the mark begins with a host, a port if there is one, and then a path: an @ after that does
    /// not end a password.
    private static func isPlainHost(_ rest: ArraySlice<UInt8>) -> Bool {
        let end = rest.firstIndex { $0 == UInt8(ascii: "/") || $0 == .backslash } ?? rest.endIndex
        var authority = rest[..<end]
        if authority.contains(UInt8(ascii: "@")) { return false }
        if authority.first == UInt8(ascii: "["), let bracket = authority.firstIndex(of: UInt8(ascii: "]")) {
            authority = authority[(bracket + 1)...]
        }
        guard let colon = authority.firstIndex(of: UInt8(ascii: ":")) else { return true }
        return authority[(colon + 1)...].allSatisfy(\.isDigit)
    }
}
