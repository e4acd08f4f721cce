/// A fault that was injected, and how it stands.
public struct FaultRecord: Sendable, Hashable, Codable, Identifiable {
    /// Counts from 1 in each room that injects.
    public var id: UInt64
    public var fault: Fault
    /// Seconds since 1970.
    public var since: Double
    /// When it is undone by itself, in seconds since 1970.
    public var until: Double?
    /// When it was undone, in seconds since 1970.
    public var ended: Double?
    public var state: State
    /// How often it struck so far.
    public var hits: UInt64
    /// What happened, or why it could not be undone, in words.
    public var note: String?

    public enum State: String, Sendable, Codable {
        case inForce = "in force"
        case undoing
        /// It is undone, or its time is up.
        case undone
        /// What happens once has happened.
        case done
        /// It could not be undone, and is tried again.
        case undoFailed = "undo failed"
        /// It could not be injected.
        case failed
    }

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

    /// As ledger entries name it: `close-channel #3`.
    public var label: String { "\(fault.name) #\(id)" }

    /// Whether something is left that can be undone.
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
