public import Names

/// The binding key of a topic exchange: words separated by dots, `*` for exactly one word, `#` for any number of words,
/// including none (AMQP 0-9-1 specification, section 3.1.3.3).
///
/// A word may be empty: `a..b` has three, `.` has two. Only the empty key has none. `*` and `#` next to other
/// characters are literal. Words are equal if their bytes are.
public struct TopicPattern: Sendable, Hashable {
    private let words: [Name]

    /// Creates a pattern from a binding key.
    public init(_ pattern: some NameConvertible) { words = Self.words(pattern.asName) }

    /// Returns whether a routing key matches.
    public func matches(_ key: some NameConvertible, by rules: RoutingRules = .amqp) -> Bool {
        mismatch(key.asName, by: rules) == nil
    }

    /// Returns at which word a routing key does not match; nil if it matches.
    func mismatch(_ key: Name, by rules: RoutingRules = .amqp) -> Mismatch? {
        let key = Self.words(key)
        // `reached[n]`: whether the words of the pattern so far match the first n of the key.
        var reached = [true] + Array(repeating: false, count: key.count)
        for (index, word) in words.enumerated() {
            var next = Array(repeating: false, count: key.count + 1)
            for place in reached.indices where reached[place] {
                switch word {
                case "#":
                    let first = rules.hashNeedsAWord ? place + 1 : place
                    for end in next.indices where end >= first { next[end] = true }
                case "*":
                    for end in next.indices where end > place && (rules.starTakesManyWords || end == place + 1) {
                        next[end] = true
                    }
                default:
                    if place < key.count, key[place] == word { next[place + 1] = true }
                }
            }
            guard next.contains(true) else {
                if words[..<index].contains("#") { return .wordBehindHash(number: index + 1, wanted: word) }
                let place = reached.firstIndex(of: true) ?? key.count
                return .word(number: index + 1, wanted: word, found: place < key.count ? key[place] : nil)
            }
            reached = next
        }
        guard !reached[key.count] else { return nil }
        return .rest(key[reached.lastIndex(of: true) ?? 0])
    }

    private static func words(_ name: Name) -> [Name] {
        guard !name.isEmpty else { return [] }
        return name.withBytes { bytes in
            bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).map { Name(bytes: $0) }
        }
    }
}
