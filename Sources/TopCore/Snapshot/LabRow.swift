public import Experiments
public import Foundation

/// The identity of one variant of an experiment.
public struct LabRowID: Hashable, Sendable {
    /// The name of the experiment.
    public var experiment: String
    /// The name of the variant.
    public var variant: String

    /// Creates the identity of a variant.
    public init(experiment: String, variant: String) {
        self.experiment = experiment
        self.variant = variant
    }

    /// The experiment and the variant: `publisher-confirms unconfirmed`.
    public var words: String { "\(experiment) \(variant)" }
}

/// One variant of an experiment, with its last run in this session.
public struct LabRow: Sendable, Equatable, Identifiable {
    /// The position in the list of experiments, from 1: the mistake comes before its solutions.
    public var number: Int
    /// The experiment.
    public var experiment: ExperimentDescription
    /// The variant.
    public var variant: ExperimentDescription.Variant
    /// The last run; `nil` until the variant was run in this session.
    public var run: LabRunPart?

    /// Creates a row.
    public init(
        number: Int, _ experiment: ExperimentDescription, _ variant: ExperimentDescription.Variant,
        run: LabRunPart? = nil
    ) {
        self.number = number
        self.experiment = experiment
        self.variant = variant
        self.run = run
    }

    public var id: LabRowID { LabRowID(experiment: experiment.name, variant: variant.name) }
}

/// The state of a run, or its result.
public struct LabRunPart: Sendable, Equatable {
    /// The state of a run.
    public enum Phase: Sendable, Equatable {
        /// The run has not ended yet.
        case running
        /// The run has ended, with the reason of the verdict.
        case ended(LabVerdict, why: String)
    }

    /// A channel of a run.
    public struct Channel: Sendable, Equatable {
        /// The client-provided name of the connection.
        public var connection: String
        /// The channel number.
        public var number: Int
        /// The state of the channel.
        public var state: String
        /// Messages delivered and not yet acknowledged.
        public var unacked: Int
        /// Messages published and not yet confirmed.
        public var unconfirmed: Int

        /// Creates the state of a channel.
        public init(connection: String, number: Int, state: String, unacked: Int, unconfirmed: Int) {
            self.connection = connection
            self.number = number
            self.state = state
            self.unacked = unacked
            self.unconfirmed = unconfirmed
        }
    }

    /// The state of the run.
    public var phase: Phase
    /// When the run started.
    public var startedAt: Date
    /// Seconds since the broker was ready.
    public var seconds: Double
    /// The counts of the run.
    public var counts = LabCounts()
    /// The recent publish rate, in messages per second.
    public var publishRate = 0.0
    /// The recent consume rate, in messages per second.
    public var consumeRate = 0.0
    /// Ready messages, by queue.
    public var depths: [String: Int] = [:]
    /// The faults in force.
    public var faults: [String] = []
    /// The channels of the run.
    public var channels: [Channel] = []
    /// Events of the run, the newest last.
    public var lines: [LabMoment] = []
    /// The expectations, and what was found.
    public var expectations: [LabExpectation] = []
    /// Results specific to the experiment, after its end.
    public var details: [DetailField] = []
    /// Tables of results.
    public var tables: [DetailSection] = []

    /// Creates the state of a run.
    public init(phase: Phase = .running, startedAt: Date, seconds: Double = 0) {
        self.phase = phase
        self.startedAt = startedAt
        self.seconds = seconds
    }

    /// Returns a count; `nil` for one that only the end of the run shows.
    public subscript(figure: LabFigure) -> Int? {
        switch figure {
        case .lost, .missing: phase == .running ? nil : counts[figure]
        default: counts[figure]
        }
    }
}

/// A variant to run, with its settings as typed.
public struct LabOrder: Sendable, Equatable {
    public var id: LabRowID
    /// The settings that differ from their defaults, by name.
    public var settings: [String: String]
    /// The factor by which the run is faster than its settings.
    public var timeScale: Double

    /// Creates an order, by default with the settings' defaults.
    public init(_ id: LabRowID, settings: [String: String] = [:], timeScale: Double = 1) {
        self.id = id
        self.settings = settings
        self.timeScale = timeScale
    }
}

/// The columns of the Lab view, in their order. The raw values are the names for scripts.
public enum LabColumn: String, ColumnKey {
    case number
    case experiment = "lab"
    case variant, verdict, seconds, published, confirmed, distinct, duplicates, lost, missing, errors, title
}

extension LabRow: TableRow {
    public static func column(_ key: LabColumn) -> Column<Self> {
        switch key {
        case .number:
            Column(key, "#", .text, width: 2, priority: 3, help: "number of the experiment") { row, _ in
                .text(String(row.number))
            }
        case .experiment:
            Column(key, "EXPERIMENT", .text, width: 14, maximumWidth: 24, priority: 0, help: "experiment") { row, _ in
                .text(row.id.experiment)
            }
        case .variant:
            Column(key, "VARIANT", .text, width: 11, maximumWidth: 24, priority: 0, help: "variant") { row, _ in
                .text(row.id.variant)
            }
        case .verdict:
            Column(key, "VERDICT", .text, width: 18, priority: 0, help: "how its last run here ended") { row, _ in
                Value(row.run?.word)
            }
        case .seconds:
            Column(key, "TIME", .duration, width: 6, priority: 3, help: "how long it took") { row, _ in
                Value(row.run?.seconds)
            }
        case .published:
            Column(key, "PUBL", .count, width: 6, priority: 2, help: "messages published") { row, _ in
                Value(row.run?[.published])
            }
        case .confirmed:
            Column(key, "CONF", .count, width: 6, priority: 4, help: "messages confirmed") { row, _ in
                Value(row.run?[.confirmed])
            }
        case .distinct:
            Column(key, "DISTINCT", .count, width: 8, priority: 4, help: "different messages consumed") { row, _ in
                Value(row.run?[.distinct])
            }
        case .duplicates:
            Column(key, "DUPL", .count, width: 6, priority: 3, help: "repetitions") { row, _ in
                Value(row.run?[.duplicates])
            }
        case .lost:
            Column(key, "LOST", .count, width: 6, priority: 1, help: "messages lost: confirmed and never consumed") {
                row, _ in Value(row.run?[.lost])
            }
        case .missing:
            Column(key, "MISSING", .count, width: 7, priority: 1, help: "messages not seen by the consumer") { row, _ in
                Value(row.run?[.missing])
            }
        case .errors:
            Column(key, "ERRORS", .count, width: 6, priority: 2, help: "errors") { row, _ in
                Value(row.run?[.errors])
            }
        case .title:
            Column(key, "WHAT", .text, width: 20, maximumWidth: 90, priority: 5, help: "what the variant does") {
                row, _ in .text(row.variant.what)
            }
        }
    }

    public static let columns = allColumns
    public static let defaultSort = LabColumn.number
    public static let identity: [LabColumn] = [.experiment, .variant]
    public var rowID: RowID { .lab(id) }
    public var searchText: String { "\(id.words) \(experiment.title) \(run?.word ?? "")" }
    /// Returns true: experiments run on private brokers.
    public func belongs(to scope: Scope) -> Bool { true }
}

extension LabRunPart {
    /// The state in one word: `running`, `pass` or `fail`.
    public var word: String {
        switch phase {
        case .running: "running"
        case .ended(let verdict, _): verdict.rawValue
        }
    }
}
