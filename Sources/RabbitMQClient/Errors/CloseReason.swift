import AMQPWire
import Names

/// Why a connection or a channel ended: the broker's reply if it sent one, otherwise the client's own description.
public struct CloseReason: Sendable, Hashable, Codable {
    /// The side that ended it.
    public enum Initiator: String, Sendable, Hashable, Codable {
        /// The broker sent `connection.close` or `channel.close`.
        case peer
        /// This client closed it, on request or because the peer violated the protocol.
        case local
        /// The socket ended, or the peer was silent for too long, without a close of the protocol.
        case transport
    }

    /// What ended: a channel or the connection.
    public enum Scope: String, Sendable, Hashable, Codable {
        /// The connection with all of its channels.
        case connection
        /// One channel.
        case channel
    }

    /// The side that ended it.
    public var initiator: Initiator
    /// Whether only the channel ended, or the connection with all of its channels.
    public var scope: Scope
    /// The AMQP reply code (section 1.2 of the specification); 0 if the transport ended without a code.
    public var code: UInt16
    /// The AMQP name of the reply code, such as `NOT_FOUND`; `TRANSPORT` for code 0.
    public var name: String
    /// The reply text as sent, or what happened to the transport.
    public var text: String
    /// The class id of the method that caused it, or 0.
    public var classID: UInt16
    /// The method id of the method that caused it, or 0.
    public var methodID: UInt16
    /// The AMQP name of that method, such as `queue.declare`; nil if no method caused it.
    public var methodName: String?

    /// Creates a reason.
    public init(
        initiator: Initiator,
        scope: Scope,
        code: UInt16,
        text: String,
        classID: UInt16 = 0,
        methodID: UInt16 = 0
    ) {
        self.initiator = initiator
        self.scope = scope
        self.code = code
        self.name = code == 0 ? "TRANSPORT" : ReplyCode(rawValue: code).name
        self.text = text
        self.classID = classID
        self.methodID = methodID
        self.methodName = classID == 0 ? nil : MethodID(classID: classID, methodID: methodID).name
    }

    /// Whether this client requested the end (code 200, not a protocol error of the peer).
    public var isOrderly: Bool { initiator == .local && code == ReplyCode.success.rawValue }

    /// What to do about it, as one sentence.
    public var advice: String {
        if initiator == .transport { return "Connect again; what was unconfirmed may or may not have arrived." }
        if isTooLarge { return "Send smaller messages, or raise max_message_size in the broker's configuration." }
        return ReplyCode(rawValue: code).advice
    }

    /// Whether it is a 406 for a message that is larger than the broker accepts.
    public var isTooLarge: Bool {
        code == ReplyCode.preconditionFailed.rawValue
            && text.hasBytePrefix("PRECONDITION_FAILED - message size ")
    }
}

extension CloseReason {
    /// Code, name and text, each once: `404 NOT_FOUND - no queue 'orders' in vhost '/'`. RabbitMQ's own text usually
    /// begins with the name. For the end of a transport only the text.
    public var words: String { Self.words(code: Int(code), name: name, text: text) }

    /// Returns the same form for a code, its name and a text that are not part of a reason.
    public static func words(code: Int, name: String, text: String) -> String {
        if code == 0 { return text }
        return text.hasBytePrefix(name) ? "\(code) \(text)" : "\(code) \(name) \(text)"
    }
}

extension CloseReason: CustomStringConvertible {
    /// The reason with the side that ended it and the method, for display.
    public var description: String {
        let who =
            switch initiator {
            case .peer: "broker"
            case .local: "client"
            case .transport: "transport"
            }
        let method = methodName.map { " (\($0))" } ?? ""
        return "\(who): \(words)\(code == 0 ? "" : method)"
    }
}
