import AMQPWire
import BrokerOperations
import Foundation
import Names
import Screen
import TopCore

/// A message that was looked at, for display.
struct ReadMessage: Sendable {
    /// Its place among those that were looked at, from 1.
    var position: Int
    var message: TakenMessage
    /// Its body; nil where only a list is wanted.
    var body: MessageBody?

    init(_ message: TakenMessage, position: Int, showsBody: Bool) {
        self.position = position
        self.message = message
        if showsBody {
            let properties = message.properties
            body = MessageBody(
                Array(message.body.readableBytesView.prefix(MessageBody.mostBytes + 1)),
                contentType: properties.contentType, contentEncoding: properties.contentEncoding)
        }
        // The bytes themselves are not needed any more.
        bodySize = message.body.readableBytes
        preview = String(decoding: message.body.readableBytesView.prefix(200), as: UTF8.self)
        self.message.body = .init()
    }

    let bodySize: Int
    /// The beginning of the body.
    let preview: String

    /// The memory that it takes, in bytes, about.
    var footprint: Int { 1_000 + preview.utf8.count + (body?.text.utf8.count ?? 0) }

    var deaths: DeathHistory? { DeathHistory(message.properties.headers) }

    // MARK: For people

    /// Everything about the message, over several lines. Text from outside has no control characters any more.
    var lines: [String] {
        let size = bodySize == 1 ? "1 byte" : "\(bodySize) bytes"
        var lines = [
            "message \(position): \(size), exchange '\(Text.visible(message.exchange.text))', routing key "
                + "'\(Text.visible(message.routingKey.text))'\(message.redelivered ? ", redelivered" : "")"
        ]
        for property in message.propertyTexts {
            lines.append("  \(Text.padded(property.label, to: 18))\(Text.visible(property.value))")
        }
        if let headers = message.properties.headers {
            lines.append("  headers")
            lines += HeaderLine.tree(headers, depth: 2).map { line in
                let indent = String(repeating: "  ", count: line.depth)
                return indent + Text.visible(line.name) + (line.value.map { " = \(Text.visible($0))" } ?? "")
            }
        }
        guard let body else { return lines }
        var what = body.content.rawValue
        if let charset = body.charset { what += ", \(charset)" }
        if !body.unpacked.isEmpty { what += ", unpacked from \(body.unpacked.joined(separator: ", "))" }
        if body.isCut { what += ", the beginning" }
        if let problem = body.problem { what += "; \(Text.visible(problem))" }
        lines.append("  body (\(what))")
        lines += body.text.lineList.map { "    " + Text.visible(String($0).replacing("\t", with: "    ")) }
        return lines
    }
}

extension ReadMessage: Encodable {
    private enum Key: String, CodingKey {
        case position, size, exchange, redelivered, properties, headers, body
        case routingKey = "routing_key"
        case deliveryCount = "delivery_count"
        case deaths = "x_death"
        case payloadBytes = "payload_bytes"
    }

    private enum BodyKey: String, CodingKey { case content, text, charset, unpacked, cut, problem }

    private enum DeathKey: String, CodingKey {
        case queue, reason, exchange, count, time
        case routingKeys = "routing_keys"
        case originalExpiration = "original_expiration"
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(position, forKey: .position)
        try container.encode(bodySize, forKey: .size)
        try container.encode(bodySize, forKey: .payloadBytes)
        try container.encode(message.exchange, forKey: .exchange)
        try container.encode(message.routingKey, forKey: .routingKey)
        try container.encode(message.redelivered, forKey: .redelivered)
        try container.encode(message.deliveryCount, forKey: .deliveryCount)
        var own = container.nestedContainer(keyedBy: AnyKey.self, forKey: .properties)
        for property in message.propertyTexts {
            let (name, value) = (property.label, property.value)
            if ["priority", "delivery_mode"].contains(name), let number = Int(value) {
                try own.encode(number, forKey: AnyKey(name))
            } else {
                try own.encode(value, forKey: AnyKey(name))
            }
        }
        try container.encode(HeaderJSON.table(message.properties.headers ?? [:]), forKey: .headers)
        var list = container.nestedUnkeyedContainer(forKey: .deaths)
        for death in deaths?.deaths ?? [] {
            var entry = list.nestedContainer(keyedBy: DeathKey.self)
            try entry.encode(death.queue, forKey: .queue)
            try entry.encode(death.reason, forKey: .reason)
            try entry.encode(death.exchange, forKey: .exchange)
            try entry.encode(death.routingKeys, forKey: .routingKeys)
            try entry.encode(death.count, forKey: .count)
            try entry.encode(death.time.map(MessageTime.text), forKey: .time)
            try entry.encode(death.originalExpiration, forKey: .originalExpiration)
        }
        guard let body else { return }
        var shown = container.nestedContainer(keyedBy: BodyKey.self, forKey: .body)
        try shown.encode(body.content.rawValue, forKey: .content)
        try shown.encode(body.text, forKey: .text)
        try shown.encode(body.charset, forKey: .charset)
        try shown.encode(body.unpacked, forKey: .unpacked)
        try shown.encode(body.isCut, forKey: .cut)
        try shown.encode(body.problem, forKey: .problem)
    }
}

/// A key of a JSON object that is known only when the program runs.
struct AnyKey: CodingKey {
    var stringValue: String
    var intValue: Int? { nil }

    init(_ name: String) { stringValue = name }
    init?(stringValue: String) { self.init(stringValue) }
    init?(intValue: Int) { nil }
}

/// Headers as plain JSON, for reading: types that JSON does not have become text.
enum HeaderJSON: Encodable {
    case value(FieldValue)

    static func table(_ table: FieldTable) -> HeaderJSON { .value(.table(table)) }

    func encode(to encoder: any Encoder) throws {
        guard case .value(let value) = self else { return }
        if case .table(let table) = value {
            var container = encoder.container(keyedBy: AnyKey.self)
            // Of a repeated key the first value is used.
            for entry in table.reversed() {
                try container.encode(HeaderJSON.value(entry.value), forKey: AnyKey(entry.key.text))
            }
            return
        }
        var container = encoder.singleValueContainer()
        switch value {
        case .bool(let flag): try container.encode(flag)
        case .int8, .uint8, .int16, .uint16, .int32, .uint32: try container.encode(value.intValue)
        case .int64(let number): try container.encode(number)
        case .float, .double, .decimal:
            let number = value.doubleValue.flatMap { $0.isFinite ? $0 : nil }
            if let number { try container.encode(number) } else { try container.encode(value.description) }
        case .string(let text): try container.encode(text)
        case .timestamp(let seconds): try container.encode(MessageTime.text(seconds))
        case .bytes(let bytes): try container.encode(Data(bytes).base64EncodedString())
        case .array(let values): try container.encode(values.map(HeaderJSON.value))
        case .void: try container.encodeNil()
        case .table: break
        }
    }
}
