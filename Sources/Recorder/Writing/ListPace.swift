import TopCore

/// How often a list is polled, from the polls themselves. A value holds while its list is polled at its pace.
struct ListPace: Sendable {
    /// The time of the last poll, in milliseconds since 1970.
    private(set) var last: Int64?
    private var distances: [Int64] = []
    private var wasGap = false
    /// Whether the source was lost since the last poll: then nothing was known, however short it was.
    private var isInterrupted = false
    /// The pace that the poller says it has, in milliseconds.
    var expected: Int64 = 0

    /// The pace while fewer than three polls are known, and the longest that is believed: milliseconds.
    private static let initial: Int64 = 20_000
    private static let longest: Int64 = 600_000
    /// Three polls may be missed before a value is unknown, and never less than this.
    private static let shortestPatience: Int64 = 15_000

    /// Milliseconds from one poll to the next: the longest of the last ones.
    var pace: Int64 {
        let longest = max(distances.max() ?? Self.initial, expected)
        return distances.count < 2 ? max(longest, Self.initial) : longest
    }

    /// How long a value holds without a poll, in milliseconds.
    var patience: Int64 { Self.patience(pace: pace) }

    static func patience(pace: Int64) -> Int64 {
        max(shortestPatience, 3 * min(max(pace, 0), longest))
    }

    init() {}

    /// Continues after a poll that the file has.
    init(last: Int64, pace: Int64) {
        self.last = last
        distances = [min(max(pace, 0), Self.longest)]
    }

    /// Notes that the source does not answer: until the next poll nothing is known.
    mutating func interrupt() { isInterrupted = last != nil }

    /// Takes the time of a poll.
    ///
    /// - Returns: The time in which nothing was known, if there was one.
    mutating func poll(at now: Int64) -> ClosedRange<Int64>? {
        defer {
            last = now
            isInterrupted = false
        }
        guard let last, now >= last else { return nil }
        let known = isInterrupted ? last : last + patience
        let isGap = now > known
        // A single silence says nothing about the pace, a second one does.
        if !isGap || wasGap {
            distances.append(min(now - last, Self.longest))
            if distances.count > 5 { distances.removeFirst() }
        }
        wasGap = isGap
        return isGap ? known...now : nil
    }
}
