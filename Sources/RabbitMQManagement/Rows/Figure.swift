/// A number the broker keeps, how fast it changes, and, where it was asked for, its history.
///
/// Figures of the management API are 2 to 5 seconds old (those of quorum queues 5 to 10).
public struct Figure: Sendable, Hashable {
    /// A count or a gauge; nil when the broker did not say.
    public var value: Int64?
    /// Change per second over the last statistics interval; nil when the broker did not say.
    public var rate: Double?
    /// The history asked for with ``HistoryRange``, newest first; nil when none came.
    public var samples: [Sample]?

    public init(value: Int64? = nil, rate: Double? = nil, samples: [Sample]? = nil) {
        self.value = value
        self.rate = rate
        self.samples = samples
    }

    /// Nothing was said.
    public static let absent = Figure()

    /// True when the broker said nothing at all about it.
    public var isAbsent: Bool { value == nil && rate == nil && samples == nil }
}

/// One point of a ``Figure``'s history.
public struct Sample: Sendable, Hashable {
    /// Milliseconds since 1970-01-01T00:00:00Z, by the broker's clock.
    public var milliseconds: Int64
    /// The figure's value then.
    public var value: Int64

    public init(milliseconds: Int64, value: Int64) {
        self.milliseconds = milliseconds
        self.value = value
    }
}

/// A stretch of history to ask for, with `lengths_age` and its like. It bypasses the broker's cache of answers: ask for it
/// only for the object being looked at.
public struct HistoryRange: Sendable, Hashable {
    /// How far back, in seconds.
    public let age: Int
    /// The distance between samples, in seconds.
    public let increment: Int

    /// - Parameter increment: raised where needed, because the broker gives at most 500 samples.
    public init(age: Int, increment: Int) {
        self.age = min(max(1, age), 86_400)
        self.increment = max(1, increment, (self.age + 499) / 500)
    }
}
