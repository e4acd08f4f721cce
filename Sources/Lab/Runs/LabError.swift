import LocalBroker
import Names
import RabbitMQClient

/// Why an experiment could not run, or had to end without a result: what happened and what to do.
public struct LabError: Error, Sendable, Hashable, CustomStringConvertible {
    public enum Code: String, Sendable, Hashable {
        /// There is no RabbitMQ on this machine.
        case notInstalled
        /// The broker that was named cannot be reached.
        case unreachable
        /// User, password, virtual host or permission; or a broker that is not to be misused.
        case notPermitted
        /// There is no such experiment, variant or setting, or a value that it does not take.
        case usage
        /// Something that the experiment lives on cannot be had: a broker, a port, a file, room on the disk.
        case failed
        /// The task was cancelled before there was anything to tell.
        case cancelled
    }

    public var code: Code
    /// What happened, in one line.
    public var message: String
    /// What to do about it, in one line; empty when there is nothing.
    public var advice: String

    public init(_ code: Code, _ message: String, advice: String = "") {
        self.code = code
        self.message = message
        self.advice = advice
    }

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
        // Some errors have the broker's words in theirs.
        let reason = error.closeReason.flatMap { error.message.containsBytes(of: $0.text) ? nil : " \($0)" } ?? ""
        self.init(code, error.message + reason, advice: error.advice)
    }

    public var description: String { advice.isEmpty ? message : "\(message)\n\(advice)" }
}
