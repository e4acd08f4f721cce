import AMQPWire
import Foundation
import NIOCore
public import Names

/// A message as a line of a file: every property and header with its type, so that it can be published again as it was.
///
/// The format is in `docs/guide/messages.md`.
public struct SavedMessage: Sendable, Hashable {
    /// The message, without the headers that its queue added.
    public var message: TakenMessage
    /// The queue that it was saved from, if it is known.
    public var queue: Name?

    /// Creates the saved form of a message.
    public init(_ message: TakenMessage, queue: Name? = nil) {
        self.message = message
        self.queue = queue
        if var headers = message.properties.headers, headers.contains(where: { BrokerHeader.isOfDelivery($0.key) }) {
            headers.entries.removeAll { BrokerHeader.isOfDelivery($0.key) }
            self.message.properties.headers = headers.isEmpty ? nil : headers
        }
    }

    /// Why a line is not a saved message.
    public struct Malformed: Error, CustomStringConvertible, Sendable, Equatable {
        public var description: String
    }

    /// Reads a line.
    public init(line: some Sequence<UInt8>) throws(Malformed) {
        do {
            self = try JSONDecoder().decode(SavedMessage.self, from: Data(line))
        } catch {
            throw Malformed(description: Self.words(error))
        }
    }

    /// The line, without its end.
    public func line() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.withoutEscapingSlashes, .sortedKeys]
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }

    static func words(_ error: any Error) -> String {
        guard let error = error as? DecodingError else { return "\(error)" }
        let context: DecodingError.Context
        switch error {
        case .typeMismatch(_, let found), .valueNotFound(_, let found), .keyNotFound(_, let found),
            .dataCorrupted(let found):
            context = found
        @unknown default: return "it is not a saved message"
        }
        let path = context.codingPath.map { $0.intValue.map { "[\($0)]" } ?? $0.stringValue }.joined(separator: ".")
        if case .keyNotFound(let key, _) = error {
            return "\(path.isEmpty ? "" : "\(path): ")the key \(key.stringValue) is missing"
        }
        return path.isEmpty ? "it is not JSON of a saved message" : "\(path): \(context.debugDescription)"
    }
}

extension SavedMessage: Codable {
    private enum Key: String, CodingKey {
        case queue, exchange, properties, headers, body, redelivered
        case routingKey = "routing_key"
        case bodyBase64 = "body_base64"
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encodeIfPresent(queue.map(SavedText.init), forKey: .queue)
        try container.encode(SavedText(message.exchange), forKey: .exchange)
        try container.encode(SavedText(message.routingKey), forKey: .routingKey)
        try container.encode(message.redelivered, forKey: .redelivered)
        try container.encode(SavedProperties(properties: message.properties), forKey: .properties)
        try container.encodeIfPresent(message.properties.headers.map(SavedTable.init), forKey: .headers)
        if let text = String(validating: message.body.readableBytesView, as: UTF8.self) {
            try container.encode(text, forKey: .body)
        } else {
            try container.encode(Data(message.body.readableBytesView).base64EncodedString(), forKey: .bodyBase64)
        }
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        queue = try container.decodeIfPresent(SavedText.self, forKey: .queue)?.name
        var properties = try container.decodeIfPresent(SavedProperties.self, forKey: .properties)?.properties
        if let table = try container.decodeIfPresent(SavedTable.self, forKey: .headers)?.table {
            properties = properties ?? BasicProperties()
            properties?.headers = table
        }
        let body: ByteBuffer
        if let encoded = try container.decodeIfPresent(String.self, forKey: .bodyBase64) {
            guard let data = Data(base64Encoded: encoded) else {
                throw DecodingError.dataCorruptedError(
                    forKey: .bodyBase64, in: container, debugDescription: "it is not Base64")
            }
            body = ByteBuffer(bytes: data)
        } else {
            body = ByteBuffer(string: try container.decode(String.self, forKey: .body))
        }
        message = TakenMessage(
            exchange: try container.decode(SavedText.self, forKey: .exchange).short(in: decoder),
            routingKey: try container.decode(SavedText.self, forKey: .routingKey).short(in: decoder),
            properties: properties ?? BasicProperties(), body: body,
            redelivered: try container.decodeIfPresent(Bool.self, forKey: .redelivered) ?? false)
    }
}
