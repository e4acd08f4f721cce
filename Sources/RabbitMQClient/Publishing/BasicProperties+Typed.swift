import AMQPWire
import Foundation
import Names

// The properties in the terms of Swift; what AMQP carries stands beside them under the protocol's own names.
extension BasicProperties {
    /// Properties with their values by type. What has no place here is set afterwards.
    ///
    /// `timeToLive` becomes `expiration`, `sentAt` becomes `timestamp`.
    public init(
        mode: DeliveryMode,
        media: ContentType? = nil,
        headers: FieldTable? = nil,
        priority: UInt8? = nil,
        timeToLive: Duration? = nil,
        messageID: String? = nil,
        correlationID: String? = nil,
        replyTo: String? = nil,
        sentAt: Date? = nil,
        type: String? = nil
    ) {
        self.init(
            contentType: media?.rawValue,
            headers: headers,
            deliveryMode: mode.rawValue,
            priority: priority,
            correlationID: correlationID,
            replyTo: replyTo,
            expiration: timeToLive.map { String($0.argumentMilliseconds) },
            messageID: messageID,
            timestamp: sentAt?.wholeSeconds,
            type: type
        )
    }

    /// `deliveryMode` by name; nil when there is none, or one that the specification does not know.
    public var mode: DeliveryMode? {
        get { deliveryMode.flatMap { DeliveryMode(rawValue: $0) } }
        set { deliveryMode = newValue?.rawValue }
    }

    /// `contentType` as a value.
    public var media: ContentType? {
        get { contentType.map { ContentType(rawValue: $0.text) } }
        set { contentType = Name(newValue?.rawValue) }
    }

    /// `expiration` as a time: how long the message stays in a queue at most (RabbitMQ documentation: Time-To-Live).
    ///
    /// It goes out as the text of whole milliseconds, rounded up so that a part of a millisecond is not none; a negative
    /// time is zero, which expires what cannot be delivered at once; more than ten years are ten years, the most that the
    /// broker takes. Nil when there is none, or one that is no number.
    public var timeToLive: Duration? {
        get { expiration.flatMap { UInt64($0.text) }.flatMap(Int64.init(exactly:)).map { .milliseconds($0) } }
        set { expiration = newValue.map { Name(String($0.argumentMilliseconds)) } }
    }

    /// `timestamp` as a date, which AMQP carries to the second.
    public var sentAt: Date? {
        get { timestamp.map { Date(timeIntervalSince1970: Double($0)) } }
        set { timestamp = newValue?.wholeSeconds }
    }
}
