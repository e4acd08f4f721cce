import NIOCore
import Names

// The methods of class `connection` (10) that have arguments. Reserved arguments are written as empty and skipped when
// read (AMQP 0-9-1 specification, section 1.4; RabbitMQ extensions as in its protocol documentation).

/// `connection.start`. Begins the handshake: the broker sends its properties, and offers mechanisms and locales, each
/// list separated by spaces.
public struct ConnectionStart: Hashable, Sendable {
    /// The major version of the protocol.
    public var versionMajor: UInt8
    /// The minor version of the protocol.
    public var versionMinor: UInt8
    /// The broker's properties: product, version, capabilities.
    public var serverProperties: FieldTable
    /// The authentication mechanisms that the broker offers, separated by spaces.
    public var mechanisms: String
    /// The locales that the broker offers, separated by spaces.
    public var locales: String

    /// Creates the method.
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

/// `connection.start-ok`. Sends the client's properties, and the response of the chosen mechanism.
public struct ConnectionStartOk: Hashable, Sendable {
    /// The client's properties: product, version, capabilities.
    public var clientProperties: FieldTable
    /// The authentication mechanism that the client chose.
    public var mechanism: String
    /// The response of the mechanism, which may contain the password.
    public var response: [UInt8]
    /// The locale that the client chose.
    public var locale: String

    /// Creates the method.
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

/// `connection.secure`. Sends a further challenge of the authentication mechanism.
public struct ConnectionSecure: Hashable, Sendable {
    /// The challenge.
    public var challenge: [UInt8]

    /// Creates the method.
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

/// `connection.secure-ok`. Responds to a challenge.
public struct ConnectionSecureOk: Hashable, Sendable {
    /// The response to the challenge.
    public var response: [UInt8]

    /// Creates the method.
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

/// `connection.tune`. Proposes limits; 0 is unlimited, and for the heartbeat (seconds) none.
public struct ConnectionTune: Hashable, Sendable {
    /// The maximum number of channels; 0 is unlimited.
    public var channelMax: UInt16
    /// The maximum frame size, in bytes; 0 is unlimited.
    public var frameMax: UInt32
    /// The heartbeat interval, in seconds; 0 means no heartbeats.
    public var heartbeat: UInt16

    /// Creates the method.
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

/// `connection.tune-ok`. Confirms the limits that the client chose.
public struct ConnectionTuneOk: Hashable, Sendable {
    /// The maximum number of channels; 0 is unlimited.
    public var channelMax: UInt16
    /// The maximum frame size, in bytes; 0 is unlimited.
    public var frameMax: UInt32
    /// The heartbeat interval, in seconds; 0 means no heartbeats.
    public var heartbeat: UInt16

    /// Creates the method.
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

/// `connection.open`. Opens a virtual host.
public struct ConnectionOpen: Hashable, Sendable {
    /// The name of the virtual host.
    public var virtualHost: Name

    /// Creates the method.
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

/// `connection.close`. Closes the connection, with the reason and the method that caused it (0 and 0 if none did).
public struct ConnectionClose: Hashable, Sendable {
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

/// `connection.blocked`. Reports that the broker stops reading what this connection publishes (RabbitMQ: blocked
/// connections).
public struct ConnectionBlocked: Hashable, Sendable {
    /// The reason as text.
    public var reason: String

    /// Creates the method.
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

/// `connection.update-secret`. Replaces credentials that expire, such as a token (RabbitMQ).
public struct ConnectionUpdateSecret: Hashable, Sendable {
    /// The new password or token.
    public var newSecret: [UInt8]
    /// The reason as text.
    public var reason: String

    /// Creates the method.
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
