import Foundation
import RabbitMQManagement
import Testing

/// Real answers of real brokers.
enum Answers {
    static let versions = ["3.10.8", "4.0.5", "4.3.6"]

    static func bytes(_ version: String, _ name: String) throws -> Data {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Samples")
        return try Data(contentsOf: folder.appendingPathComponent(version).appendingPathComponent(name))
    }

    static func text(_ version: String, _ name: String) throws -> String {
        String(decoding: try bytes(version, name), as: UTF8.self)
    }

    static func json(_ version: String, _ name: String) throws -> JSONValue {
        try #require(JSONValue(parsing: try text(version, name)), "\(version)/\(name)")
    }
}

extension Array {
    /// The only element of a list that must have one.
    func only(_ location: SourceLocation = #_sourceLocation) throws -> Element {
        try #require(count == 1 ? first : nil, "\(count) elements", sourceLocation: location)
    }
}
