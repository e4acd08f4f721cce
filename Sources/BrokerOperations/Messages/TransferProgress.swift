/// How far a transfer is.
public struct TransferProgress: Sendable {
    /// What was done.
    public var tally: TransferTally
    /// The messages that were in the queue when it began.
    public var messages: Int
    /// The seconds since then.
    public var seconds: Double
    /// Why the target's broker blocks publishers, if it does.
    public var blocked: String?
}
