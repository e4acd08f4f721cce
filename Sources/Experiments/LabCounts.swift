/// The counts of a run. Messages are distinguished by the ids that the experiment gives them.
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

/// One of the counts of a run, in the order of a message's life. The raw value is its name for people and in JSON.
public enum LabFigure: String, Sendable, CaseIterable, CodingKey {
    case published, confirmed, nacked, returned, indeterminate, consumed, distinct, duplicates, lost, missing, expired
    case errors
}

extension LabCounts {
    /// Returns a count.
    public subscript(figure: LabFigure) -> Int {
        switch figure {
        case .published: published
        case .confirmed: confirmed
        case .nacked: nacked
        case .returned: returned
        case .indeterminate: indeterminate
        case .consumed: consumed
        case .distinct: distinct
        case .duplicates: duplicates
        case .lost: lost
        case .missing: missing
        case .expired: expired
        case .errors: errors
        }
    }
}
