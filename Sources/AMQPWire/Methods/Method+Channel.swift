import NIOCore

// The methods of class `channel` (20) that have arguments. Reserved arguments are written as empty and skipped when
// read (AMQP 0-9-1 specification, section 1.4; RabbitMQ extensions as in its protocol documentation).

/// `channel.flow`. Asks the peer to pause or resume sending content.
public struct ChannelFlow: Hashable, Sendable {
    /// Whether the peer may send content.
    public var active: Bool

    /// Creates the method.
    public init(active: Bool = true) {
        self.active = active
    }

    init(from reader: inout PayloadReader) throws(WireError) {
        let bits = try reader.octet()
        active = bits & 1 != 0
    }

    func write(to buffer: inout ByteBuffer) throws(WireError) {
        buffer.writeInteger(active ? 1 : 0, as: UInt8.self)
    }
}

/// `channel.flow-ok`. Reports whether content will be sent.
public struct ChannelFlowOk: Hashable, Sendable {
    /// Whether content will be sent.
    public var active: Bool

    /// Creates the method.
    public init(active: Bool = true) {
        self.active = active
    }

    init(from reader: inout PayloadReader) throws(WireError) {
        let bits = try reader.octet()
        active = bits & 1 != 0
    }

    func write(to buffer: inout ByteBuffer) throws(WireError) {
        buffer.writeInteger(active ? 1 : 0, as: UInt8.self)
    }
}

/// `channel.close`. Closes the channel, with the reason and the method that caused it (0 and 0 if none did).
public struct ChannelClose: Hashable, Sendable {
    /// The reply code.
    public var replyCode: ReplyCode
    /// The reply text.
    public var replyText: String
    /// The class id of the method that caused the close, or 0.
    public var classID: UInt16
    /// The method id of the method that caused the close, or 0.
    public var methodID: UInt16

    /// Creates the method.
    public init(replyCode: ReplyCode = .success, replyText: String = "", classID: UInt16 = 0, methodID: UInt16 = 0) {
        self.replyCode = replyCode
        self.replyText = replyText
        self.classID = classID
        self.methodID = methodID
    }

    init(from reader: inout PayloadReader) throws(WireError) {
        replyCode = ReplyCode(rawValue: try reader.short())
        replyText = try reader.shortString()
        classID = try reader.short()
        methodID = try reader.short()
    }

    func write(to buffer: inout ByteBuffer) throws(WireError) {
        buffer.writeInteger(replyCode.rawValue)
        try buffer.writeShortString(replyText)
        buffer.writeInteger(classID)
        buffer.writeInteger(methodID)
    }
}
