/// A number kept by the broker, its rate of change, and its history if requested.
///
/// Figures of the management API are 2 to 5 seconds old (those of quorum queues 5 to 10).
public struct Figure: Sendable, Hashable {
    /// The current value of a count or a gauge; nil if the response does not contain it.
    public var value: Int64?
    /// The change per second over the last statistics interval; nil if the response does not contain it.
    public var rate: Double?
    /// The history requested with ``HistoryRange``, newest first; nil if there is none.
    public var samples: [Sample]?

    /// Creates a figure.
    public init(value: Int64? = nil, rate: Double? = nil, samples: [Sample]? = nil) {
        self.value = value
        self.rate = rate
        self.samples = samples
    }

    /// A figure of which nothing is known.
    public static let absent = Figure()

    /// Whether nothing is known of the figure.
    public var isAbsent: Bool { value == nil && rate == nil && samples == nil }
}

/// One point of a ``Figure``'s history.
public struct Sample: Sendable, Hashable {
    /// The time in milliseconds since 1970-01-01T00:00:00Z, by the broker's clock.
    public var milliseconds: Int64
    /// The figure's value at that time.
    public var value: Int64

    /// Creates a sample.
    public init(milliseconds: Int64, value: Int64) {
        self.milliseconds = milliseconds
        self.value = value
    }
}

/// The range of a history to request, with `lengths_age` and similar parameters. Such a request bypasses the broker's
/// cache: use it only for the object that is shown.
public struct HistoryRange: Sendable, Hashable {
    /// The length of the history, in seconds.
    public let age: Int
    /// The interval between samples, in seconds.
    public let increment: Int

    /// Creates a range of at most 86,400 seconds.
    ///
    /// - Parameters:
    ///   - age: the length of the history, in seconds.
    ///   - increment: the interval in seconds; increased if necessary, because the broker returns at most 500 samples.
    public init(age: Int, increment: Int) {
        self.age = min(max(1, age), 86_400)
        self.increment = max(1, increment, (self.age + 499) / 500)
    }
}
