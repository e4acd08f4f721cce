public import Names

/// A view of the broker's configuration and of what runs beside its queues. It has no key: it is reached by its name.
public enum NamedView: String, Sendable, CaseIterable, Codable {
    case bindings, policies, users, vhosts
    /// Feature flags and deprecated features.
    case flags
    case streams
    /// Shovels and federation links.
    case shovels
    /// Exchanges, bindings and queues as a tree.
    case topology

    /// The heading on the screen.
    public var title: String {
        switch self {
        case .bindings: "Bindings"
        case .policies: "Policies"
        case .users: "Users"
        case .vhosts: "Vhosts"
        case .flags: "Flags"
        case .streams: "Streams"
        case .shovels: "Shovels"
        case .topology: "Topology"
        }
    }

    /// What the rows are, in words.
    public var things: String {
        switch self {
        case .bindings, .policies, .users, .vhosts, .streams: rawValue
        case .flags: "feature flags"
        case .shovels: "shovels or federation links"
        case .topology: "exchanges or queues"
        }
    }

    /// What one row is, in a word or two.
    public var thing: String {
        switch self {
        case .bindings: "binding"
        case .policies: "policy"
        case .users: "user"
        case .vhosts: "vhost"
        case .flags: "feature flag"
        case .streams: "stream"
        case .shovels: "link"
        case .topology: "topology"
        }
    }

    /// The type of the view's rows.
    var rowType: any TableRow.Type {
        switch self {
        case .bindings: BindingRow.self
        case .policies: PolicyRow.self
        case .users: UserRow.self
        case .vhosts: VhostRow.self
        case .flags: FeatureRow.self
        case .streams: StreamRow.self
        case .shovels: LinkRow.self
        case .topology: TopologyRow.self
        }
    }
}

/// The identity of a row in a view that is reached by its name.
public struct NamedRowID: Hashable, Sendable {
    /// The view.
    public var view: NamedView
    /// The vhost that the row belongs to; `nil` for a row of the whole cluster.
    public var vhost: Name?
    /// The name of the row.
    public var name: Name
    /// What tells rows of the same name apart.
    public var more: Name

    /// Creates an identity.
    public init(_ view: NamedView, vhost: Name? = nil, name: Name, more: Name = "") {
        self.view = view
        self.vhost = vhost
        self.name = name
        self.more = more
    }
}
