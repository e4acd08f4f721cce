import NIOCore

// The methods of class `channel` (20) that carry arguments. Reserved arguments are written as empty and
// skipped when read (AMQP 0-9-1 specification, section 1.4; RabbitMQ extensions as its protocol documentation has them).

/// `channel.flow`. Asks the peer to pause or resume sending content.
public struct ChannelFlow: Hashable, Sendable {
    public var active: Bool

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

/// `channel.flow-ok`. Tells whether content will be sent.
public struct ChannelFlowOk: Hashable, Sendable {
    public var active: Bool

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

/// `channel.close`. Ends the channel: why, and which method caused it (0 and 0 when none did).
public struct ChannelClose: Hashable, Sendable {
    public var replyCode: ReplyCode
    public var replyText: String
    public var classID: UInt16
    public var methodID: UInt16

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
