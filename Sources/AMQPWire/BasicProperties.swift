import Names

/// The 14 properties of a message (AMQP 0-9-1 specification, section 1.8.1 on class basic).
///
/// A value with reference storage that is copied on write. Without properties it needs no allocation. Texts are
/// compared by their bytes, which need not be UTF-8.
public struct BasicProperties: Sendable {
    struct Fields: Hashable, Sendable {
        var contentType: Name?
        var contentEncoding: Name?
        var headers: FieldTable?
        var deliveryMode: UInt8?
        var priority: UInt8?
        var correlationID: Name?
        var replyTo: Name?
        var expiration: Name?
        var messageID: Name?
        var timestamp: UInt64?
        var type: Name?
        var userID: Name?
        var appID: Name?
        var clusterID: Name?
    }

    /// `@unchecked`: `fields` is changed only by `update`, on a uniquely referenced box.
    private final class Box: @unchecked Sendable {
        var fields: Fields

        init(_ fields: Fields) { self.fields = fields }
    }

    private var box: Box?

    /// Creates properties of which none is set.
    public init() {}

    init(fields: Fields) {
        box = Box(fields)
    }

    /// Creates properties. A property that is nil is not sent.
    public init(
        contentType: String? = nil,
        contentEncoding: String? = nil,
        headers: FieldTable? = nil,
        deliveryMode: UInt8? = nil,
        priority: UInt8? = nil,
        correlationID: String? = nil,
        replyTo: String? = nil,
        expiration: String? = nil,
        messageID: String? = nil,
        timestamp: UInt64? = nil,
        type: String? = nil,
        userID: String? = nil,
        appID: String? = nil,
        clusterID: String? = nil
    ) {
        box = Box(
            Fields(
                contentType: Name(contentType),
                contentEncoding: Name(contentEncoding),
                headers: headers,
                deliveryMode: deliveryMode,
                priority: priority,
                correlationID: Name(correlationID),
                replyTo: Name(replyTo),
                expiration: Name(expiration),
                messageID: Name(messageID),
                timestamp: timestamp,
                type: Name(type),
                userID: Name(userID),
                appID: Name(appID),
                clusterID: Name(clusterID)
            )
        )
    }

    var fields: Fields? { box?.fields }

    /// Whether no property is set.
    public var isEmpty: Bool { box.map { $0.fields == Fields() } ?? true }

    /// Whether both share the same storage, or both have none: then they are equal without a comparison.
    func isCopy(of other: BasicProperties) -> Bool { box === other.box }

    private mutating func update(_ change: (inout Fields) -> Void) {
        if box == nil {
            box = Box(Fields())
        } else if !isKnownUniquelyReferenced(&box) {
            box = Box(box?.fields ?? Fields())
        }
        if let box { change(&box.fields) }
    }

    /// The MIME type of the body.
    public var contentType: Name? {
        get { box?.fields.contentType }
        set { update { $0.contentType = newValue } }
    }

    /// The MIME encoding of the body, such as `gzip`.
    public var contentEncoding: Name? {
        get { box?.fields.contentEncoding }
        set { update { $0.contentEncoding = newValue } }
    }

    /// The headers: fields defined by the application.
    public var headers: FieldTable? {
        get { box?.fields.headers }
        set { update { $0.headers = newValue } }
    }

    /// The delivery mode: 1 is transient, 2 is persistent.
    public var deliveryMode: UInt8? {
        get { box?.fields.deliveryMode }
        set { update { $0.deliveryMode = newValue } }
    }

    /// The priority: 0 to 9, or up to the queue's `x-max-priority`.
    public var priority: UInt8? {
        get { box?.fields.priority }
        set { update { $0.priority = newValue } }
    }

    /// The identifier of the request that this message replies to.
    public var correlationID: Name? {
        get { box?.fields.correlationID }
        set { update { $0.correlationID = newValue } }
    }

    /// The queue for the reply.
    public var replyTo: Name? {
        get { box?.fields.replyTo }
        set { update { $0.replyTo = newValue } }
    }

    /// The time to live in milliseconds, as decimal text.
    public var expiration: Name? {
        get { box?.fields.expiration }
        set { update { $0.expiration = newValue } }
    }

    /// The application's identifier of the message.
    public var messageID: Name? {
        get { box?.fields.messageID }
        set { update { $0.messageID = newValue } }
    }

    /// When the message was created, in seconds since 1970.
    public var timestamp: UInt64? {
        get { box?.fields.timestamp }
        set { update { $0.timestamp = newValue } }
    }

    /// The application's name of the message type.
    public var type: Name? {
        get { box?.fields.type }
        set { update { $0.type = newValue } }
    }

    /// The user that published the message. If it is set the broker checks it against the connection's user.
    public var userID: Name? {
        get { box?.fields.userID }
        set { update { $0.userID = newValue } }
    }

    /// The application that created the message.
    public var appID: Name? {
        get { box?.fields.appID }
        set { update { $0.appID = newValue } }
    }

    /// Reserved; transferred, but without meaning.
    public var clusterID: Name? {
        get { box?.fields.clusterID }
        set { update { $0.clusterID = newValue } }
    }

    /// Whether the message survives a restart of the broker in a durable queue (`deliveryMode` 2).
    public var isPersistent: Bool {
        get { deliveryMode == 2 }
        set { deliveryMode = newValue ? 2 : 1 }
    }
}

extension BasicProperties: Hashable {
    /// Whether the same properties have the same values.
    public static func == (a: BasicProperties, b: BasicProperties) -> Bool {
        a.box === b.box || (a.box?.fields ?? Fields()) == (b.box?.fields ?? Fields())
    }

    /// Hashes the values of the properties.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(box?.fields ?? Fields())
    }
}
