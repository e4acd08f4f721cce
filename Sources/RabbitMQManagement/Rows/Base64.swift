import Foundation

enum Base64 {
    /// Decodes standard base64 with or without padding; returns nil if there is any other character.
    static func decode(_ text: String) -> [UInt8]? {
        let padding = String(repeating: "=", count: (4 - text.utf8.count % 4) % 4)
        return Data(base64Encoded: text + padding).map { Array($0) }
    }
}
