public import Foundation
public import Names

/// Figures over time: those recorded as snapshots arrive, and what the store of the history answered for longer times.
/// Its memory is bounded.
public struct History: Sendable {
    /// The figures that are recorded.
    public enum Metric: String, Sendable, CaseIterable {
        case ready, unacked, publishRate, deliverRate, ackRate, consumers
        case receiveRate, sendRate, memory
        case redeliverRate, diskFree
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

    /// One figure of one object.
    public struct Figure: Hashable, Sendable {
        /// The object.
        public var subject: Subject
        /// The figure of the object.
        public var metric: Metric

        /// Creates the figure of an object.
        public init(_ subject: Subject, _ metric: Metric) {
            self.subject = subject
            self.metric = metric
        }
    }

    /// The maximum number of subjects; beyond it, the subject unused for the longest time is removed.
    public static let subjectCapacity = 100
    /// The maximum size of all recorded points, in bytes; beyond it, the subject unused for the longest time is removed.
    public static let byteCapacity = 8 << 20

    /// Seconds for which a figure is known after it was measured, unless it is measured less often. A figure that is
    /// measured again later than that was unknown in between.
    public internal(set) var patience = 15.0
    /// The time of the first figure of the cluster.
    public private(set) var began: Date?
    /// The number of recorded points.
    private(set) var pointCount = 0

    var series: [Figure: Series] = [:]
    /// When each subject was last recorded.
    var lastUse: [Subject: Date] = [:]
    /// The latest answers of the store.
    var answers: [Figure: Answer] = [:]
    /// What the store was asked for last, and when.
    var asked: [Figure: (request: CurveRequest, at: Date)] = [:]

    /// Creates an empty history.
    public init() {}

    /// Returns the recorded series of a subject's figure, without what the store knows; empty when nothing was recorded.
    public subscript(_ subject: Subject, _ metric: Metric) -> Series {
        series[Figure(subject, metric)] ?? Series()
    }

    /// Adds a point; an unknown or non-finite value adds none.
    mutating func record(_ subject: Subject, _ metric: Metric, _ value: Double?, at: Date) {
        guard let value, value.isFinite else { return }
        if subject == .cluster { began = min(began ?? at, at) }
        pointCount += series[Figure(subject, metric), default: Series()].append(value, at: at, patience: patience)
        lastUse[subject] = max(at, lastUse[subject] ?? at)
        while lastUse.count > 1, lastUse.count > Self.subjectCapacity || bytes > Self.byteCapacity {
            guard forgetOldest(but: subject) else { break }
        }
    }

    mutating func record(_ subject: Subject, _ metric: Metric, _ value: Int?, at: Date) {
        record(subject, metric, value.map(Double.init), at: at)
    }

    /// Ends the time for which figures are known: their next point follows a gap.
    mutating func interrupt(where isMeant: (Figure) -> Bool) {
        for place in series.indices where isMeant(series[place].key) { series.values[place].interrupt() }
    }

    /// The size of all recorded points, in bytes.
    var bytes: Int { pointCount * MemoryLayout<Series.Point>.stride }

    /// Removes the subject unused for the longest time; returns false when there is none but the cluster and `kept`.
    private mutating func forgetOldest(but kept: Subject) -> Bool {
        let oldest = lastUse.filter { $0.key != .cluster && $0.key != kept }.min { $0.value < $1.value }
        guard let subject = oldest?.key else { return false }
        lastUse[subject] = nil
        for metric in Metric.allCases {
            guard let removed = series.removeValue(forKey: Figure(subject, metric)) else { continue }
            pointCount -= removed.points.count
        }
        return true
    }
}
