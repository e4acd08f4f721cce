public import Foundation

/// A request for figures over time from the history.
public struct CurveRequest: Hashable, Sendable {
    /// The object.
    public var subject: History.Subject
    /// The figure.
    public var metric: History.Metric
    /// The beginning of the time.
    public var from: Date
    /// The end of the time.
    public var to: Date
    /// The number of points wanted; more samples are combined, with their lowest and highest value.
    public var points: Int

    /// Creates a request.
    public init(_ subject: History.Subject, _ metric: History.Metric, from: Date, to: Date, points: Int) {
        self.subject = subject
        self.metric = metric
        self.from = from
        self.to = to
        self.points = points
    }
}

/// Figures over time, oldest first, with gaps where nothing was known.
public struct Curve: Sendable, Equatable {
    /// One or several samples.
    public struct Point: Sendable, Equatable {
        /// The time of the last sample.
        public var at: Date
        /// The lowest sample.
        public var low: Double
        /// The highest sample.
        public var high: Double
        /// The last sample.
        public var value: Double
        /// Whether nothing was known between the point before and this one.
        public var followsGap: Bool

        /// Creates a point of one sample.
        public init(at: Date, value: Double, followsGap: Bool = false) {
            self.init(at: at, low: value, high: value, value: value, followsGap: followsGap)
        }

        /// Creates a point.
        public init(at: Date, low: Double, high: Double, value: Double, followsGap: Bool = false) {
            self.at = at
            self.low = low
            self.high = high
            self.value = value
            self.followsGap = followsGap
        }
    }

    /// What was requested.
    public var request: CurveRequest
    /// The points, oldest first. The value of a point holds until the next one, unless that follows a gap: a value that
    /// held until a gap has a second point where the gap begins.
    public var points: [Point]
    /// Until when the last value is known to hold.
    public var knownUntil: Date?

    /// Creates a curve.
    public init(_ request: CurveRequest, points: [Point], knownUntil: Date? = nil) {
        self.request = request
        self.points = points
        self.knownUntil = knownUntil
    }
}
