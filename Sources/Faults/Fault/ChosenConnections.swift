public import Names

/// Connections that a fault selects by name, because a condition held for them when the fault was ordered. Those that
/// are opened later are not among them.
public struct ChosenConnections: Sendable, Hashable, Codable {
    /// The most connections that can be chosen.
    public static let most = 1_000

    /// The condition as it was typed, for messages.
    @ByBytes public var condition: String
    /// The connections' names as RabbitMQ shows them.
    public var names: Set<Name>

    /// Chooses connections.
    public init(_ condition: String, names: some Sequence<Name>) {
        self.condition = condition
        self.names = Set(names)
    }

    private enum CodingKeys: String, CodingKey, CaseIterable {
        case condition, names
    }

    public init(from decoder: any Decoder) throws {
        try decoder.refuseOthers(than: CodingKeys.allCases.map(\.rawValue))
        let values = try decoder.container(keyedBy: CodingKeys.self)
        condition = try values.decodeIfPresent(String.self, forKey: .condition) ?? ""
        names = Set(try values.decode([Name].self, forKey: .names))
    }

    public func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(condition, forKey: .condition)
        try values.encode(names.sorted(), forKey: .names)
    }

    /// The connections in words: `14 connections where user = orders`.
    public var words: String {
        let count = names.count == 1 ? "1 connection" : "\(names.count) connections"
        return condition.isEmpty ? count : "\(count) where \(condition)"
    }
}
