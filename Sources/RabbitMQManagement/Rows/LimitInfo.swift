public import Names

/// The limits of a vhost or of a user; see <https://www.rabbitmq.com/docs/vhosts#limits> and
/// <https://www.rabbitmq.com/docs/user-limits>.
public struct LimitInfo: ManagementObject, Hashable {
    /// The name of the vhost or user that the limits apply to.
    public var owner: Name
    /// The limits by name; 0 allows none, a negative value is unlimited.
    public var limits: [Name: Int]

    /// Creates limits.
    public init(owner: Name, limits: [Name: Int]) {
        self.owner = owner
        self.limits = limits
    }

    /// Decodes a row; nil without a vhost or a user.
    public init?(json: JSONValue) {
        guard let fields = ObjectFields(json), let owner = fields.name("vhost") ?? fields.name("user") else {
            return nil
        }
        self.owner = owner
        limits = fields.map("value").compactMapValues { $0.integerValue.flatMap { Int(exactly: $0) } }
    }
}

/// A limit of a vhost.
public enum VhostLimit: String, Sendable, Hashable, Codable, CaseIterable {
    /// The maximum number of connections.
    case maxConnections = "max-connections"
    /// The maximum number of queues.
    case maxQueues = "max-queues"
}

/// A limit of a user.
public enum UserLimit: String, Sendable, Hashable, Codable, CaseIterable {
    /// The maximum number of connections.
    case maxConnections = "max-connections"
    /// The maximum number of channels.
    case maxChannels = "max-channels"
}
