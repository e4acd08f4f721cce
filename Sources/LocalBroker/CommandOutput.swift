/// The output of a program that has ended.
public struct CommandOutput: Sendable, Equatable {
    /// The exit status, or 128 plus the number of the signal that ended it.
    public var status: Int32
    /// What it printed to standard output.
    public var standardOutput: String
    /// What it printed to standard error.
    public var standardError: String

    /// Whether the exit status is 0.
    public var succeeded: Bool { status == 0 }
}
