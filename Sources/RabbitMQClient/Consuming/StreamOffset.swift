import AMQPWire
import Foundation

/// Where a consumer begins in a stream (`x-stream-offset`; RabbitMQ documentation: Streams).
public enum StreamOffset: Sendable, Hashable {
    /// The oldest message that still exists.
    case first
    /// The last chunk written.
    case last
    /// Messages published from now on; the broker's default.
    case next
    /// The message with this offset; see `Delivery.streamOffset`.
    case offset(Int64)
    /// The chunk written at this time, in whole seconds.
    case timestamp(Date)
    /// The chunk written this long ago: whole seconds, rounded up, at least one.
    case interval(Duration)
    /// The chunk written this long ago, in RabbitMQ's notation: a number and one of `Y M D h m s`, such as `1h`.
    case age(String)

    /// The value of the argument.
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
    /// Whole seconds since 1970, rounded down; 0 for dates before 1970.
    var wholeSeconds: UInt64 {
        let seconds = timeIntervalSince1970.rounded(.down)
        return seconds > 0 ? UInt64(exactly: seconds) ?? .max : 0
    }
}
