public import Names

/// A consumer of the stream protocol in the list `/api/stream/consumers`, which the plugin `rabbitmq_stream_management`
/// serves. A field that the response does not contain is nil.
public struct StreamConsumerInfo: ManagementObject {
    /// The stream.
    public var queue: NameReference
    /// The connection; nil while it is new.
    public var connection: Name?
    /// The number that the client gave its subscription.
    public var subscription: Int?
    /// The offset of the message that was last delivered.
    public var offset: Int64?
    /// The number of messages from there to the end of the stream.
    public var offsetLag: Int64?
    /// The number of messages delivered.
    public var consumed: Int64?
    /// Whether the stream delivers to it; false for one that waits as part of a single active consumer.
    public var isActive: Bool?

    /// Decodes a row; nil without a queue.
    public init?(json: JSONValue) {
        guard let fields = ObjectFields(json), let queue: NameReference = fields.row("queue") else { return nil }
        self.queue = queue
        connection = fields.object("connection_details")?.name("name")
        subscription = fields.int("subscription_id")
        offset = fields.int64("offset")
        offsetLag = fields.int64("offset_lag")
        consumed = fields.int64("consumed")
        isActive = fields.bool("active")
    }
}
