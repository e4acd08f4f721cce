public import Names

/// A change of what is configured on the broker.
public enum ConfigurationChange: Sendable, Equatable {
    /// Declares a queue.
    case declareQueue(QueueDeclaration)
    /// Declares an exchange.
    case declareExchange(ExchangeDeclaration)
    /// Binds a queue or an exchange to an exchange.
    case bind(BindingDeclaration)
    /// Removes a binding, known by the name that the configuration has for it.
    case unbind(vhost: Name, binding: Name)
    /// Creates a policy, or replaces the one of the same name.
    case setPolicy(PolicyDeclaration)
    /// Deletes a policy.
    case deletePolicy(EntityID)
    /// Changes what a view shows that is reached by its name.
    case named(NamedChange)

    /// The vhost of the change; `nil` for what concerns the whole cluster.
    public var vhost: Name? {
        switch self {
        case .declareQueue(let queue): queue.id.vhost
        case .declareExchange(let exchange): exchange.id.vhost
        case .bind(let binding): binding.vhost
        case .unbind(let vhost, _): vhost
        case .setPolicy(let policy): policy.id.vhost
        case .deletePolicy(let id): id.vhost
        case .named(let change): change.vhost
        }
    }

    /// Whether it takes something away, so that it is asked about first.
    public var isDestructive: Bool {
        switch self {
        case .declareQueue, .declareExchange, .bind, .setPolicy: false
        case .unbind, .deletePolicy: true
        case .named(let change): change.isDestructive
        }
    }

    /// What is done, as in `declaration of queue orders`.
    public var title: String {
        switch self {
        case .declareQueue(let queue): "declaration of queue \(queue.id.name)"
        case .declareExchange(let exchange): "declaration of exchange \(exchange.id.name)"
        case .bind(let binding): "binding of \(binding.destination) to \(binding.source)"
        case .unbind(_, let binding): "removal of the binding \(binding)"
        case .setPolicy(let policy): "policy \(policy.id.name)"
        case .deletePolicy(let id): "deletion of policy \(id.name)"
        case .named(let change): change.title
        }
    }

    /// The view reached by its name whose rows it changes; `nil` for another.
    public var view: NamedView? {
        switch self {
        case .declareQueue, .declareExchange: nil
        case .bind, .unbind: .bindings
        case .setPolicy, .deletePolicy: .policies
        case .named(let change): change.view
        }
    }

    /// The right that it needs, in a clause.
    public var right: String {
        switch self {
        case .declareQueue(let queue):
            "it needs the permission to configure \(queue.id.name) in vhost \(queue.id.vhost)"
        case .declareExchange(let exchange):
            "it needs the permission to configure \(exchange.id.name) in vhost \(exchange.id.vhost)"
        case .bind, .unbind: Self.rightToBind
        case .setPolicy, .deletePolicy: Self.rightToSetPolicies
        case .named(let change): change.right
        }
    }

    static let rightToBind = "it needs the permission to read the exchange and to write what it is bound to"
    static let rightToSetPolicies =
        "it needs a user with the tag policymaker or administrator, and access to the vhost"

    /// The row that it creates; nil if it has none.
    var created: RowID? {
        switch self {
        case .declareQueue(let queue): .queue(queue.id)
        case .declareExchange(let exchange): .exchange(exchange.id)
        case .bind, .unbind, .setPolicy, .deletePolicy, .named: nil
        }
    }
}

/// A named setting: an argument of a queue, an exchange or a binding, a key of a policy.
public struct NamedSetting: Sendable, Equatable {
    /// Its name: `x-max-length`.
    public var name: Name
    /// Its value with its type.
    public var value: TypedHeaderValue

    /// Creates a setting.
    public init(_ name: Name, _ value: TypedHeaderValue) {
        self.name = name
        self.value = value
    }
}

