import AMQPWire

/// The arguments of a binding to a headers exchange (RabbitMQ documentation: Exchanges, headers).
public struct HeadersMatch: Sendable, Hashable {
    /// Which headers must be there (`x-match`).
    public enum Kind: String, Sendable, Hashable, Codable, CaseIterable {
        /// Every one; those whose names begin with `x-` are not looked at.
        case all
        /// At least one; those whose names begin with `x-` are not looked at.
        case any
        /// Every one, those of `x-` names too.
        case allWithX = "all-with-x"
        /// At least one, those of `x-` names too.
        case anyWithX = "any-with-x"
    }

    public var kind: Kind
    /// What the message's headers are compared with. A void value asks only that the header is there.
    public var headers: FieldTable

    public init(_ kind: Kind, _ headers: FieldTable) {
        self.kind = kind
        self.headers = headers
    }

    /// As it goes on the wire.
    public var table: FieldTable {
        var table = headers
        table["x-match"] = .string(kind.rawValue)
        return table
    }
}
