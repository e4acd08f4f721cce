import AMQPWire
import Foundation
import NIOCore
import Names
public import TopCore

/// A value of a message that filters can ask for: `routing_key`, `size`, `reason`.
public struct MessageField: Sendable {
    /// The name, as in JSON.
    public let key: String
    /// The kind of the values.
    public let kind: ColumnKind
    /// Returns the value; `none` where the message does not say.
    public let value: @Sendable (TakenMessage) -> Value

    /// All fields, in the order in which help lists them.
    public static let all: [MessageField] = [
        text("exchange") { $0.exchange }, text("routing_key") { $0.routingKey },
        MessageField(key: "size", kind: .bytes) { .integer($0.body.readableBytes) },
        MessageField(key: "redelivered", kind: .flag) { .flag($0.redelivered) },
        MessageField(key: "delivery_count", kind: .count) { $0.deliveryCount.map(Value.integer) ?? .none },
        MessageField(key: "priority", kind: .count) { $0.properties.priority.map { .integer(Int($0)) } ?? .none },
        MessageField(key: "persistent", kind: .flag) { .flag($0.properties.isPersistent) },
        MessageField(key: "timestamp", kind: .time) { message in
            // As seconds this is the end of the year 9999.
            guard let seconds = message.properties.timestamp, seconds < 253_402_300_800 else { return .none }
            return .time(Date(timeIntervalSince1970: Double(seconds)))
        },
        text("content_type") { $0.properties.contentType }, text("content_encoding") { $0.properties.contentEncoding },
        text("correlation_id") { $0.properties.correlationID }, text("reply_to") { $0.properties.replyTo },
        text("expiration") { $0.properties.expiration }, text("message_id") { $0.properties.messageID },
        text("type") { $0.properties.type }, text("user_id") { $0.properties.userID },
        text("app_id") { $0.properties.appID },
        text("reason") { DeathHistory($0.properties.headers)?.latest.reason },
        text("died_in") { DeathHistory($0.properties.headers)?.latest.queue },
        text("origin") { DeathHistory($0.properties.headers)?.first.queue },
        MessageField(key: "deaths", kind: .count) { message in
            let deaths = DeathHistory(message.properties.headers)?.deaths ?? []
            var sum = 0
            for death in deaths {
                let (next, overflows) = sum.addingReportingOverflow(max(1, death.count ?? 1))
                sum = overflows ? .max : next
            }
            return .integer(sum)
        },
        MessageField(key: "headers", kind: .list) { message in
            .list((message.properties.headers ?? [:]).map { "\($0.key)=\($0.value)" })
        },
        MessageField(key: "body", kind: .text) { message in
            .text(String(decoding: message.body.readableBytesView.prefix(MessageFilter.searchedBytes), as: UTF8.self))
        },
    ]

    /// The names that a condition on messages can use.
    static let scope = ConditionScope.row(all.map { ConditionName($0.key, $0.kind) }, of: "messages")

    private static func text(_ key: String, _ value: @escaping @Sendable (TakenMessage) -> Name?) -> MessageField {
        MessageField(key: key, kind: .text) { value($0).map { .text($0.text) } ?? .none }
    }
}
