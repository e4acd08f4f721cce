import AMQPWire
import Names

/// Why a connection or a channel ended: the broker's own words where it spoke, ours where it could not.
public struct CloseReason: Sendable, Hashable, Codable {
    /// Who ended it.
    public enum Initiator: String, Sendable, Hashable, Codable {
        /// The broker sent `connection.close` or `channel.close`.
        case peer
        /// This client closed, on request or because the peer broke the protocol.
        case local
        /// The socket ended, or fell silent, without a word of the protocol.
        case transport
    }

    /// What ended.
    public enum Scope: String, Sendable, Hashable, Codable {
        case connection
        case channel
    }

    /// Who ended it.
    public var initiator: Initiator
    /// Whether the channel alone ended or the whole connection with all of its channels.
    public var scope: Scope
    /// The AMQP reply code (section 1.2 of the specification); 0 when the transport ended and no code was given.
    public var code: UInt16
    /// The reply code's AMQP name, such as `NOT_FOUND`; `TRANSPORT` for code 0.
    public var name: String
    /// The reply text as sent, or what happened to the transport.
    public var text: String
    /// The class of the method that caused it, or 0.
    public var classID: UInt16
    /// The method that caused it, or 0.
    public var methodID: UInt16
    /// The method's AMQP name such as `queue.declare`; nil when no method was at fault.
    public var methodName: String?

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

    /// An orderly end that this client asked for (code 200, not a protocol error of the peer).
    public var isOrderly: Bool { initiator == .local && code == ReplyCode.success.rawValue }

    /// What to do about it, in a sentence.
    public var advice: String {
        if initiator == .transport { return "Connect again; what was unconfirmed may or may not have arrived." }
        if isTooLarge { return "Send smaller messages, or raise max_message_size in the broker's configuration." }
        return ReplyCode(rawValue: code).advice
    }

    /// 406 for a message that is larger than the broker takes.
    public var isTooLarge: Bool {
        code == ReplyCode.preconditionFailed.rawValue
            && text.hasBytePrefix("PRECONDITION_FAILED - message size ")
    }
}

extension CloseReason {
    /// Code, name and text with each said once: `404 NOT_FOUND - no queue 'orders' in vhost '/'`. RabbitMQ's own text begins
    /// with the name most of the time. Of a transport that ended the text alone.
    public var words: String { Self.words(code: Int(code), name: name, text: text) }

    /// The same of a code, its name and a text that are not a reason.
    public static func words(code: Int, name: String, text: String) -> String {
        if code == 0 { return text }
        return text.hasBytePrefix(name) ? "\(code) \(text)" : "\(code) \(name) \(text)"
    }
}

extension CloseReason: CustomStringConvertible {
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
