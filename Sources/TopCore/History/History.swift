public import Foundation

/// Figures over time, folded in as snapshots arrive, bounded in memory.
public struct History: Sendable {
    public enum Metric: String, Sendable, CaseIterable {
        case ready, unacked, publishRate, deliverRate, ackRate, consumers
        case receiveRate, sendRate, memory
    }

    public enum Subject: Hashable, Sendable {
        case cluster
        case queue(EntityID)
        case connection(String)
        case channel(ChannelID)
        case node(String)
    }

    /// Points of one figure, oldest first, at most `capacity` of them.
    public struct Series: Sendable, Equatable {
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
    }

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
}
