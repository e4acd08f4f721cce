import Foundation
import RabbitMQManagement
import Testing

/// Answers of the management API, as text or from the samples.
enum Answer {
    /// Decodes an object of the API.
    static func row<Row: ManagementObject>(_ json: String) throws -> Row {
        let value = try #require(JSONValue(parsing: json))
        return try #require(Row(json: value))
    }

    /// Reads what a broker of this version really answered.
    static func sample(_ version: String, _ name: String) throws -> JSONValue {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("RabbitMQManagementTests/Samples/\(version)/\(name)")
        return try #require(JSONValue(parsing: try String(contentsOf: file, encoding: .utf8)))
    }
}
