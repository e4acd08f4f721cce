/// What came of a run, in numbers, and when it happened.
public struct LabLedger: Sendable, Hashable {
    public var counts = LabCounts()
    public var errors: [LabErrorEntry] = []
    public var recoveries: [LabRecovery] = []
    /// What this experiment alone has to tell.
    public var details: [String: LabValue] = [:]
    public var timeline: [LabMoment] = []
    public var samples: [LabSample] = []
    /// Published and never consumed, expired ones apart: a message that nobody saw again, confirmed or not.
    public var missing: [String] = []
    /// Confirmed and never consumed, expired ones apart.
    public var lost: [String] = []
    /// Seconds from the start to this moment, or to the end.
    public var seconds = 0.0

    public init() {}

    /// How many errors of this reply code there were.
    public func errors(code: Int) -> Int {
        errors.reduce(0) { $0 + ($1.code == code ? $1.count : 0) }
    }

    /// How many errors there were in all.
    public var errorCount: Int { errors.reduce(0) { $0 + $1.count } }
}

/// The ledger's numbers. Messages are told apart by the ids that the experiment gives them.
public struct LabCounts: Sendable, Hashable {
    /// Messages handed to a publish, each once however often it was tried.
    public var published = 0
    /// Messages the broker took responsibility for (`basic.ack`), each once.
    public var confirmed = 0
    /// Answers `basic.nack`.
    public var nacked = 0
    /// Answers `basic.return`.
    public var returned = 0
    /// Publishes of which nobody knows whether they arrived.
    public var indeterminate = 0
    /// Deliveries, repeated ones included.
    public var consumed = 0
    /// Messages among them, each once.
    public var distinct = 0
    /// `consumed - distinct`.
    public var duplicates = 0
    /// Messages that were confirmed and never consumed, those that expired apart.
    public var lost = 0
    /// Messages whose time to live ran out.
    public var expired = 0
    /// Publishes, those that were tried again included.
    public var attempts = 0
    /// Messages that were published and never consumed, those that expired apart.
    public var missing = 0
    /// Errors of all kinds.
    public var errors = 0

    public init() {}
}

/// Errors that read the same.
public struct LabErrorEntry: Sendable, Hashable {
    public enum Scope: String, Sendable, Hashable, Codable, CaseIterable {
        case connection, channel, client, database
    }

    public var scope: Scope
    /// The AMQP reply code; nil where there is none.
    public var code: Int?
    public var text: String
    public var count: Int
    /// Who met the first of them.
    public var application: String

    public init(scope: Scope, code: Int?, text: String, count: Int, application: String) {
        self.scope = scope
        self.code = code
        self.text = text
        self.count = count
        self.application = application
    }
}

/// An application that works again.
public struct LabRecovery: Sendable, Hashable {
    public var application: String
    public var fault: String
    /// From the fault's beginning until it worked again.
    public var seconds: Double

    public init(application: String, fault: String, seconds: Double) {
        self.application = application
        self.fault = fault
        self.seconds = seconds
    }
}

/// Something that happened at a time.
public struct LabMoment: Sendable, Hashable {
    public enum Kind: Sendable, Hashable {
        /// A fault, with the second at which it ended; nil while it is in force, or when it is over at once.
        case fault(until: Double?)
        case error(scope: LabErrorEntry.Scope, code: Int?, count: Int)
        case recovery(seconds: Double)
        case note
    }

    /// Seconds from the start.
    public var at: Double
    public var kind: Kind
    /// Who it is about; empty where it is nobody in particular.
    public var application: String
    public var text: String

    public init(at: Double, kind: Kind, application: String = "", text: String) {
        self.at = at
        self.kind = kind
        self.application = application
        self.text = text
    }
}

/// How things stood at a time. Rates are the differences of two of them.
public struct LabSample: Sendable, Hashable {
    /// Seconds from the start.
    public var at: Double
    /// Messages ready in each queue; a queue that could not be looked at is not in it.
    public var depths: [String: Int]
    public var published: Int
    public var confirmed: Int
    public var consumed: Int
    public var errors: Int

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

/// How a run goes on, for a line on a terminal and for the Lab view.
public struct LabProgress: Sendable, Hashable {
    /// Seconds from the start.
    public var seconds: Double
    public var counts: LabCounts
    public var depths: [String: Int]
    /// Faults in force.
    public var faults: [String]
    /// What was said last.
    public var saying: String
    /// How often something was said: another number, another line.
    public var lines: Int

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
