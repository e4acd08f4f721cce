import AMQPWire
public import Foundation
import NIOCore
import Names
public import TopCore

extension TakenMessage: FilterableMessage {
    public func value(of field: MessageField) -> Value {
        switch field {
        case .exchange: Value(exchange)
        case .routingKey: Value(routingKey)
        case .size: .integer(body.readableBytes)
        case .redelivered: .flag(redelivered)
        case .deliveryCount: Value(deliveryCount)
        case .priority: Value(properties.priority.map { Int($0) })
        case .persistent: .flag(properties.isPersistent)
        case .timestamp: Value(properties.timestamp.flatMap(MessageTime.date))
        case .contentType: Value(properties.contentType)
        case .contentEncoding: Value(properties.contentEncoding)
        case .correlationID: Value(properties.correlationID)
        case .replyTo: Value(properties.replyTo)
        case .expiration: Value(properties.expiration)
        case .messageID: Value(properties.messageID)
        case .type: Value(properties.type)
        case .userID: Value(properties.userID)
        case .appID: Value(properties.appID)
        case .reason: Value(DeathHistory(properties.headers)?.latest.reason)
        case .diedIn: Value(DeathHistory(properties.headers)?.latest.queue)
        case .origin: Value(DeathHistory(properties.headers)?.first.queue)
        case .deaths: .integer(DeathHistory(properties.headers)?.total ?? 0)
        case .headers: .list((properties.headers ?? [:]).map { "\($0.key)=\($0.value)" })
        case .body:
            .text(String(decoding: body.readableBytesView.prefix(MessageField.searchedBytes), as: UTF8.self))
        }
    }
}

/// The times in messages: seconds since 1970, of any size.
public enum MessageTime {
    /// Returns a time; nil for one that is no date of this era.
    public static func date(_ seconds: UInt64) -> Date? {
        // As seconds this is the end of the year 9999.
        seconds < 253_402_300_800 ? Date(timeIntervalSince1970: Double(seconds)) : nil
    }

    /// A time in UTC; those that are no date of this era stay numbers.
    public static func text(_ seconds: UInt64) -> String {
        date(seconds)?.formatted(.iso8601) ?? String(seconds)
    }
}
