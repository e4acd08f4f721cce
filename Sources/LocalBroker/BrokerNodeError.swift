/// Why an operation on a private node failed.
public struct BrokerNodeError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The kind of failure.
    public enum Code: String, Sendable {
        /// RabbitMQ is not installed on this machine.
        case notInstalled
        /// The folder cannot be used.
        case folder
        /// A program could not be started, or its configuration could not be written.
        case notStarted
        /// Another process uses one of the node's ports.
        case portInUse
        /// The node's process ended before it was ready.
        case exited
        /// The deadline passed.
        case deadline
        /// The node is running already.
        case alreadyRunning
        /// The node is not running.
        case notRunning
        /// `rabbitmqctl` or another program reported an error.
        case commandFailed
        /// The caller's task was cancelled.
        case cancelled
    }

    /// The kind of failure.
    public var code: Code
    /// What happened, in one line.
    public var message: String
    /// What to do about it, in one line.
    public var advice: String
    /// The end of the broker's log and output, or of the program's output; may be empty.
    public var output: String

    /// Creates an error.
    public init(_ code: Code, _ message: String, advice: String = "", output: String = "") {
        self.code = code
        self.message = message
        self.advice = advice
        self.output = output
    }

    /// What happened, what to do about it, and the output.
    public var description: String {
        [message, advice, output].filter { !$0.isEmpty }.joined(separator: "\n")
    }
}
