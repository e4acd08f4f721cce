public import Faults
public import Foundation
public import Names

/// What was known of the broker at one time: from the history, from a recording, or now.
///
/// A part that is `nil` was not known at that time. Live, earlier and replayed data enter the state as the same rows,
/// so a view does not know which it shows.
public struct Moment: Sendable {
    /// The time that the moment describes.
    public var at: Date
    /// The cluster, its nodes and totals.
    public var cluster: ClusterPart?
    /// The queues.
    public var queues: ListPart<QueueRow>?
    /// The connections.
    public var connections: ListPart<ConnectionRow>?
    /// The channels.
    public var channels: ListPart<ChannelRow>?
    /// The consumers.
    public var consumers: ListPart<ConsumerRow>?
    /// The exchanges.
    public var exchanges: ListPart<ExchangeRow>?
    /// The connections and channels of the client library.
    public var client: ListPart<ClientRow>?
    /// The policies, bindings, feature flags and versions.
    public var configuration: ConfigurationPart?
    /// The status of each source.
    public var sources: [SourceStatus] = []
    /// The faults that were injected until then, the newest last.
    public var faults: [FaultRecord] = []
    /// The events until then, the newest last.
    public var entries: [LedgerEntry] = []
    /// The findings that were true.
    public var findings: [Finding] = []

    /// Creates a moment of which nothing is known.
    public init(at: Date) {
        self.at = at
    }
}

/// The configuration of a broker, as far as it is compared between two times.
public struct ConfigurationPart: Sendable, Equatable, Codable {
    /// The time of the report.
    public var at: Date
    /// Everything that is configured.
    public var items: [ConfigurationItem]
    /// The kinds of which nothing is known, because the user may not read them or the broker has too many: no item of
    /// them does not mean that there is none.
    public var unknown: Set<ConfigurationItem.Kind>

    /// Creates a part.
    public init(at: Date, items: [ConfigurationItem], unknown: Set<ConfigurationItem.Kind> = []) {
        self.at = at
        self.items = items
        self.unknown = unknown
    }
}

/// One thing that is configured: a policy, a binding, a feature flag, the arguments of a queue, a version.
public struct ConfigurationItem: Sendable, Hashable, Codable {
    /// The kind of an item.
    public enum Kind: String, Sendable, Codable, CaseIterable {
        case policy
        case operatorPolicy = "operator policy"
        case binding
        case featureFlag = "feature flag"
        case queueArguments = "queue arguments"
        case exchange
        case vhostLimit = "vhost limit"
        case parameter
        case globalParameter = "global parameter"
        case virtualHost = "vhost"
        case user
        case permission
        case topicPermission = "topic permission"
        case version

        /// The kinds that a recording never has: only definitions have them.
        public static let ofDefinitionsAlone: Set<Self> = [
            .globalParameter, .virtualHost, .user, .permission, .topicPermission,
        ]
    }

    /// The kind of the item.
    public var kind: Kind
    /// The vhost that it belongs to; `nil` for the cluster.
    public var vhost: Name?
    /// The name of the item, unique within its kind and vhost.
    public var name: Name
    /// The value in words, without secrets: a policy's pattern and definition, a flag's state.
    public var value: Name
    /// The parts of the value by their names, where they are known apart: `nil` for what a recording holds.
    public var fields: [Name: Name]?

    /// Creates an item.
    public init(_ kind: Kind, vhost: Name? = nil, name: Name, value: Name, fields: [Name: Name]? = nil) {
        self.kind = kind
        self.vhost = vhost
        self.name = name
        self.value = value
        self.fields = fields
    }
}
