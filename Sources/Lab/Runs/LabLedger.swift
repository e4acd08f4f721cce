/// The results of a run, in numbers and with times.
public struct LabLedger: Sendable, Hashable {
    /// The counts of messages and errors.
    public var counts = LabCounts()
    /// The errors, grouped by text.
    public var errors: [LabErrorEntry] = []
    /// The recoveries of the applications.
    public var recoveries: [LabRecovery] = []
    /// Values that only this experiment has.
    public var details: [String: LabValue] = [:]
    /// The events, ordered by time.
    public var timeline: [LabMoment] = []
    /// The counts and depths over time.
    public var samples: [LabSample] = []
    /// The published messages that were never consumed, confirmed or not, without expired ones.
    public var missing: [String] = []
    /// The confirmed messages that were never consumed, without expired ones.
    public var lost: [String] = []
    /// The seconds from the start until now, or until the end.
    public var seconds = 0.0

    /// Creates an empty ledger.
    public init() {}

    /// Returns the number of errors with this reply code.
    public func errors(code: Int) -> Int {
        errors.reduce(0) { $0 + ($1.code == code ? $1.count : 0) }
    }

    /// The number of all errors.
    public var errorCount: Int { errors.reduce(0) { $0 + $1.count } }
}

/// The ledger's counts. Messages are distinguished by the ids that the experiment gives them.
public struct LabCounts: Sendable, Hashable {
    /// Messages that were published, each counted once however often it was tried.
    public var published = 0
    /// Messages that the broker confirmed (`basic.ack`), each counted once.
    public var confirmed = 0
    /// Answers `basic.nack`.
    public var nacked = 0
    /// Answers `basic.return`.
    public var returned = 0
    /// Publishes of which it is not known whether they arrived.
    public var indeterminate = 0
    /// Deliveries, including repeated ones.
    public var consumed = 0
    /// Delivered messages, each counted once.
    public var distinct = 0
    /// `consumed - distinct`.
    public var duplicates = 0
    /// Messages that were confirmed and never consumed, without expired ones.
    public var lost = 0
    /// Messages whose time to live expired.
    public var expired = 0
    /// Publishes, including repeated ones.
    public var attempts = 0
    /// Messages that were published and never consumed, without expired ones.
    public var missing = 0
    /// Errors of all kinds.
    public var errors = 0

    /// Creates counts of zero.
    public init() {}
}

/// A group of errors with the same text.
public struct LabErrorEntry: Sendable, Hashable {
    /// What an error belongs to.
    public enum Scope: String, Sendable, Hashable, Codable, CaseIterable {
        case connection, channel, client, database
    }

    /// What the errors belong to.
    public var scope: Scope
    /// The AMQP reply code; nil if there is none.
    public var code: Int?
    /// The text.
    public var text: String
    /// The number of errors.
    public var count: Int
    /// The application that met the first of them.
    public var application: String

    /// Creates a group of errors.
    public init(scope: Scope, code: Int?, text: String, count: Int, application: String) {
        self.scope = scope
        self.code = code
        self.text = text
        self.count = count
        self.application = application
    }
}

/// The recovery of an application.
public struct LabRecovery: Sendable, Hashable {
    /// The application's name.
    public var application: String
    /// The fault that it recovered from.
    public var fault: String
    /// The seconds from the fault's beginning until it worked again.
    public var seconds: Double

    /// Creates a recovery.
    public init(application: String, fault: String, seconds: Double) {
        self.application = application
        self.fault = fault
        self.seconds = seconds
    }
}

/// An event of the timeline.
public struct LabMoment: Sendable, Hashable {
    /// The kind of event.
    public enum Kind: Sendable, Hashable {
        /// A fault, with the second at which it ended; nil while it is in force, or if it takes effect once.
        case fault(until: Double?)
        /// Errors with the same text at this time, and their number.
        case error(scope: LabErrorEntry.Scope, code: Int?, count: Int)
        /// The recovery of an application, with the seconds from the fault's beginning.
        case recovery(seconds: Double)
        /// A note on the progress.
        case note
    }

    /// The seconds from the start.
    public var at: Double
    /// The kind of event.
    public var kind: Kind
    /// The application concerned; empty if there is none in particular.
    public var application: String
    /// The description.
    public var text: String

    /// Creates an event.
    public init(at: Double, kind: Kind, application: String = "", text: String) {
        self.at = at
        self.kind = kind
        self.application = application
        self.text = text
    }
}

/// The counts at a time. Rates are the differences of two samples.
public struct LabSample: Sendable, Hashable {
    /// The seconds from the start.
    public var at: Double
    /// The number of ready messages in each queue, without queues that could not be read.
    public var depths: [String: Int]
    /// The publishes so far, including repeated ones.
    public var published: Int
    /// The messages confirmed so far.
    public var confirmed: Int
    /// The deliveries so far.
    public var consumed: Int
    /// The errors so far.
    public var errors: Int

    /// Creates a sample.
    public init(
        at: Double, depths: [String: Int], published: Int = 0, confirmed: Int = 0, consumed: Int = 0, errors: Int = 0
    ) {
        self.at = at
        self.depths = depths
        self.published = published
        self.confirmed = confirmed
        self.consumed = consumed
        self.errors = errors
    }
}

/// The progress of a run, for a line on a terminal and for the Lab view.
public struct LabProgress: Sendable, Hashable {
    /// The seconds from the start.
    public var seconds: Double
    /// The counts so far.
    public var counts: LabCounts
    /// The number of ready messages in each queue.
    public var depths: [String: Int]
    /// The faults in force.
    public var faults: [String]
    /// The last note.
    public var saying: String
    /// The number of notes; a new number means a new line.
    public var lines: Int

    /// Creates a progress.
    public init(
        seconds: Double = 0, counts: LabCounts = LabCounts(), depths: [String: Int] = [:], faults: [String] = [],
        saying: String = "", lines: Int = 0
    ) {
        self.seconds = seconds
        self.counts = counts
        self.depths = depths
        self.faults = faults
        self.saying = saying
        self.lines = lines
    }
}
