import AMQPWire
import Foundation

/// Where in a stream a consumer begins (`x-stream-offset`; RabbitMQ documentation: Streams).
public enum StreamOffset: Sendable, Hashable {
    /// At the oldest message that is still there.
    case first
    /// At the last chunk written.
    case last
    /// At what is published from now on. The broker's choice when none is named.
    case next
    /// At the message of this number; `Delivery.streamOffset` tells a message's own.
    case offset(Int64)
    /// At the chunk written at this time, to the second.
    case timestamp(Date)
    /// So long ago: whole seconds, rounded up, at least one.
    case interval(Duration)
    /// So long ago, in RabbitMQ's own words: a number and one of `Y M D h m s`, such as `1h`.
    case age(String)

    /// As it goes on the wire.
    public var value: FieldValue {
        switch self {
        case .first: "first"
        case .last: "last"
        case .next: "next"
        case .offset(let offset): .int64(offset)
        case .timestamp(let date): .timestamp(date.wholeSeconds)
        case .interval(let interval): .string(interval.argumentAge)
        case .age(let age): .string(age)
        }
    }
}

extension Date {
    /// Seconds since 1970, cut to whole ones; what lies before 1970 is 0.
    var wholeSeconds: UInt64 {
        let seconds = timeIntervalSince1970.rounded(.down)
        return seconds > 0 ? UInt64(exactly: seconds) ?? .max : 0
    }
}
