import AMQPWire

/// The arguments of a binding to a headers exchange (RabbitMQ documentation: Exchanges, headers).
public struct HeadersMatch: Sendable, Hashable {
    /// Which headers must match (`x-match`).
    public enum Kind: String, Sendable, Hashable, Codable, CaseIterable {
        /// All headers; those whose names begin with `x-` are ignored.
        case all
        /// At least one header; those whose names begin with `x-` are ignored.
        case any
        /// All headers, including those whose names begin with `x-`.
        case allWithX = "all-with-x"
        /// At least one header, including those whose names begin with `x-`.
        case anyWithX = "any-with-x"
    }

    /// Which headers must match.
    public var kind: Kind
    /// The headers to compare with those of a message. A void value only requires that the header is present.
    public var headers: FieldTable

    /// Creates the arguments of a binding.
    public init(_ kind: Kind, _ headers: FieldTable) {
        self.kind = kind
        self.headers = headers
    }

    /// The arguments as a field table.
    public var table: FieldTable {
        var table = headers
        table["x-match"] = .string(kind.rawValue)
        return table
    }
}
