public import Names

/// A message fetched with `POST /api/queues/…/get`.
public struct FetchedMessage: ManagementObject {
    public var exchange: Name
    public var routingKey: Name
    public var isRedelivered: Bool?
    /// Messages left in the queue after this one.
    public var remaining: Int64?
    /// The body, cut at the `truncate` that was asked for.
    public var payload: [UInt8]
    /// Bytes of the whole body.
    public var payloadSize: Int64?
    /// True when the broker sent the body as text because it is UTF-8.
    public var isText: Bool
    /// Properties by the names the API gives them: `content_type`, `delivery_mode`, `message_id`, `timestamp` …
    public var properties: [Name: JSONValue]
    public var headers: [Name: JSONValue]

    public init?(json: JSONValue) {
        guard let fields = ObjectFields(json), let text = fields.string("payload") else { return nil }
        exchange = fields.name("exchange") ?? ""
        routingKey = fields.name("routing_key") ?? ""
        isRedelivered = fields.bool("redelivered")
        remaining = fields.int64("message_count")
        payloadSize = fields.int64("payload_bytes")
        isText = fields.string("payload_encoding") != "base64"
        if isText {
            payload = Array(text.utf8)
        } else {
            guard let bytes = Base64.decode(text) else { return nil }
            payload = bytes
        }
        var properties = fields.map("properties")
        headers = properties.removeValue(forKey: "headers")?.members ?? [:]
        self.properties = properties
    }

    /// True when the body is longer than what was fetched of it.
    public var isTruncated: Bool { payloadSize.map { $0 > Int64(payload.count) } ?? false }

    /// How many deliveries of it count towards the delivery limit of its quorum queue (`x-delivery-count`).
    public var deliveryCount: Int64? { headers["x-delivery-count"]?.integerValue }

    /// How often a consumer or a look took it, whether that counts towards the limit or not (`x-acquired-count`, since 4.3).
    public var acquiredCount: Int64? { headers["x-acquired-count"]?.integerValue }
}

/// What becomes of a fetched message (`ackmode` of `POST /api/queues/…/get`).
public enum FetchAckMode: String, Sendable, Hashable, CaseIterable {
    /// Acknowledge it: it is gone from the queue.
    case ack = "ack_requeue_false"
    /// Put it back. It counts as a delivery.
    case requeue = "ack_requeue_true"
    /// Reject it: it is dead-lettered or gone.
    case reject = "reject_requeue_false"
    /// Reject it and put it back. It counts as a delivery.
    case rejectAndRequeue = "reject_requeue_true"
}
