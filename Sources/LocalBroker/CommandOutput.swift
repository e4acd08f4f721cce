/// What a program said until it ended.
public struct CommandOutput: Sendable, Equatable {
    /// The exit status; 128 plus the number of the signal that ended it.
    public var status: Int32
    public var standardOutput: String
    public var standardError: String

    public var succeeded: Bool { status == 0 }
}
