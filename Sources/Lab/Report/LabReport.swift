import Experiments
import Foundation

/// A report as a page with charts: what was done, what followed, and why; of experiments, or of any run with faults.
public struct LabReport: Sendable {
    /// The title of the page.
    public var title: String
    /// A description in some sentences; may be empty.
    public var story: String
    /// The runs in their order on the page.
    public var runs: [Run]

    /// Creates a report.
    public init(title: String, story: String = "", runs: [Run]) {
        self.title = title
        self.story = story
        self.runs = runs
    }

    /// One run: a variant of an experiment, or a time in which faults were injected.
    public struct Run: Sendable {
        /// The title of the run.
        public var title: String
        /// The verdict; nil for a run that is not an experiment.
        public var verdict: LabVerdict?
        /// Whether the variant is the cure; the verdict of another variant is worded differently.
        public var isCure: Bool
        /// The reason of the verdict in one line; may be empty.
        public var why: String
        /// The expectations, with what was found.
        public var expectations: [LabExpectation]
        /// What happened and why: paragraphs separated by an empty line.
        public var explanation: String
        /// The counts with their names.
        public var figures: [Figure]
        /// The errors, grouped by text.
        public var errors: [LabErrorEntry]
        /// The recoveries of the applications.
        public var recoveries: [LabRecovery]
        /// Further values.
        public var details: [Figure]
        /// Details that are tables, by name.
        public var tables: [String: LabTable] = [:]
        /// The settings with their values.
        public var settings: [Figure]
        /// The events, ordered by time.
        public var timeline: [LabMoment]
        /// The counts and depths over time.
        public var samples: [LabSample]
        /// The duration in seconds.
        public var seconds: Double

        /// Creates a run.
        public init(
            title: String, verdict: LabVerdict? = nil, isCure: Bool = true, why: String = "",
            expectations: [LabExpectation] = [],
            explanation: String = "", figures: [Figure] = [], errors: [LabErrorEntry] = [],
            recoveries: [LabRecovery] = [], details: [Figure] = [], settings: [Figure] = [],
            timeline: [LabMoment] = [], samples: [LabSample] = [], seconds: Double = 0
        ) {
            self.title = title
            self.verdict = verdict
            self.isCure = isCure
            self.why = why
            self.expectations = expectations
            self.explanation = explanation
            self.figures = figures
            self.errors = errors
            self.recoveries = recoveries
            self.details = details
            self.settings = settings
            self.timeline = timeline
            self.samples = samples
            self.seconds = seconds
        }
    }

    /// A number or text with its name.
    public struct Figure: Sendable, Hashable {
        /// The name.
        public var name: String
        /// The number or text.
        public var value: String

        /// Creates a figure.
        public init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }
}

extension LabReport {
    /// Creates a report on variants of one experiment.
    public init(_ experiment: any Experiment.Type, _ results: [LabResult]) {
        let description = experiment.description
        self.init(
            title: "\(description.name): \(description.title)", story: description.story,
            runs: results.map { Run($0, explanation: experiment.explanation($0.variant)) })
    }
}

extension LabReport.Run {
    /// Creates the report of a run from its result.
    ///
    /// - Parameter explanation: what happened and why: paragraphs separated by an empty line.
    public init(_ result: LabResult, explanation: String) {
        self.init(
            title: result.variant, verdict: result.verdict, isCure: result.isCure, why: result.why,
            expectations: result.expectations,
            explanation: explanation, figures: result.ledger.counts.figures, errors: result.ledger.errors,
            recoveries: result.ledger.recoveries,
            details: Self.figures(result.details.filter { LabTable($0.value) == nil }),
            settings: Self.figures(result.settings), timeline: result.ledger.timeline, samples: result.ledger.samples,
            seconds: result.ledger.seconds)
        tables = result.details.compactMapValues { LabTable($0) }
    }

    private static func figures(_ values: [String: LabValue]) -> [LabReport.Figure] {
        values.sorted { $0.key < $1.key }.map { LabReport.Figure($0.key, $0.value.text) }
    }
}

extension LabCounts {
    /// Each count with its name, in the order of a message's life.
    public var figures: [LabReport.Figure] {
        LabFigure.allCases.filter { $0 != .errors }.map { LabReport.Figure($0.rawValue, String(self[$0])) }
    }
}

/// A detail that is a list of objects, as a table: a row for each object, a column for each name.
public struct LabTable: Sendable, Hashable {
    /// The names of the columns.
    public var heads: [String]
    /// The cells, row by row.
    public var rows: [[String]]

    /// Names that identify a row's subject come first.
    private static let first = ["family", "scene", "message", "key", "heartbeat"]
    private static let last = ["observed", "predicted"]

    /// Creates a table from a list of objects; nil for any other value.
    public init?(_ value: LabValue) {
        guard case .list(let list) = value, !list.isEmpty else { return nil }
        var objects: [[String: LabValue]] = []
        for item in list {
            guard case .object(let object) = item else { return nil }
            objects.append(object)
        }
        let names = Set(objects.flatMap(\.keys))
        let others = names.subtracting(Self.first).subtracting(Self.last).sorted()
        let heads = Self.first.filter(names.contains) + others + Self.last.filter(names.contains)
        self.heads = heads
        rows = objects.map { object in heads.map { object[$0]?.text ?? "" } }
    }

}
