public import Foundation
public import Names

/// Figures over time, folded in as snapshots arrive, bounded in memory.
public struct History: Sendable {
    public enum Metric: String, Sendable, CaseIterable {
        case ready, unacked, publishRate, deliverRate, ackRate, consumers
        case receiveRate, sendRate, memory
    }

    public enum Subject: Hashable, Sendable {
        case cluster
        case queue(EntityID)
        case connection(Name)
        case channel(ChannelID)
        case node(Name)
        /// One run of a variant of the lab.
        case lab(LabRowID, startedAt: Date)
    }

    /// Points of one figure, oldest first, at most `capacity` of them.
    public struct Series: Sendable, Equatable {
        public static let capacity = 600
        /// Points closer than this, in seconds, are one.
        public static let spacing = 0.15

        public struct Point: Sendable, Equatable {
            public var at: Date
            public var value: Double

            public init(at: Date, value: Double) {
                self.at = at
                self.value = value
            }
        }

        public internal(set) var points: [Point] = []

        public init() {}

        public var last: Double? { points.last?.value }

        mutating func append(_ value: Double, at: Date) {
            guard value.isFinite else { return }
            if let last = points.last, at.timeIntervalSince(last.at) < Self.spacing {
                // Its last figure is always the newest one, which the rest of the screen shows too.
                points[points.count - 1].value = value
                return
            }
            // Room is made in steps: what is behind is not moved up for each single point.
            if points.count >= Self.capacity { points.removeFirst(Self.capacity / 10) }
            points.append(Point(at: at, value: value))
        }
    }

    /// Subjects that have series; the one longest unseen leaves when there are more.
    public static let subjectCapacity = 100

    struct Key: Hashable, Sendable {
        var subject: Subject
        var metric: Metric
    }

    var series: [Key: Series] = [:]
    /// When each subject was last recorded or looked at: the one longest out of sight leaves first.
    var lastUse: [Subject: Date] = [:]

    public init() {}

    public subscript(_ subject: Subject, _ metric: Metric) -> Series {
        series[Key(subject: subject, metric: metric)] ?? Series()
    }

    /// Adds a point; what is not known or no number adds none.
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
