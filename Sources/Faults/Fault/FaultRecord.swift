/// A fault that was injected, and its state.
public struct FaultRecord: Sendable, Hashable, Codable, Identifiable {
    /// The number of the fault, counted from 1 in each registry.
    public var id: UInt64
    /// The fault that was injected.
    public var fault: Fault
    /// When the fault was injected, in seconds since 1970.
    public var since: Double
    /// When the fault is undone automatically, in seconds since 1970.
    public var until: Double?
    /// When the fault was undone, in seconds since 1970.
    public var ended: Double?
    /// The state of the fault.
    public var state: State
    /// How often the fault has taken effect.
    public var hits: UInt64
    /// What happened, or why the fault could not be undone, in words.
    public var note: String?

    /// The state of an injected fault.
    public enum State: String, Sendable, Codable {
        /// The fault is in force.
        case inForce = "in force"
        /// The fault is being undone.
        case undoing
        /// Undone, or its time is up.
        case undone
        /// A fault that takes effect once has taken effect.
        case done
        /// It could not be undone; undoing is retried.
        case undoFailed = "undo failed"
        /// It could not be injected.
        case failed
    }

    /// Creates a record.
    public init(
        id: UInt64, fault: Fault, since: Double, until: Double?, state: State, hits: UInt64 = 0, note: String? = nil
    ) {
        self.id = id
        self.fault = fault
        self.since = since
        self.until = until
        self.state = state
        self.hits = hits
        self.note = note
    }

    /// The fault's name in ledger entries: `close-channel #3`.
    public var label: String { "\(fault.name) #\(id)" }

    /// Whether there is something left to undo.
    public var isInForce: Bool {
        switch state {
        case .inForce, .undoing, .undoFailed: true
        case .undone, .done, .failed: false
        }
    }

    enum CodingKeys: String, CodingKey {
        case id, fault, since, until, ended, state, hits, note
    }
}
