import Experiments

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
