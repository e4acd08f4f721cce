/// Why a private node could not do what was asked.
public struct BrokerNodeError: Error, Sendable, Equatable, CustomStringConvertible {
    public enum Code: String, Sendable {
        /// There is no RabbitMQ on this machine.
        case notInstalled
        /// The folder cannot be used.
        case folder
        /// A program could not be started, or its configuration not be written.
        case notStarted
        /// Another process has one of the node's ports.
        case portInUse
        /// The node's process ended before it was ready.
        case exited
        /// The deadline passed.
        case deadline
        /// The node is running already.
        case alreadyRunning
        /// The node is not running.
        case notRunning
        /// `rabbitmqctl` or another program said no.
        case commandFailed
        /// The caller's task was cancelled.
        case cancelled
    }

    public var code: Code
    /// What happened, in one line.
    public var message: String
    /// What to do about it, in one line.
    public var advice: String
    /// The end of the broker's own log and output, or of the program's; empty when there is none.
    public var output: String

    public init(_ code: Code, _ message: String, advice: String = "", output: String = "") {
        self.code = code
        self.message = message
        self.advice = advice
        self.output = output
    }

    public var description: String {
        [message, advice, output].filter { !$0.isEmpty }.joined(separator: "\n")
    }
}
