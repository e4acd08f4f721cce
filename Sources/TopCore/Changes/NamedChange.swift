public import Names

/// A change of what a view shows that is reached by its name.
public enum NamedChange: Sendable, Equatable {
    /// Removes a binding.
    case removeBinding(BindingRow)
    /// Sets the limits of a vhost or a user.
    case setLimits(LimitChange)
    /// Begins or ends the tracing of a vhost's messages.
    case setTracing(vhost: Name, isOn: Bool)
    /// Enables a feature flag, for good.
    case enableFlag(Name)
    /// Sets what a user may do in a vhost.
    case setPermission(user: Name, UserRow.Permission)
    /// Deletes a dynamic shovel.
    case deleteShovel(EntityID)
    /// Restarts a dynamic shovel.
    case restartShovel(EntityID)
    /// Restarts a link of federation.
    case restartLink(FederationLinkID)

    /// The vhost; `nil` for what concerns the whole cluster.
    public var vhost: Name? {
        switch self {
        case .removeBinding(let row): row.vhost
        case .setLimits(let change): change.owner.vhost
        case .setTracing(let vhost, _): vhost
        case .enableFlag: nil
        case .setPermission(_, let permission): permission.vhost
        case .deleteShovel(let id), .restartShovel(let id): id.vhost
        case .restartLink(let link): link.vhost
        }
    }

    /// The view whose rows it changes.
    public var view: NamedView {
        switch self {
        case .removeBinding: .bindings
        case .setLimits(let change): change.owner.view
        case .setTracing: .vhosts
        case .enableFlag: .flags
        case .setPermission: .users
        case .deleteShovel, .restartShovel, .restartLink: .shovels
        }
    }

    /// Whether it takes something away, interrupts something or cannot be undone, so that it is asked about first.
    public var isDestructive: Bool {
        switch self {
        case .removeBinding, .enableFlag, .deleteShovel, .restartShovel, .restartLink: true
        case .setTracing(_, let isOn): isOn
        case .setLimits, .setPermission: false
        }
    }

    /// What is done, as in `tracing of vhost orders`.
    public var title: String {
        switch self {
        case .removeBinding(let row): "removal of the binding \(row.words)"
        case .setLimits(let change): "limits of \(change.owner.words)"
        case .setTracing(let vhost, let isOn): "\(isOn ? "tracing" : "end of the tracing") of vhost \(vhost)"
        case .enableFlag(let name): "feature flag \(name)"
        case .setPermission(let user, let permission): "permission of \(user) in vhost \(permission.vhost)"
        case .deleteShovel(let id): "deletion of shovel \(id.name)"
        case .restartShovel(let id): "restart of shovel \(id.name)"
        case .restartLink(let link): "restart of the link from \(link.upstream)"
        }
    }

    /// The right that it needs, in a clause.
    public var right: String {
        switch self {
        case .removeBinding: ConfigurationChange.rightToBind
        case .setLimits, .setTracing, .enableFlag, .setPermission: "it needs a user with the tag administrator"
        case .deleteShovel: ConfigurationChange.rightToSetPolicies
        case .restartShovel, .restartLink:
            "it needs a user with the tag monitoring or policymaker, by the broker's version, and access to the vhost"
        }
    }
}

/// A link of federation, as the broker addresses it.
public struct FederationLinkID: Sendable, Hashable {
    /// The vhost.
    public var vhost: Name
    /// The name of its upstream.
    public var upstream: Name
    /// The broker's own identity of the link.
    public var id: Name
    /// The node that runs it.
    public var node: Name

    /// Creates an identity.
    public init(vhost: Name, upstream: Name, id: Name, node: Name) {
        self.vhost = vhost
        self.upstream = upstream
        self.id = id
        self.node = node
    }
}

/// The limits of a vhost or a user: those that are not given are removed.
public struct LimitChange: Sendable, Equatable {
    /// What limits apply to.
    public enum Owner: Sendable, Hashable {
        case vhost(Name), user(Name)

        /// The limits that it can have.
        public var limits: [Limit] {
            switch self {
            case .vhost: [.connections, .queues]
            case .user: [.connections, .channels]
            }
        }

        /// The owner in words: `vhost orders`.
        public var words: String {
            switch self {
            case .vhost(let name): "vhost \(name)"
            case .user(let name): "user \(name)"
            }
        }

        var vhost: Name? { if case .vhost(let name) = self { name } else { nil } }

        var view: NamedView {
            switch self {
            case .vhost: .vhosts
            case .user: .users
            }
        }
    }

    /// A limit, as the broker names it.
    public enum Limit: String, Sendable, Hashable, CaseIterable {
        case connections = "max-connections"
        case queues = "max-queues"
        case channels = "max-channels"

        /// What is limited.
        var things: String {
            switch self {
            case .connections: "connections"
            case .queues: "queues"
            case .channels: "channels"
            }
        }
    }

    /// What they apply to.
    public var owner: Owner
    /// The limits to set; 0 allows none.
    public var values: [Limit: Int]

    /// Creates a change.
    public init(of owner: Owner, to values: [Limit: Int]) {
        self.owner = owner
        self.values = values
    }
}

extension BindingRow {
    /// The binding in words: `orders to queue invoices by 'new'`.
    var words: String {
        let arguments = arguments.isEmpty ? "" : " \(arguments)"
        return "\(sourceName) to \(destinationKind.rawValue) \(destination) by '\(routingKey)'\(arguments)"
    }
}
