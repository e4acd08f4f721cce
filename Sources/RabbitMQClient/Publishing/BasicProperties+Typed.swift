import AMQPWire
import Foundation
import Names

// Message properties with Swift types; the AMQP properties remain available under the protocol's own names.
extension BasicProperties {
    /// Creates properties from typed values; the other properties can be set afterwards.
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

    /// `deliveryMode` as an enumeration; nil if it is not set or not defined by the specification.
    public var mode: DeliveryMode? {
        get { deliveryMode.flatMap { DeliveryMode(rawValue: $0) } }
        set { deliveryMode = newValue?.rawValue }
    }

    /// `contentType` as a typed value.
    public var media: ContentType? {
        get { contentType.map { ContentType(rawValue: $0.text) } }
        set { contentType = Name(newValue?.rawValue) }
    }

    /// `expiration` as a duration: the longest time that the message stays in a queue (RabbitMQ documentation:
    /// Time-To-Live).
    ///
    /// It is sent as a decimal number of milliseconds, rounded up so that a fraction of a millisecond is not zero. A
    /// negative duration becomes zero, which expires a message that cannot be delivered at once; more than ten years
    /// becomes ten years, the broker's maximum. Nil if it is not set or not a number.
    public var timeToLive: Duration? {
        get { expiration.flatMap { UInt64($0.text) }.flatMap(Int64.init(exactly:)).map { .milliseconds($0) } }
        set { expiration = newValue.map { Name(String($0.argumentMilliseconds)) } }
    }

    /// `timestamp` as a date, in whole seconds.
    public var sentAt: Date? {
        get { timestamp.map { Date(timeIntervalSince1970: Double($0)) } }
        set { timestamp = newValue?.wholeSeconds }
    }
}
