import Names

extension Filter {
    /// Creates a filter from typed text: a condition, plain text, or a regular expression after a slash. The closing
    /// slash may be missing.
    ///
    /// - Parameter view: The view whose columns a condition can name.
    /// - Throws: What is wrong with a condition.
    public init(typed: String, in view: ViewID) throws(ConditionError) {
        let scope = ConditionScope.columns(of: view)
        if Condition.isMeant(by: typed, in: scope) {
            self = .condition(try Condition(typed, in: scope))
        } else {
            self.init(plain: typed)
        }
    }

    /// Creates a filter from plain text, or a regular expression after a slash.
    init(plain typed: String) {
        let slash = UInt8(ascii: "/")
        guard typed.utf8.first == slash else {
            self = typed.isEmpty ? .none : .text(Name(typed))
            return
        }
        var bytes = typed.utf8.dropFirst()
        if bytes.last == slash { bytes = bytes.dropLast() }
        let pattern = Name(Substring(bytes))
        if pattern.isEmpty {
            self = .none
            return
        }
        do {
            _ = try Regex(pattern.text)
            self = .regex(pattern)
        } catch {
            self = .invalid(pattern, why: Self.reason(error))
        }
    }

    /// The filter as it would be typed.
    public var typed: String {
        switch self {
        case .none: ""
        case .text(let text): text.text
        case .regex(let pattern): "/\(pattern)/"
        case .condition(let condition): condition.source.text
        case .invalid(let pattern, _): "/\(pattern)/"
        }
    }

    static func reason(_ error: any Error) -> String {
        let text = String(describing: error)
        return text.isEmpty ? "not a regular expression" : text
    }
}

/// Matches many texts against one filter.
struct FilterMatcher {
    private enum Kind {
        case everything
        /// Lower-case ASCII.
        case bytes([UInt8])
        /// Other text in lower case, as bytes. Composed and decomposed forms do not match each other.
        case folded([UInt8])
        case regex(Regex<AnyRegexOutput>)
    }

    private let kind: Kind

    init(_ filter: Filter) {
        switch filter {
        // A condition is not about one text.
        case .none, .condition, .invalid: kind = .everything
        case .text(let text):
            let folded = Array(text.text.lowercased().utf8)
            kind = folded.allSatisfy { $0 < 0x80 } ? .bytes(folded) : .folded(folded)
        case .regex(let pattern):
            if let regex = try? Regex(pattern.text) {
                // By Unicode scalar: by `Character`, "e" followed by a combining accent would equal "é".
                kind = .regex(regex.ignoresCase().matchingSemantics(.unicodeScalar))
            } else {
                kind = .everything
            }
        }
    }

    var passesEverything: Bool {
        if case .everything = kind { true } else { false }
    }

    func matches(_ text: String) -> Bool {
        switch kind {
        case .everything: return true
        case .bytes(let needle):
            var text = text
            return text.withUTF8 { Self.contains($0, needle) }
        case .folded(let needle):
            var text = text.lowercased()
            return text.withUTF8 { Self.contains($0, needle) }
        case .regex(let regex): return text.firstMatch(of: regex) != nil
        }
    }

    /// Whether UTF-8 text contains `needle`, which is in lower case, ignoring the case of ASCII letters.
    private static func contains(_ bytes: UnsafeBufferPointer<UInt8>, _ needle: [UInt8]) -> Bool {
        guard let first = needle.first else { return true }
        guard bytes.count >= needle.count else { return false }
        for start in 0...(bytes.count - needle.count) where lowered(bytes[start]) == first {
            var index = 1
            while index < needle.count, lowered(bytes[start + index]) == needle[index] { index += 1 }
            if index == needle.count { return true }
        }
        return false
    }

    private static func lowered(_ byte: UInt8) -> UInt8 {
        byte >= 0x41 && byte <= 0x5A ? byte | 0x20 : byte
    }
}
