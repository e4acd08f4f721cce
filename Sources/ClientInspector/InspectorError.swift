/// An error that keeps an inspector from serving.
public struct InspectorError: Error, Sendable, Hashable {
    /// The kind of failure.
    public enum Code: String, Sendable, Hashable {
        /// The address is not on the loopback interface: a report must not leave this machine.
        case notLoopback
        /// Another process already listens on the address.
        case addressInUse
        /// The file at the path is not a socket; it is not changed.
        case notASocket
        /// The path of a Unix socket is longer than the system allows.
        case pathTooLong
        /// The socket could not be created; `message` has the system's error text.
        case cannotListen
    }

    /// The kind of failure.
    public let code: Code
    /// What happened, as one sentence.
    public let message: String
    /// What to do about it, as one sentence.
    public let advice: String

    init(_ code: Code, _ message: String, advice: String) {
        self.code = code
        self.message = message
        self.advice = advice
    }
}

extension InspectorError: CustomStringConvertible {
    /// The code, the message and the advice.
    public var description: String { "\(code.rawValue): \(message) \(advice)" }
}
