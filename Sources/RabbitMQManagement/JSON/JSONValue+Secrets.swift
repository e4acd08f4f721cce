import Names

extension JSONValue {
    /// The value as JSON with its keys in order, without passwords.
    public var publicText: String { withoutSecrets.jsonText }

    /// The value without passwords: members named for secrets are `***`, and URIs have neither user information nor a
    /// query.
    public var withoutSecrets: JSONValue {
        switch self {
        case .null, .bool, .integer, .largeInteger, .number: self
        case .string(let text): .string(Self.withoutSecrets(text))
        case .array(let elements): .array(elements.map(\.withoutSecrets))
        case .object(let members):
            .object(
                Dictionary(
                    uniqueKeysWithValues: members.map { key, value in
                        (key, Self.isSecret(key) ? .string("***") : value.withoutSecrets)
                    }))
        }
    }

    private static func isSecret(_ key: Name) -> Bool {
        let key = Name(key.text.lowercased())
        return ["password", "passphrase", "passwd", "secret", "token", "credential"].contains { key.contains($0) }
    }

    /// Returns a text in which URIs have neither user information nor a query: both may hold passwords.
    private static func withoutSecrets(_ text: String) -> String {
        let mark = Array("://".utf8)
        let bytes = Array(text.utf8)
        var result: [UInt8] = []
        var index = 0
        while index < bytes.count {
            guard bytes[index...].starts(with: mark) else {
                result.append(bytes[index])
                index += 1
                continue
            }
            index += mark.count
            // Nothing but white space surely ends a URI; what stands before the last @ may all be a password.
            let end = bytes[index...].firstIndex { $0 <= UInt8(ascii: " ") } ?? bytes.endIndex
            var rest = bytes[index..<end]
            result += mark
            if let at = rest.lastIndex(of: UInt8(ascii: "@")) {
                result += "***@".utf8
                rest = rest[(at + 1)...]
            }
            if let query = rest.firstIndex(of: UInt8(ascii: "?")) {
                result += rest[..<query] + "?***".utf8
            } else {
                result += rest
            }
            index = end
        }
        return String(decoding: result, as: UTF8.self)
    }
}
