/// A reply code of AMQP 0-9-1 (specification, section 1.2 "Domains", constants) with its name.
public struct ReplyCode: RawRepresentable, Hashable, Sendable {
    public var rawValue: UInt16

    public init(rawValue: UInt16) {
        self.rawValue = rawValue
    }

    public static let success = ReplyCode(rawValue: 200)
    public static let contentTooLarge = ReplyCode(rawValue: 311)
    public static let noRoute = ReplyCode(rawValue: 312)
    public static let noConsumers = ReplyCode(rawValue: 313)
    public static let connectionForced = ReplyCode(rawValue: 320)
    public static let invalidPath = ReplyCode(rawValue: 402)
    public static let accessRefused = ReplyCode(rawValue: 403)
    public static let notFound = ReplyCode(rawValue: 404)
    public static let resourceLocked = ReplyCode(rawValue: 405)
    public static let preconditionFailed = ReplyCode(rawValue: 406)
    public static let frameError = ReplyCode(rawValue: 501)
    public static let syntaxError = ReplyCode(rawValue: 502)
    public static let commandInvalid = ReplyCode(rawValue: 503)
    public static let channelError = ReplyCode(rawValue: 504)
    public static let unexpectedFrame = ReplyCode(rawValue: 505)
    public static let resourceError = ReplyCode(rawValue: 506)
    public static let notAllowed = ReplyCode(rawValue: 530)
    public static let notImplemented = ReplyCode(rawValue: 540)
    public static let internalError = ReplyCode(rawValue: 541)

    /// Every code of the table, ascending.
    public static let all: [ReplyCode] = [
        .success, .contentTooLarge, .noRoute, .noConsumers, .connectionForced, .invalidPath, .accessRefused, .notFound,
        .resourceLocked, .preconditionFailed, .frameError, .syntaxError, .commandInvalid, .channelError,
        .unexpectedFrame, .resourceError, .notAllowed, .notImplemented, .internalError,
    ]

    /// The AMQP name such as `NOT_FOUND`; `CODE_n` for a number that the table does not have.
    public var name: String { entry?.name ?? "CODE_\(rawValue)" }

    /// What a person can do about it.
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
    public var description: String { "\(rawValue) \(name)" }
}
