import Foundation

/// A page for people who would rather look than read: what was done, what followed, and why. Of experiments, or of any run
/// with faults.
public struct LabReport: Sendable {
    public var title: String
    /// What it is about, in some sentences; may be empty.
    public var story: String
    public var runs: [Run]

    public init(title: String, story: String = "", runs: [Run]) {
        self.title = title
        self.story = story
        self.runs = runs
    }

    /// One run: a variant of an experiment, or a time in which faults were injected.
    public struct Run: Sendable {
        public var title: String
        public var verdict: LabResult.Verdict?
        /// Whether the variant is the cure; a wrong one's verdict is told in other words.
        public var isCure: Bool
        /// Why the verdict is what it is, in a line; may be empty.
        public var why: String
        public var expectations: [LabExpectation]
        /// What happened and why: paragraphs parted by an empty line.
        public var explanation: String
        public var figures: [Figure]
        public var errors: [LabErrorEntry]
        public var recoveries: [LabRecovery]
        /// What else there is to tell.
        public var details: [Figure]
        /// Details that are tables, by their names.
        public var tables: [String: LabTable] = [:]
        public var settings: [Figure]
        public var timeline: [LabMoment]
        public var samples: [LabSample]
        /// How long it was.
        public var seconds: Double

        public init(
            title: String, verdict: LabResult.Verdict? = nil, isCure: Bool = true, why: String = "",
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
        public var name: String
        public var value: String

        public init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }
}

extension LabReport {
    /// Of variants of one experiment.
    public init(_ experiment: any Experiment.Type, _ results: [LabResult]) {
        let description = experiment.description
        self.init(
            title: "\(description.name): \(description.title)", story: description.story,
            runs: results.map { Run($0, explanation: experiment.explanation($0.variant)) })
    }
}

extension LabReport.Run {
    /// - Parameter explanation: what happened and why: paragraphs parted by an empty line.
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
    /// Each number with its name, in the order in which a message lives.
    public var figures: [LabReport.Figure] {
        [
            ("published", published), ("confirmed", confirmed), ("nacked", nacked), ("returned", returned),
            ("indeterminate", indeterminate), ("consumed", consumed), ("distinct", distinct),
            ("duplicates", duplicates), ("lost", lost), ("missing", missing), ("expired", expired),
        ].map { LabReport.Figure($0.0, String($0.1)) }
    }
}
