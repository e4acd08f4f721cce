import Foundation
public import Names

/// A message fetched with `POST /api/queues/…/get`.
public struct FetchedMessage: ManagementObject {
    /// The exchange that the message was published to; empty for the default exchange.
    public var exchange: Name
    /// The routing key that the message was published with.
    public var routingKey: Name
    /// Whether the message was delivered before.
    public var isRedelivered: Bool?
    /// The number of messages left in the queue after this one.
    public var remaining: Int64?
    /// The body, truncated to the requested `truncate`.
    public var payload: [UInt8]
    /// The size of the whole body, in bytes.
    public var payloadSize: Int64?
    /// Whether the broker sent the body as text because it is UTF-8.
    public var isText: Bool
    /// The properties by the API's names: `content_type`, `delivery_mode`, `message_id`, `timestamp` …
    public var properties: [Name: JSONValue]
    /// The headers.
    public var headers: [Name: JSONValue]

    /// Decodes a row; nil without a body.
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

    /// Whether the body is longer than the part that was fetched.
    public var isTruncated: Bool { payloadSize.map { $0 > Int64(payload.count) } ?? false }

    /// The number of deliveries that count towards the delivery limit of its quorum queue (`x-delivery-count`).
    public var deliveryCount: Int64? { headers["x-delivery-count"]?.integerValue }

    /// The number of times that a consumer or a fetch took it, including those that do not count towards the limit
    /// (`x-acquired-count`, since 4.3).
    public var acquiredCount: Int64? { headers["x-acquired-count"]?.integerValue }
}

/// What happens to a fetched message (`ackmode` of `POST /api/queues/…/get`).
public enum FetchAckMode: String, Sendable, Hashable, CaseIterable {
    /// The message is acknowledged and removed from the queue.
    case ack = "ack_requeue_false"
    /// The message is requeued. That counts as a delivery.
    case requeue = "ack_requeue_true"
    /// The message is rejected: it is dead-lettered or dropped.
    case reject = "reject_requeue_false"
    /// The message is rejected and requeued. That counts as a delivery.
    case rejectAndRequeue = "reject_requeue_true"
}

enum Base64 {
    /// Decodes standard base64 with or without padding; returns nil if there is any other character.
    static func decode(_ text: String) -> [UInt8]? {
        let padding = String(repeating: "=", count: (4 - text.utf8.count % 4) % 4)
        return Data(base64Encoded: text + padding).map { Array($0) }
    }
}
