import AMQPWire
import Foundation
import Names

/// A text of a message in JSON: a string, or `{"base64": …}` where its bytes are not UTF-8.
struct SavedText: Codable {
    var name: Name

    private enum Key: String, CodingKey { case base64 }

    init(_ name: Name) { self.name = name }

    func encode(to encoder: any Encoder) throws {
        if name.isText {
            var container = encoder.singleValueContainer()
            try container.encode(name.text)
        } else {
            var container = encoder.container(keyedBy: Key.self)
            try container.encode(Data(name.bytes).base64EncodedString(), forKey: .base64)
        }
    }

    init(from decoder: any Decoder) throws {
        if let text = try? decoder.singleValueContainer().decode(String.self) {
            name = Name(text)
            return
        }
        let container = try decoder.container(keyedBy: Key.self)
        guard let data = Data(base64Encoded: try container.decode(String.self, forKey: .base64)) else {
            throw DecodingError.dataCorruptedError(
                forKey: .base64, in: container, debugDescription: "it is not Base64")
        }
        name = Name(bytes: data)
    }

    /// The text, if AMQP can carry it as a name: in 255 bytes.
    func short(in decoder: any Decoder) throws -> Name {
        guard name.count <= 255 else {
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: "a name has more than 255 bytes"))
        }
        return name
    }
}

/// The properties of a message in JSON, without the headers.
struct SavedProperties: Codable {
    var properties: BasicProperties

    private enum Key: String, CodingKey, CaseIterable {
        case priority, timestamp, expiration, type
        case contentType = "content_type"
        case contentEncoding = "content_encoding"
        case deliveryMode = "delivery_mode"
        case correlationID = "correlation_id"
        case replyTo = "reply_to"
        case messageID = "message_id"
        case userID = "user_id"
        case appID = "app_id"
        case clusterID = "cluster_id"

        /// The property, if it is a text.
        var text: WritableKeyPath<BasicProperties, Name?>? {
            switch self {
            case .contentType: \.contentType
            case .contentEncoding: \.contentEncoding
            case .correlationID: \.correlationID
            case .replyTo: \.replyTo
            case .expiration: \.expiration
            case .messageID: \.messageID
            case .type: \.type
            case .userID: \.userID
            case .appID: \.appID
            case .clusterID: \.clusterID
            case .priority, .timestamp, .deliveryMode: nil
            }
        }
    }

    init(properties: BasicProperties) { self.properties = properties }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        for key in Key.allCases {
            if let text = key.text {
                try container.encodeIfPresent(properties[keyPath: text].map(SavedText.init), forKey: key)
            }
        }
        try container.encodeIfPresent(properties.priority, forKey: .priority)
        try container.encodeIfPresent(properties.timestamp, forKey: .timestamp)
        try container.encodeIfPresent(properties.deliveryMode, forKey: .deliveryMode)
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        var properties = BasicProperties()
        for key in Key.allCases {
            if let text = key.text, let value = try container.decodeIfPresent(SavedText.self, forKey: key) {
                properties[keyPath: text] = try value.short(in: decoder)
            }
        }
        if let value = try container.decodeIfPresent(UInt8.self, forKey: .priority) { properties.priority = value }
        if let value = try container.decodeIfPresent(UInt64.self, forKey: .timestamp) { properties.timestamp = value }
        if let value = try container.decodeIfPresent(UInt8.self, forKey: .deliveryMode) {
            properties.deliveryMode = value
        }
        self.properties = properties
    }

    /// Sets a property that is written as text, as in the option `--property content_type=text/plain`.
    ///
    /// - Returns: false if there is no such property, or the value does not fit.
    static func set(_ key: String, to value: String, in properties: inout BasicProperties) -> Bool {
        guard let key = Key(rawValue: key), value.utf8.count <= 255 else { return false }
        if let text = key.text {
            properties[keyPath: text] = Name(value)
            return true
        }
        switch key {
        case .priority:
            guard let number = UInt8(value) else { return false }
            properties.priority = number
        case .deliveryMode:
            guard let number = UInt8(value), (1...2).contains(number) else { return false }
            properties.deliveryMode = number
        case .timestamp:
            guard let number = UInt64(value) else { return false }
            properties.timestamp = number
        default: return false
        }
        return true
    }

    /// The names of all properties.
    static var names: [String] { Key.allCases.map(\.rawValue).sorted() }
}