/// A queue to declare.
public struct QueueDeclaration: Sendable, Equatable {
    /// The type of a queue.
    public enum Kind: String, Sendable, CaseIterable {
        case classic, quorum, stream
    }

    /// Its name and vhost.
    public var id: EntityID
    /// Its type.
    public var kind: Kind
    /// Whether it survives a restart of the broker.
    public var isDurable = true
    /// Whether it is deleted with its last consumer.
    public var isAutoDelete = false
    /// Its arguments, without the type.
    public var arguments: [NamedSetting] = []

    /// Creates a declaration of a durable queue.
    public init(id: EntityID, kind: Kind) {
        self.id = id
        self.kind = kind
    }
}

/// An exchange to declare.
public struct ExchangeDeclaration: Sendable, Equatable {
    /// Its name and vhost.
    public var id: EntityID
    /// Its type, as the broker names it.
    public var type: String
    /// Whether it survives a restart of the broker.
    public var isDurable = true
    /// Whether it is deleted with its last binding.
    public var isAutoDelete = false
    /// Whether only other exchanges can publish to it.
    public var isInternal = false
    /// Its arguments.
    public var arguments: [NamedSetting] = []

    /// Creates a declaration of a durable exchange.
    public init(id: EntityID, type: String) {
        self.id = id
        self.type = type
    }

    public static func == (one: Self, other: Self) -> Bool {
        one.id == other.id && one.type.hasSameBytes(as: other.type) && one.isDurable == other.isDurable
            && one.isAutoDelete == other.isAutoDelete && one.isInternal == other.isInternal
            && one.arguments == other.arguments
    }
}

/// A binding to make.
public struct BindingDeclaration: Sendable, Equatable {
    /// The vhost.
    public var vhost: Name
    /// The exchange that it starts from.
    public var source: Name
    /// The queue or exchange that it leads to.
    public var destination: Name
    /// Whether it leads to a queue, and not to an exchange.
    public var isToQueue: Bool
    /// The key.
    public var key: Name
    /// The arguments, which a headers exchange matches.
    public var arguments: [NamedSetting] = []

    /// Creates a binding.
    public init(vhost: Name, source: Name, destination: Name, isToQueue: Bool, key: Name) {
        self.vhost = vhost
        self.source = source
        self.destination = destination
        self.isToQueue = isToQueue
        self.key = key
    }
}

/// A policy to set.
public struct PolicyDeclaration: Sendable, Equatable {
    /// Its name and vhost.
    public var id: EntityID
    /// A regular expression that names must match.
    public var pattern: Name
    /// What it applies to.
    public var target: PolicyTarget
    /// Of several policies that match, the one with the highest priority applies.
    public var priority: Int
    /// What it sets.
    public var definition: [NamedSetting]

    /// Creates a policy.
    public init(id: EntityID, pattern: Name, target: PolicyTarget, priority: Int, definition: [NamedSetting]) {
        self.id = id
        self.pattern = pattern
        self.target = target
        self.priority = priority
        self.definition = definition
    }
}

/// What a policy applies to, as the broker names it.
public enum PolicyTarget: String, Sendable, CaseIterable {
    case all
    case queues
    case classicQueues = "classic_queues"
    case quorumQueues = "quorum_queues"
    case streams
    case exchanges

    /// The first version that knows it; nil for all versions.
    var since: BrokerVersion? {
        switch self {
        case .all, .queues, .exchanges: nil
        case .classicQueues, .quorumQueues, .streams: BrokerVersion(major: 3, minor: 12)
        }
    }

    /// Whether it applies to queues of a type; true for a type that is not known.
    public func covers(queueType type: String?) -> Bool {
        switch self {
        case .all, .queues: true
        case .classicQueues: type == nil || type == "classic"
        case .quorumQueues: type == nil || type == "quorum"
        case .streams: type == nil || type == "stream"
        case .exchanges: false
        }
    }

    /// Whether it applies to exchanges.
    public var coversExchanges: Bool { self == .all || self == .exchanges }
}
