public import AMQPWire
import Foundation
import Names
public import TopCore

extension TakenMessage {
    /// The properties that are set, without the headers, in the order of their names; times as times.
    public var propertyTexts: [DetailField] {
        let all = properties
        let named: [(String, String?)] = [
            ("app_id", all.appID?.text), ("cluster_id", all.clusterID?.text),
            ("content_encoding", all.contentEncoding?.text), ("content_type", all.contentType?.text),
            ("correlation_id", all.correlationID?.text), ("delivery_mode", all.deliveryMode.map { "\($0)" }),
            ("expiration", all.expiration?.text), ("message_id", all.messageID?.text),
            ("priority", all.priority.map { "\($0)" }), ("reply_to", all.replyTo?.text),
            ("timestamp", all.timestamp.map(MessageTime.text)), ("type", all.type?.text), ("user_id", all.userID?.text),
        ]
        return named.compactMap { name, value in value.map { DetailField(name, $0) } }
    }
}

extension HeaderLine {
    /// Returns a table as a tree. The texts may have control characters.
    public static func tree(_ table: FieldTable, depth: Int = 0) -> [HeaderLine] {
        table.flatMap { branch($0.key.text, $0.value, depth: depth) }
    }

    private static func branch(_ name: String, _ value: FieldValue, depth: Int) -> [HeaderLine] {
        func line(_ text: String?) -> HeaderLine { HeaderLine(depth: depth, name: name, value: text) }
        switch value {
        case .table(let table): return [line(nil)] + tree(table, depth: depth + 1)
        case .array(let values):
            return [line(nil)] + values.enumerated().flatMap { branch("[\($0.offset)]", $0.element, depth: depth + 1) }
        case .timestamp(let seconds): return [line(MessageTime.text(seconds))]
        case .bytes(let bytes):
            return [line("\(bytes.count) bytes \(Data(bytes.prefix(48)).base64EncodedString())")]
        case .bool, .int8, .uint8, .int16, .uint16, .int32, .uint32, .int64, .float, .double, .decimal, .string, .void:
            return [line(value.description)]
        }
    }
}

extension Death {
    /// `rejected in orders, 3 times, first at 2026-01-31T12:00:00Z; was published to exchange 'shop' with key 'new'`.
    var words: String {
        var words = "\(reason.isEmpty ? "died" : reason) in \(queue)"
        if let count, count != 1 { words += ", \(count) times" }
        if let time { words += ", \(MessageTime.text(time))" }
        if let exchange {
            words += "; published to \(exchange.isEmpty ? "the default exchange" : "exchange '\(exchange)'")"
            if !routingKeys.isEmpty {
                words += " with routing key \(routingKeys.map { "'\($0)'" }.joined(separator: ", "))"
            }
        }
        if let originalExpiration { words += "; its expiration was \(originalExpiration) ms" }
        return words
    }
}
