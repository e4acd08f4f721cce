public import Names

/// How a transfer ended.
public struct TransferReport: Sendable, Equatable {
    /// Why it ended.
    public enum End: Sendable, Equatable {
        /// There was no further message.
        case finished
        /// It was stopped.
        case stopped
        /// Something prevented more, with what to do.
        case failed(String, advice: String?, kind: Kind)
    }

    /// What a failure comes from.
    public enum Kind: Sendable, Equatable { case unreachable, notPermitted, other }

    public var tally: TransferTally
    public var end: End
    /// What the user should know, in words: a cost of looking, messages that others hold.
    public var notes: [String] = []

    init(tally: TransferTally, end: End, notes: [String] = []) {
        self.tally = tally
        self.end = end
        self.notes = notes
    }

    /// A report of what would be done.
    public init(preview groups: [TransferGroup: Int], failures: [Name: Int], end: End) {
        var tally = TransferTally()
        tally.groups = groups
        tally.failures = failures
        tally.moved = groups.values.reduce(0, +)
        tally.taken = tally.moved + tally.failed
        tally.delivered = tally.taken
        self.init(tally: tally, end: end)
    }
}
