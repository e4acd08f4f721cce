/// Why an inspector cannot serve.
public struct InspectorError: Error, Sendable, Hashable {
    public enum Code: String, Sendable, Hashable {
        /// The address is not the loopback interface: a report is for this machine alone.
        case notLoopback
        /// Somebody listens at the address already.
        case addressInUse
        /// There is something at the path that is not a socket; it is left alone.
        case notASocket
        /// The path of a Unix socket has more bytes than the system can take.
        case pathTooLong
        /// The socket could not be made; `message` has the system's words.
        case cannotListen
    }

    /// The kind of failure.
    public let code: Code
    /// What happened, in one sentence.
    public let message: String
    /// What to do about it, in one sentence.
    public let advice: String

    init(_ code: Code, _ message: String, advice: String) {
        self.code = code
        self.message = message
        self.advice = advice
    }
}

extension InspectorError: CustomStringConvertible {
    public var description: String { "\(code.rawValue): \(message) \(advice)" }
}
