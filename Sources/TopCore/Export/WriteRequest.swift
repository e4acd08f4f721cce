public import Faults
public import Foundation
public import Names

/// What `w` writes to a file that must not exist yet.
public struct WriteRequest: Sendable, Equatable {
    /// The content of the file.
    public enum Content: Sendable, Equatable {
        case text(String)
        /// An HTML page about the faults of this session and their effects.
        case faultReport(FaultReport)
        /// An HTML page about the variants of this experiment that were run in this session.
        case labReport(experiment: String)
        /// Messages of this queue as JSON, a line for each, from which they can be published again.
        case messages([BrowsedMessage], queue: Name)
        /// The body of a message, byte for byte.
        case body([UInt8])
    }

    /// The path of the file; a leading `~/` is the home directory.
    public var path: String
    /// The content of the file.
    public var content: Content

    /// Creates a request.
    public init(path: String, content: Content) {
        self.path = path
        self.content = content
    }
}

/// The faults of a session, the ledger entries that followed, and the cluster's figures during that time.
public struct FaultReport: Sendable, Equatable {
    /// The cluster's figures at one time.
    public struct Sample: Sendable, Equatable {
        /// The time of the figures.
        public var at: Date
        /// Messages ready for delivery.
        public var ready: Int?
        /// Messages delivered and not yet acknowledged.
        public var unacked: Int?
        /// Messages per second.
        public var publishRate: Double?
        /// Messages per second.
        public var deliverRate: Double?

        /// Creates figures of one time.
        public init(
            at: Date, ready: Int? = nil, unacked: Int? = nil, publishRate: Double? = nil, deliverRate: Double? = nil
        ) {
            self.at = at
            self.ready = ready
            self.unacked = unacked
            self.publishRate = publishRate
            self.deliverRate = deliverRate
        }
    }

    /// The title of the page.
    public var title: String
    /// The faults of the session.
    public var faults: [FaultRecord]
    /// The ledger entries, the oldest first.
    public var entries: [LedgerEntry]
    /// The cluster's figures over time.
    public var samples: [Sample]
    /// The start of the reported period.
    public var begun: Date
    /// The end of the reported period.
    public var ended: Date

    /// Creates a report.
    public init(
        title: String, faults: [FaultRecord], entries: [LedgerEntry], samples: [Sample], begun: Date, ended: Date
    ) {
        self.title = title
        self.faults = faults
        self.entries = entries
        self.samples = samples
        self.begun = begun
        self.ended = ended
    }
}

extension State {
    /// Seconds before the first fault that the report includes, so that the fault's effect is visible.
    private static let lead = 30.0

    /// The report from shortly before the first fault until now; without a fault, the whole ledger.
    var faultReport: FaultReport {
        let records = faults.sorted { ($0.since, $0.id) < ($1.since, $1.id) }
        let first =
            records.first.map { Date(timeIntervalSince1970: $0.since - Self.lead) } ?? ledger.entries.first?.at ?? now
        let begun = min(first, now)
        let style = ValueFormat()
        let cluster = cluster?.name.map { " on \($0)" } ?? ""
        return FaultReport(
            title: "Faults and what followed\(cluster), from \(style.dateAndTime(begun)) to \(style.dateAndTime(now))",
            faults: records, entries: ledger.entries.filter { $0.at >= begun }, samples: samples(from: begun),
            begun: begun, ended: now)
    }

    private func samples(from begun: Date) -> [FaultReport.Sample] {
        let figures: [History.Metric] = [.ready, .unacked, .publishRate, .deliverRate]
        var samples: [Date: FaultReport.Sample] = [:]
        for point in figures.flatMap({ history[.cluster, $0].points }) where point.at >= begun {
            samples[point.at] = FaultReport.Sample(at: point.at)
        }
        func each(_ metric: History.Metric, _ take: (inout FaultReport.Sample, Double) -> Void) {
            let series = history[.cluster, metric]
            for at in samples.keys {
                if let value = series.value(at: at) { take(&samples[at, default: FaultReport.Sample(at: at)], value) }
            }
        }
        each(.ready) { $0.ready = ValueFormat.whole($1) }
        each(.unacked) { $0.unacked = ValueFormat.whole($1) }
        each(.publishRate) { $0.publishRate = $1 }
        each(.deliverRate) { $0.deliverRate = $1 }
        return samples.values.sorted { $0.at < $1.at }
    }
}

extension Export.Format {
    /// Creates the format from a file name's extension: `.txt`, `.json`, `.jsonl` or `.ndjson`, `.csv`.
    init?(pathExtension: String) {
        switch pathExtension.lowercased() {
        case "txt": self = .table
        case "json": self = .json
        case "jsonl", "ndjson": self = .jsonl
        case "csv": self = .csv
        default: return nil
        }
    }
}
