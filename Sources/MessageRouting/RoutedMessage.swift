public import Names

/// What of a message decides where it goes.
public struct RoutedMessage: Sendable, Hashable {
    /// The exchange that it is published to; empty is the default exchange.
    public var exchange: Name
    /// The routing key.
    public var routingKey: Name
    /// The headers. `CC` and `BCC` hold further routing keys.
    public var headers: HeaderTable

    /// Creates a message.
    public init(exchange: some NameConvertible, routingKey: some NameConvertible, headers: HeaderTable = [:]) {
        self.exchange = exchange.asName
        self.routingKey = routingKey.asName
        self.headers = headers
    }

    /// The header that holds no list of keys as it should; nil if all is well.
    var badHeader: Name? { ["CC", "BCC"].first { headers[$0].map { Self.keys(in: $0) == nil } ?? false } }

    /// All routing keys, each once: its own and those of the headers `CC` and `BCC`.
    public var keys: [Name] {
        var keys = [routingKey]
        var seen: Set<Name> = [routingKey]
        for header: Name in ["CC", "BCC"] {
            for key in headers[header].flatMap(Self.keys) ?? [] where seen.insert(key).inserted { keys.append(key) }
        }
        return keys
    }

    private static func keys(in header: HeaderValue) -> [Name]? {
        guard case .list(let values) = header else { return nil }
        var keys: [Name] = []
        for value in values {
            guard case .text(let key) = value else { return nil }
            keys.append(key)
        }
        return keys
    }
}
