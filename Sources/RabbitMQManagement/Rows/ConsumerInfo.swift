public import Names

/// A consumer in the list `/api/consumers`. A field that the response does not contain is nil.
public struct ConsumerInfo: ManagementObject {
    /// The queue.
    public var queue: NameReference
    /// The consumer tag.
    public var tag: Name
    /// The channel of the consumer; nil while it is new, and for consumers without a channel (streams, MQTT).
    public var channel: PeerReference?
    /// Whether the queue delivers to it. False for a consumer that waits for the single active consumer to end.
    public var isActive: Bool?
    /// The activity status: `up`, `single_active`, `waiting`, `suspected_down`.
    public var activityStatus: String?
    /// Whether it consumes with acknowledgements.
    public var acknowledges: Bool?
    /// Whether it is the exclusive consumer of the queue.
    public var isExclusive: Bool?
    /// The prefetch; 0 is unlimited.
    public var prefetchCount: Int?
    /// The time within which a delivery must be acknowledged, in milliseconds (4.0 and later).
    public var timeout: Int64?
    /// The consumer arguments.
    public var arguments: [Name: JSONValue]

    /// Decodes a row; nil without a queue or a tag.
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
