/// A reply code of AMQP 0-9-1 (specification, section 1.2 "Domains", constants) with its name.
public struct ReplyCode: RawRepresentable, Hashable, Sendable {
    /// The code as a number.
    public var rawValue: UInt16

    /// Creates a reply code from its number.
    public init(rawValue: UInt16) {
        self.rawValue = rawValue
    }

    /// REPLY_SUCCESS (200): an orderly close.
    public static let success = ReplyCode(rawValue: 200)
    /// CONTENT_TOO_LARGE (311): the message is too large.
    public static let contentTooLarge = ReplyCode(rawValue: 311)
    /// NO_ROUTE (312): a mandatory message reached no queue.
    public static let noRoute = ReplyCode(rawValue: 312)
    /// NO_CONSUMERS (313): an immediate message reached no consumer.
    public static let noConsumers = ReplyCode(rawValue: 313)
    /// CONNECTION_FORCED (320): an operator or a shutdown closed the connection.
    public static let connectionForced = ReplyCode(rawValue: 320)
    /// INVALID_PATH (402): the virtual host is not valid.
    public static let invalidPath = ReplyCode(rawValue: 402)
    /// ACCESS_REFUSED (403): user, password or permissions do not allow it.
    public static let accessRefused = ReplyCode(rawValue: 403)
    /// NOT_FOUND (404): the queue, exchange or other entity does not exist.
    public static let notFound = ReplyCode(rawValue: 404)
    /// RESOURCE_LOCKED (405): another connection owns the exclusive queue.
    public static let resourceLocked = ReplyCode(rawValue: 405)
    /// PRECONDITION_FAILED (406): the request does not fit the entity's state or arguments.
    public static let preconditionFailed = ReplyCode(rawValue: 406)
    /// FRAME_ERROR (501): a frame was malformed.
    public static let frameError = ReplyCode(rawValue: 501)
    /// SYNTAX_ERROR (502): a field had an invalid value.
    public static let syntaxError = ReplyCode(rawValue: 502)
    /// COMMAND_INVALID (503): the method or its value is not valid in this state.
    public static let commandInvalid = ReplyCode(rawValue: 503)
    /// CHANNEL_ERROR (504): the channel is not open.
    public static let channelError = ReplyCode(rawValue: 504)
    /// UNEXPECTED_FRAME (505): a frame arrived that was not expected, such as another method within a message.
    public static let unexpectedFrame = ReplyCode(rawValue: 505)
    /// RESOURCE_ERROR (506): the broker lacks memory, disk or descriptors.
    public static let resourceError = ReplyCode(rawValue: 506)
    /// NOT_ALLOWED (530): the virtual host, a limit or the user's access does not allow it.
    public static let notAllowed = ReplyCode(rawValue: 530)
    /// NOT_IMPLEMENTED (540): the peer does not support the method or option.
    public static let notImplemented = ReplyCode(rawValue: 540)
    /// INTERNAL_ERROR (541): an internal error of the peer.
    public static let internalError = ReplyCode(rawValue: 541)

    /// All codes of the specification, ascending.
    public static let all: [ReplyCode] = [
        .success, .contentTooLarge, .noRoute, .noConsumers, .connectionForced, .invalidPath, .accessRefused, .notFound,
        .resourceLocked, .preconditionFailed, .frameError, .syntaxError, .commandInvalid, .channelError,
        .unexpectedFrame, .resourceError, .notAllowed, .notImplemented, .internalError,
    ]

    /// The AMQP name, such as `NOT_FOUND`; `CODE_n` for an unknown number.
    public var name: String { entry?.name ?? "CODE_\(rawValue)" }

    /// What to do about it, as one sentence.
    public var advice: String { entry?.advice ?? "Look into the broker's log." }

    private var entry: (name: String, advice: String)? {
        switch rawValue {
        case 200: ("REPLY_SUCCESS", "Nothing: an orderly end.")
        case 311: ("CONTENT_TOO_LARGE", "Send smaller messages.")
        case 312: ("NO_ROUTE", "Bind a queue for this routing key, or publish without mandatory.")
        case 313: ("NO_CONSUMERS", "Publish without immediate.")
        case 320: ("CONNECTION_FORCED", "Connect again: an operator or a shutdown closed it.")
        case 402: ("INVALID_PATH", "Check the virtual host's name.")
        case 403: ("ACCESS_REFUSED", "Check user, password and permissions on the virtual host.")
        case 404: ("NOT_FOUND", "Declare the queue or exchange first, or check its name.")
        case 405: ("RESOURCE_LOCKED", "Another connection owns this exclusive queue: use another name, or wait for it.")
        case 406:
            ("PRECONDITION_FAILED", "Declare with the arguments it has, and settle each delivery once and in time.")
        case 501: ("FRAME_ERROR", "A frame was malformed: look for a proxy or a defect in either peer.")
        case 502: ("SYNTAX_ERROR", "A field had no legal value: look for a defect in the sender.")
        case 503: ("COMMAND_INVALID", "The method or its value does not fit here, such as an unknown exchange type.")
        case 504: ("CHANNEL_ERROR", "A channel was used that is not open: do not use a channel after it closed.")
        case 505: ("UNEXPECTED_FRAME", "Frames of two messages were mixed: do not share a channel without a lock.")
        case 506: ("RESOURCE_ERROR", "The broker lacks memory, disk or descriptors: look into its alarms.")
        case 530: ("NOT_ALLOWED", "Check the virtual host, its limits, and the user's access to it.")
        case 540: ("NOT_IMPLEMENTED", "The peer does not know this method or option, such as immediate.")
        case 541: ("INTERNAL_ERROR", "Look into the broker's log for a crash report.")
        default: nil
        }
    }
}

extension ReplyCode: CustomStringConvertible {
    /// The number and the name, such as `404 NOT_FOUND`.
    public var description: String { "\(rawValue) \(name)" }
}
