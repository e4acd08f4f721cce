public import Names

/// A consumer, as `/api/consumers` lists it.
public struct ConsumerInfo: ManagementObject {
    public var queue: NameReference
    public var tag: Name
    /// The channel it is on; nil while it is fresh, and for consumers without a channel (streams, MQTT).
    public var channel: PeerReference?
    /// False when the queue sends it nothing (a single active consumer that is not the active one).
    public var isActive: Bool?
    /// `up`, `single_active`, `waiting`, `suspected_down`.
    public var activityStatus: String?
    public var acknowledges: Bool?
    public var isExclusive: Bool?
    /// 0 means unlimited.
    public var prefetchCount: Int?
    /// Milliseconds within which a delivery must be acknowledged (4.0 and later).
    public var timeout: Int64?
    public var arguments: [Name: JSONValue]

    public init?(json: JSONValue) {
        guard let fields = ObjectFields(json), let queue: NameReference = fields.row("queue"),
            let tag = fields.name("consumer_tag")
        else { return nil }
        self.queue = queue
        self.tag = tag
        channel = fields.row("channel_details")
        isActive = fields.bool("active")
        activityStatus = fields.setting("activity_status")
        acknowledges = fields.bool("ack_required")
        isExclusive = fields.bool("exclusive")
        prefetchCount = fields.int("prefetch_count")
        timeout = fields.int64("consumer_timeout")
        arguments = fields.map("arguments")
    }
}
