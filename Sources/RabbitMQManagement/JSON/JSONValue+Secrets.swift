import Names

extension JSONValue {
    /// The value as JSON with its keys in order, without secrets.
    public var publicText: String { withoutSecrets.jsonText }

    /// The value without secrets: members named for secrets are `***`, and URIs have neither user information nor a
    /// query.
    public var withoutSecrets: JSONValue {
        switch self {
        case .null, .bool, .integer, .largeInteger, .number: self
        case .string(let text): .string(Redaction.withoutSecrets(text))
        case .array(let elements): .array(elements.map(\.withoutSecrets))
        case .object(let members):
            .object(
                Dictionary(
                    uniqueKeysWithValues: members.map { key, value in
                        (key, Redaction.isSecret(key) ? .string(Redaction.mark) : value.withoutSecrets)
                    }))
        }
    }
}
