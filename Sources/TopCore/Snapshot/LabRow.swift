public import Foundation

/// Names one variant of an experiment of the lab.
public struct LabRowID: Hashable, Sendable {
    public var experiment: String
    public var variant: String

    public init(experiment: String, variant: String) {
        self.experiment = experiment
        self.variant = variant
    }

    /// `publisher-confirms unconfirmed`
    public var words: String { "\(experiment) \(variant)" }
}

/// One variant of an experiment of the lab, with its last run here.
public struct LabRow: Sendable, Equatable, Identifiable {
    public var id: LabRowID
    /// Its place in the lab's list, from 1: the mistake stands before its cures.
    public var number: Int
    /// Of the experiment, in a line.
    public var title: String
    /// What happens in the experiment.
    public var story: String
    /// What the application does in this variant, and what is expected of it.
    public var what: String
    public var expectation: String
    /// Whether it is the right way.
    public var isCure: Bool
    public var settings: [LabSetting]
    /// `nil` until it was run here.
    public var run: LabRunPart?

    public init(
        id: LabRowID, number: Int, title: String, story: String, what: String, expectation: String, isCure: Bool,
        settings: [LabSetting], run: LabRunPart? = nil
    ) {
        self.id = id
        self.number = number
        self.title = title
        self.story = story
        self.what = what
        self.expectation = expectation
        self.isCure = isCure
        self.settings = settings
        self.run = run
    }
}

/// A setting of an experiment, with its default as text.
public struct LabSetting: Sendable, Equatable {
    public enum Kind: Sendable { case text, count, number, toggle }

    public var name: String
    public var meaning: String
    public var value: String
    public var kind: Kind

    public init(name: String, meaning: String, value: String, kind: Kind) {
        self.name = name
        self.meaning = meaning
        self.value = value
        self.kind = kind
    }
}

/// How a run of the lab stands, or how it ended.
public struct LabRunPart: Sendable, Equatable {
    public enum Phase: Sendable, Equatable {
        case running
        /// What was expected of the variant happened.
        case passed
        /// It did not, or the run broke off; why.
        case failed(String)
    }

    public struct Figures: Sendable, Equatable {
        public var published = 0
        public var confirmed = 0
        public var nacked = 0
        public var returned = 0
        public var indeterminate = 0
        public var consumed = 0
        public var distinct = 0
        public var duplicates = 0
        /// `nil` while it runs: only the end tells.
        public var lost: Int?
        public var missing: Int?
        public var expired = 0
        public var errors = 0

        public init() {}
    }

    /// Something that happened, at a second of the run.
    public struct Line: Sendable, Equatable {
        public enum Kind: Sendable { case note, fault, error, recovery }

        public var at: Double
        public var kind: Kind
        public var text: String

        public init(at: Double, kind: Kind, text: String) {
            self.at = at
            self.kind = kind
            self.text = text
        }
    }

    public struct Channel: Sendable, Equatable {
        /// The connection's name, as it gave it itself.
        public var connection: String
        public var number: Int
        public var state: String
        public var unacked: Int
        public var unconfirmed: Int

        public init(connection: String, number: Int, state: String, unacked: Int, unconfirmed: Int) {
            self.connection = connection
            self.number = number
            self.state = state
            self.unacked = unacked
            self.unconfirmed = unconfirmed
        }
    }

    /// Something that was expected, and what was found.
    public struct Expectation: Sendable, Equatable {
        public var what: String
        public var holds: Bool
        public var found: String

        public init(what: String, holds: Bool, found: String) {
            self.what = what
            self.holds = holds
            self.found = found
        }
    }

    public var phase: Phase
    public var startedAt: Date
    /// Since the broker is ready.
    public var seconds: Double
    public var figures = Figures()
    /// Messages per second lately.
    public var publishRate = 0.0
    public var consumeRate = 0.0
    /// Messages ready, by queue.
    public var depths: [String: Int] = [:]
    /// Faults in force.
    public var faults: [String] = []
    public var channels: [Channel] = []
    /// The newest last.
    public var lines: [Line] = []
    public var expectations: [Expectation] = []
    /// What this experiment alone has to tell, when it has ended.
    public var details: [DetailField] = []
    public var tables: [DetailSection] = []

    public init(phase: Phase = .running, startedAt: Date, seconds: Double = 0) {
        self.phase = phase
        self.startedAt = startedAt
        self.seconds = seconds
    }
}

/// What is to be run: a variant with settings as typed.
public struct LabOrder: Sendable, Equatable {
    public var id: LabRowID
    public var settings: [String: String]
    /// How many times faster than the settings say.
    public var timeScale: Double

    public init(_ id: LabRowID, settings: [String: String] = [:], timeScale: Double = 1) {
        self.id = id
        self.settings = settings
        self.timeScale = timeScale
    }
}

extension LabRow: TableRow {
    public static let columns: [Column<Self>] = [
        Column("number", "#", .text, width: 2, priority: 3) { row, _ in .text(String(row.number)) },
        Column("lab", "EXPERIMENT", .text, width: 14, maximumWidth: 24, priority: 0) { row, _ in
            .text(row.id.experiment)
        },
        Column("variant", "VARIANT", .text, width: 11, maximumWidth: 24, priority: 0) { row, _ in
            .text(row.id.variant)
        },
        Column("verdict", "VERDICT", .text, width: 18, priority: 0) { row, _ in Value(row.run?.word) },
        Column("seconds", "TIME", .duration, width: 6, priority: 3) { row, _ in Value(row.run?.seconds) },
        Column("published", "PUBL", .count, width: 6, priority: 2) { row, _ in Value(row.run?.figures.published) },
        Column("confirmed", "CONF", .count, width: 6, priority: 4) { row, _ in Value(row.run?.figures.confirmed) },
        Column("distinct", "DISTINCT", .count, width: 8, priority: 4) { row, _ in
            Value(row.run?.figures.distinct)
        },
        Column("duplicates", "DUPL", .count, width: 6, priority: 3) { row, _ in Value(row.run?.figures.duplicates) },
        Column("lost", "LOST", .count, width: 6, priority: 1) { row, _ in Value(row.run?.figures.lost) },
        Column("missing", "MISSING", .count, width: 7, priority: 1) { row, _ in Value(row.run?.figures.missing) },
        Column("errors", "ERRORS", .count, width: 6, priority: 2) { row, _ in Value(row.run?.figures.errors) },
        Column("title", "WHAT", .text, width: 20, maximumWidth: 90, priority: 5) { row, _ in .text(row.what) },
    ]
    public static let defaultSort = "number"
    public var rowID: RowID { .lab(id) }
    public var searchText: String { "\(id.words) \(title) \(run?.word ?? "")" }
    /// The lab is on brokers of its own.
    public func belongs(to scope: Scope) -> Bool { true }
}

extension LabRunPart {
    /// `running`, `pass` or `fail`.
    public var word: String {
        switch phase {
        case .running: "running"
        case .passed: "pass"
        case .failed: "fail"
        }
    }
}
