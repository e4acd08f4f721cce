import LocalBroker
import Names
import RabbitMQClient

/// Why an experiment could not run, or ended without a result: what happened and what to do.
public struct LabError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The kind of failure.
    public enum Code: String, Sendable, Hashable {
        /// RabbitMQ is not installed on this machine.
        case notInstalled
        /// The given broker cannot be reached.
        case unreachable
        /// User, password, virtual host or permission were refused, or the broker must not be used for faults.
        case notPermitted
        /// There is no such experiment, variant or setting, or the setting does not take the value.
        case usage
        /// Something that the experiment needs is not available: a broker, a port, a file, space on the disk.
        case failed
        /// The task was cancelled before there was a result.
        case cancelled
    }

    /// The kind of failure.
    public var code: Code
    /// What happened, in one line.
    public var message: String
    /// What to do about it, in one line; may be empty.
    public var advice: String

    /// Creates an error.
    public init(_ code: Code, _ message: String, advice: String = "") {
        self.code = code
        self.message = message
        self.advice = advice
    }

    /// Creates an error from one of a private broker.
    public init(_ error: BrokerNodeError) {
        let code: Code =
            switch error.code {
            case .notInstalled: .notInstalled
            case .cancelled: .cancelled
            case .folder, .notStarted, .portInUse, .exited, .deadline, .alreadyRunning, .notRunning, .commandFailed:
                .failed
            }
        let lastLine = error.output.lineList.last { !$0.isEmpty }.map { " The broker's last line: \($0)" } ?? ""
        self.init(code, error.message, advice: error.advice + lastLine)
    }

    /// Creates an error from one of the client library.
    public init(_ error: ClientError) {
        let code: Code =
            switch error.code {
            case .connectionRefused, .connectFailed, .tlsFailed, .handshakeTimeout, .closedDuringHandshake,
                .protocolMismatch, .mechanismNotOffered, .handshakeRefused:
                .unreachable
            case .accessRefused, .virtualHostRefused: .notPermitted
            case .cancelled: .cancelled
            default: .failed
            }
        // Some errors contain the broker's text already.
        let reason = error.closeReason.flatMap { error.message.containsBytes(of: $0.text) ? nil : " \($0)" } ?? ""
        self.init(code, error.message + reason, advice: error.advice)
    }

    /// What happened and what to do about it.
    public var description: String { advice.isEmpty ? message : "\(message)\n\(advice)" }
}
