public import Foundation
public import Names

/// Figures over time, recorded as snapshots arrive, with bounded memory.
public struct History: Sendable {
    /// The figures that are recorded.
    public enum Metric: String, Sendable, CaseIterable {
        case ready, unacked, publishRate, deliverRate, ackRate, consumers
        case receiveRate, sendRate, memory
    }

    /// The object that a figure belongs to.
    public enum Subject: Hashable, Sendable {
        case cluster
        case queue(EntityID)
        case connection(Name)
        case channel(ChannelID)
        case node(Name)
        /// One run of an experiment's variant.
        case lab(LabRowID, startedAt: Date)
    }

    /// The points of one figure, oldest first, at most `capacity`.
    public struct Series: Sendable, Equatable {
        /// The maximum number of points.
        public static let capacity = 600
        /// Points closer together than this, in seconds, are merged.
        public static let spacing = 0.15

        /// A value at a time.
        public struct Point: Sendable, Equatable {
            /// The time of the value.
            public var at: Date
            /// The value of the figure.
            public var value: Double

            /// Creates a point.
            public init(at: Date, value: Double) {
                self.at = at
                self.value = value
            }
        }

        /// The points, oldest first.
        public internal(set) var points: [Point] = []

        /// Creates an empty series.
        public init() {}

        /// The newest value; `nil` without points.
        public var last: Double? { points.last?.value }

        mutating func append(_ value: Double, at: Date) {
            guard value.isFinite else { return }
            if let last = points.last, at.timeIntervalSince(last.at) < Self.spacing {
                // The last point always has the newest value, which the rest of the screen shows too.
                points[points.count - 1].value = value
                return
            }
            // Points are removed in blocks, so that the rest is not moved for each new point.
            if points.count >= Self.capacity { points.removeFirst(Self.capacity / 10) }
            points.append(Point(at: at, value: value))
        }
    }

    /// The maximum number of subjects; beyond it, the subject unused for the longest time is removed.
    public static let subjectCapacity = 100

    struct Key: Hashable, Sendable {
        var subject: Subject
        var metric: Metric
    }

    var series: [Key: Series] = [:]
    /// When each subject was last recorded or read.
    var lastUse: [Subject: Date] = [:]

    /// Creates an empty history.
    public init() {}

    /// Returns the series of a subject's figure; empty when nothing was recorded.
    public subscript(_ subject: Subject, _ metric: Metric) -> Series {
        series[Key(subject: subject, metric: metric)] ?? Series()
    }

    /// Adds a point; an unknown or non-finite value adds none.
    mutating func record(_ subject: Subject, _ metric: Metric, _ value: Double?, at: Date) {
        guard let value, value.isFinite else { return }
        series[Key(subject: subject, metric: metric), default: Series()].append(value, at: at)
        let isNew = lastUse.updateValue(max(at, lastUse[subject] ?? at), forKey: subject) == nil
        if isNew, lastUse.count > Self.subjectCapacity { forgetOldest(but: subject) }
    }

    mutating func record(_ subject: Subject, _ metric: Metric, _ value: Int?, at: Date) {
        record(subject, metric, value.map(Double.init), at: at)
    }

    private mutating func forgetOldest(but kept: Subject) {
        let oldest = lastUse.filter { $0.key != .cluster && $0.key != kept }.min { $0.value < $1.value }
        guard let subject = oldest?.key else { return }
        lastUse[subject] = nil
        for metric in Metric.allCases { series[Key(subject: subject, metric: metric)] = nil }
    }
}
