public import Names

/// The limits of a vhost or of a user; see <https://www.rabbitmq.com/docs/vhosts#limits> and
/// <https://www.rabbitmq.com/docs/user-limits>.
public struct LimitInfo: ManagementObject, Hashable {
    /// Of what the limits are: the vhost's name or the user's.
    public var owner: Name
    /// By the limit's name; 0 allows nothing, a negative one everything.
    public var limits: [Name: Int]

    public init(owner: Name, limits: [Name: Int]) {
        self.owner = owner
        self.limits = limits
    }

    public init?(json: JSONValue) {
        guard let fields = ObjectFields(json), let owner = fields.name("vhost") ?? fields.name("user") else {
            return nil
        }
        self.owner = owner
        limits = fields.map("value").compactMapValues { $0.integerValue.flatMap { Int(exactly: $0) } }
    }
}

/// What can be limited in a vhost.
public enum VhostLimit: String, Sendable, Hashable, Codable, CaseIterable {
    case maxConnections = "max-connections"
    case maxQueues = "max-queues"
}

/// What can be limited of a user.
public enum UserLimit: String, Sendable, Hashable, Codable, CaseIterable {
    case maxConnections = "max-connections"
    case maxChannels = "max-channels"
}
