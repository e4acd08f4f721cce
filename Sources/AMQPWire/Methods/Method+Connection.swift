import NIOCore
import Names

// The methods of class `connection` (10) that carry arguments. Reserved arguments are written as empty and
// skipped when read (AMQP 0-9-1 specification, section 1.4; RabbitMQ extensions as its protocol documentation has them).

/// `connection.start`. The broker introduces itself and offers mechanisms and locales, each list separated by spaces.
public struct ConnectionStart: Hashable, Sendable {
    public var versionMajor: UInt8
    public var versionMinor: UInt8
    public var serverProperties: FieldTable
    public var mechanisms: String
    public var locales: String

    public init(
        versionMajor: UInt8 = 0,
        versionMinor: UInt8 = 9,
        serverProperties: FieldTable = [:],
        mechanisms: String = "PLAIN",
        locales: String = "en_US"
    ) {
        self.versionMajor = versionMajor
        self.versionMinor = versionMinor
        self.serverProperties = serverProperties
        self.mechanisms = mechanisms
        self.locales = locales
    }

    init(from reader: inout PayloadReader) throws(WireError) {
        versionMajor = try reader.octet()
        versionMinor = try reader.octet()
        serverProperties = try reader.table()
        mechanisms = try reader.longString()
        locales = try reader.longString()
    }

    func write(to buffer: inout ByteBuffer) throws(WireError) {
        buffer.writeInteger(versionMajor)
        buffer.writeInteger(versionMinor)
        try buffer.writeTable(serverProperties)
        try buffer.writeLongString(mechanisms)
        try buffer.writeLongString(locales)
    }
}

/// `connection.start-ok`. The client introduces itself and answers with the mechanism of its choice.
public struct ConnectionStartOk: Hashable, Sendable {
    public var clientProperties: FieldTable
    public var mechanism: String
    public var response: [UInt8]
    public var locale: String

    public init(
        clientProperties: FieldTable = [:],
        mechanism: String = "PLAIN",
        response: [UInt8] = [],
        locale: String = "en_US"
    ) {
        self.clientProperties = clientProperties
        self.mechanism = mechanism
        self.response = response
        self.locale = locale
    }

    init(from reader: inout PayloadReader) throws(WireError) {
        clientProperties = try reader.table()
        mechanism = try reader.shortString()
        response = try reader.longBytes()
        locale = try reader.shortString()
    }

    func write(to buffer: inout ByteBuffer) throws(WireError) {
        try buffer.writeTable(clientProperties)
        try buffer.writeShortString(mechanism)
        try buffer.writeLongBytes(response)
        try buffer.writeShortString(locale)
    }
}

/// `connection.secure`. A further challenge of the authentication mechanism.
public struct ConnectionSecure: Hashable, Sendable {
    public var challenge: [UInt8]

    public init(challenge: [UInt8] = []) {
        self.challenge = challenge
    }

    init(from reader: inout PayloadReader) throws(WireError) {
        challenge = try reader.longBytes()
    }

    func write(to buffer: inout ByteBuffer) throws(WireError) {
        try buffer.writeLongBytes(challenge)
    }
}

/// `connection.secure-ok`. The answer to a challenge.
public struct ConnectionSecureOk: Hashable, Sendable {
    public var response: [UInt8]

    public init(response: [UInt8] = []) {
        self.response = response
    }

    init(from reader: inout PayloadReader) throws(WireError) {
        response = try reader.longBytes()
    }

    func write(to buffer: inout ByteBuffer) throws(WireError) {
        try buffer.writeLongBytes(response)
    }
}

/// `connection.tune`. The limits the broker proposes; 0 is no limit, and for the heartbeat (seconds) none.
public struct ConnectionTune: Hashable, Sendable {
    public var channelMax: UInt16
    public var frameMax: UInt32
    public var heartbeat: UInt16

    public init(channelMax: UInt16 = 0, frameMax: UInt32 = 0, heartbeat: UInt16 = 0) {
        self.channelMax = channelMax
        self.frameMax = frameMax
        self.heartbeat = heartbeat
    }

    init(from reader: inout PayloadReader) throws(WireError) {
        channelMax = try reader.short()
        frameMax = try reader.long()
        heartbeat = try reader.short()
    }

    func write(to buffer: inout ByteBuffer) throws(WireError) {
        buffer.writeInteger(channelMax)
        buffer.writeInteger(frameMax)
        buffer.writeInteger(heartbeat)
    }
}

/// `connection.tune-ok`. The limits the client settles on.
public struct ConnectionTuneOk: Hashable, Sendable {
    public var channelMax: UInt16
    public var frameMax: UInt32
    public var heartbeat: UInt16

    public init(channelMax: UInt16 = 0, frameMax: UInt32 = 0, heartbeat: UInt16 = 0) {
        self.channelMax = channelMax
        self.frameMax = frameMax
        self.heartbeat = heartbeat
    }

    init(from reader: inout PayloadReader) throws(WireError) {
        channelMax = try reader.short()
        frameMax = try reader.long()
        heartbeat = try reader.short()
    }

    func write(to buffer: inout ByteBuffer) throws(WireError) {
        buffer.writeInteger(channelMax)
        buffer.writeInteger(frameMax)
        buffer.writeInteger(heartbeat)
    }
}

/// `connection.open`. Enters a virtual host.
public struct ConnectionOpen: Hashable, Sendable {
    public var virtualHost: Name

    public init(virtualHost: Name = "") {
        self.virtualHost = virtualHost
    }

    init(from reader: inout PayloadReader) throws(WireError) {
        virtualHost = try reader.name()
        _ = try reader.shortString()
        _ = try reader.octet()
    }

    func write(to buffer: inout ByteBuffer) throws(WireError) {
        try buffer.writeName(virtualHost)
        buffer.writeInteger(0, as: UInt8.self)
        buffer.writeInteger(0, as: UInt8.self)
    }
}

/// `connection.close`. Ends the connection: why, and which method caused it (0 and 0 when none did).
public struct ConnectionClose: Hashable, Sendable {
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

/// `connection.blocked`. The broker stops reading what this connection publishes (RabbitMQ: blocked connections).
public struct ConnectionBlocked: Hashable, Sendable {
    public var reason: String

    public init(reason: String = "") {
        self.reason = reason
    }

    init(from reader: inout PayloadReader) throws(WireError) {
        reason = try reader.shortString()
    }

    func write(to buffer: inout ByteBuffer) throws(WireError) {
        try buffer.writeShortString(reason)
    }
}

/// `connection.update-secret`. Renews credentials that expire, such as a token (RabbitMQ).
public struct ConnectionUpdateSecret: Hashable, Sendable {
    public var newSecret: [UInt8]
    public var reason: String

    public init(newSecret: [UInt8] = [], reason: String = "") {
        self.newSecret = newSecret
        self.reason = reason
    }

    init(from reader: inout PayloadReader) throws(WireError) {
        newSecret = try reader.longBytes()
        reason = try reader.shortString()
    }

    func write(to buffer: inout ByteBuffer) throws(WireError) {
        try buffer.writeLongBytes(newSecret)
        try buffer.writeShortString(reason)
    }
}
