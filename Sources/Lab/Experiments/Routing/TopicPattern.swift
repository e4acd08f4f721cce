/// The key of a binding to a topic exchange: words between dots, `*` for exactly one word, `#` for any number of them, none
/// included (AMQP 0-9-1 specification, section 3.1.3.3).
///
/// A word may be empty: `a..b` has three, `.` has two. Only the empty key has none. `*` and `#` beside other letters stand
/// for themselves.
public struct TopicPattern: Sendable, Hashable {
    private let words: [String]

    public init(_ pattern: String) { words = Self.words(pattern) }

    public func matches(_ key: String, by rules: RoutingRules = .amqp) -> Bool {
        let key = Self.words(key)
        // `reached[n]`: the words of the pattern so far fit the first n of the key.
        var reached = [true] + Array(repeating: false, count: key.count)
        for word in words {
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
            reached = next
        }
        return reached.last ?? false
    }

    private static func words(_ text: String) -> [String] {
        guard !text.isEmpty else { return [] }
        // As bytes: a letter made of several scalars may hold a dot's neighbour.
        return text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }
    }
}
