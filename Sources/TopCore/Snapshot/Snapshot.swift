public import Faults
public import Foundation
public import Names

/// The report of one source at one time. Parts arrive independently and each has its own age.
public enum Snapshot: Sendable {
    /// The cluster, its nodes and totals.
    case cluster(ClusterPart)
    /// Depths of all queues, from one node or from the management API.
    case queueDepths(QueueDepthsPart)
    /// Ready messages and consumers of the rows on the screen, by AMQP.
    case queuesLive(QueuesLivePart)
    /// The management API's details of some queues.
    case queuesRich(QueuesRichPart)
    /// The connections.
    case connections(ListPart<ConnectionRow>)
    /// The channels.
    case channels(ListPart<ChannelRow>)
    /// The consumers.
    case consumers(ListPart<ConsumerRow>)
    /// The exchanges.
    case exchanges(ListPart<ExchangeRow>)
    /// The connections and channels of the client library.
    case client(ListPart<ClientRow>)
    /// The experiments and the state of their runs.
    case lab(ListPart<LabRow>)
    /// The names of the vhosts.
    case vhosts([Name])
    /// The details of the selected row.
    case detail(DetailPart)
    /// The status of each source.
    case sources([SourceStatus])
    /// The cost of polling.
    case cost(PollingCost)
    /// The faults that were injected, in force or ended, the newest last.
    case faults([FaultRecord])
    /// The policies, bindings, feature flags and versions.
    case configuration(ConfigurationPart)
    /// Where the message of the form for publishing would go.
    case route(RouteAnswer)
    /// Where the messages of a queue or exchange come from whose list of places is open.
    case incoming(IncomingPart)
    /// The rows of a view that is reached by its name.
    case named(NamedPart)
}

/// The cluster's name and version, its nodes and totals.
public struct ClusterPart: Sendable, Equatable, Codable {
    /// The time of the report.
    public var at: Date
    /// The cluster's name.
    public var name: String?
    /// RabbitMQ's version.
    public var version: String?
    /// The user that rabbittop is authenticated as.
    public var user: Name?
    /// The figures of the whole cluster.
    public var overview: OverviewRow
    /// The nodes of the cluster.
    public var nodes: [NodeRow]
    /// What the cluster does not report, the most important first.
    public var gaps: [ClusterGap]
    /// The vhosts that are in another state than running, on each node; `nil` when the states are not known.
    public var stoppedVhosts: [VhostState]?
    /// The vhosts whose messages are traced (the firehose); `nil` when that is not known.
    public var tracedVhosts: [Name]?
    /// The vhosts that exist and whose queues, exchanges, bindings and policies the broker leaves out, because the user
    /// has no access to them: nothing is known of those.
    public var hiddenVhosts: [Name] = []
    /// How the broker counts rates: `none`, `basic`, or `detailed`, which tells also what a channel publishes to each
    /// exchange.
    public var ratesMode: String?
    /// The exchanges whose messages reach no queue, with their rates, the greatest first; `nil` when they were not asked
    /// for, because there are none.
    public var unroutable: [ExchangePublishes]?

    /// Creates a part; what is not given is unknown.
    public init(
        at: Date, name: String? = nil, version: String? = nil, user: Name? = nil, overview: OverviewRow = .init(),
        nodes: [NodeRow] = [], gaps: [ClusterGap] = []
    ) {
        self.gaps = gaps
        self.at = at
        self.name = name
        self.version = version
        self.user = user
        self.overview = overview
        self.nodes = nodes
    }
}

/// The state of a vhost on one node.
public struct VhostState: Sendable, Hashable, Codable {
    /// The vhost.
    public var vhost: Name
    /// The node.
    public var node: Name
    /// The state as RabbitMQ names it: `running`, `stopped`, `nodedown`.
    public var state: String

    /// Creates a state.
    public init(vhost: Name, node: Name, state: String) {
        self.vhost = vhost
        self.node = node
        self.state = state
    }
}

/// The depth of one queue.
public struct QueueDepth: Sendable, Equatable {
    public var id: EntityID
    /// Ready and unacknowledged messages.
    public var messages: Int?
    /// Messages ready for delivery.
    public var ready: Int?
    /// Messages delivered and not yet acknowledged.
    public var unacked: Int?
    /// The number of consumers.
    public var consumers: Int?

    /// Creates a depth; what is not given is unknown.
    public init(id: EntityID, messages: Int? = nil, ready: Int? = nil, unacked: Int? = nil, consumers: Int? = nil) {
        self.id = id
        self.messages = messages
        self.ready = ready
        self.unacked = unacked
        self.consumers = consumers
    }
}

/// The depths of all queues of a source.
public struct QueueDepthsPart: Sendable, Equatable {
    /// The time of the report.
    public var at: Date
    /// The source of the depths.
    public var source: DepthSource
    /// The node that reported, for Prometheus: a queue that disappears from this node's report and is in no other
    /// node's report is gone.
    public var node: Name?
    /// The vhost that was polled, `nil` for all vhosts.
    public var vhost: Name?
    /// The depths of the queues.
    public var depths: [QueueDepth]
    /// Whether `depths` is complete; false when only a page was fetched.
    public var isComplete: Bool

    /// Creates a part.
    public init(
        at: Date, source: DepthSource, node: Name? = nil, vhost: Name? = nil, depths: [QueueDepth],
        isComplete: Bool = true
    ) {
        self.at = at
        self.source = source
        self.node = node
        self.vhost = vhost
        self.depths = depths
        self.isComplete = isComplete
    }
}

/// The depths of single queues, from passive declares.
public struct QueuesLivePart: Sendable, Equatable {
    /// The time of the report.
    public var at: Date
    /// The depths of the queues.
    public var depths: [QueueDepth]
    /// Queues that the broker no longer knows (404): they are removed from the table.
    public var gone: [EntityID]

    /// Creates a part.
    public init(at: Date, depths: [QueueDepth], gone: [EntityID] = []) {
        self.at = at
        self.depths = depths
        self.gone = gone
    }
}

/// The management API's details of single queues.
public struct QueuesRichPart: Sendable {
    /// The time of the report.
    public var at: Date
    /// The depths and details of the queues.
    public var queues: [(depth: QueueDepth, details: QueueDetails)]
    /// Queues that the broker no longer knows: they are removed from the table.
    public var gone: [EntityID]

    /// Creates a part.
    public init(at: Date, queues: [(depth: QueueDepth, details: QueueDetails)], gone: [EntityID] = []) {
        self.at = at
        self.queues = queues
        self.gone = gone
    }
}

/// The rows of a view, as many as were requested.
public struct ListPart<Row: Sendable & Equatable>: Sendable, Equatable {
    /// The time of the report.
    public var at: Date
    /// The rows of the list.
    public var rows: [Row]
    /// The number of rows on the broker; more than `rows.count` when only the first ones were requested.
    public var total: Int
    /// The number of rows in the response that could not be decoded.
    public var undecodable: Int
    /// Whether the list has every row of the broker that the user may see. A list of one page, one vhost, a filter or a
    /// drill-down does not: a row that is missing from it may still exist.
    public var isWhole: Bool

    /// Creates a list; without a total it has all rows.
    public init(at: Date, rows: [Row], total: Int? = nil, undecodable: Int = 0, isWhole: Bool = false) {
        self.isWhole = isWhole
        self.at = at
        self.rows = rows
        self.total = total ?? rows.count
        self.undecodable = undecodable
    }
}

/// Everything that is known about the selected row, as titled groups of labelled values.
public struct DetailPart: Sendable, Equatable {
    /// The time of the report.
    public var at: Date
    /// The row that the details belong to.
    public var row: RowID
    /// The groups of values.
    public var sections: [DetailSection]
    /// Whether the broker no longer knows the row.
    public var isGone: Bool

    /// Creates the details of a row.
    public init(at: Date, row: RowID, sections: [DetailSection], isGone: Bool = false) {
        self.at = at
        self.row = row
        self.sections = sections
        self.isGone = isGone
    }
}

/// A titled group of labelled values.
public struct DetailSection: Sendable, Equatable {
    /// The title of the group.
    public var title: String
    /// The labelled values of the group.
    public var fields: [DetailField]

    /// Creates a group.
    public init(title: String, fields: [DetailField]) {
        self.title = title
        self.fields = fields
    }
}

/// A labelled value.
public struct DetailField: Sendable, Equatable {
    /// The label.
    public var label: String
    /// The value as text.
    public var value: String

    /// Creates a labelled value.
    public init(_ label: String, _ value: String) {
        self.label = label
        self.value = value
    }
}

/// The cost of rabbittop's own polling, over about the last ten seconds.
public struct PollingCost: Sendable, Equatable {
    /// The time of the report.
    public var at: Date
    /// HTTP requests per second.
    public var httpRequestRate: Double
    /// The fraction of the time during which an HTTP request was being answered.
    public var httpBusy: Double
    /// Passive declares per second.
    public var declareRate: Double
    /// Bytes per second that polling transfers.
    public var bytesPerSecond: Double
    /// How often each list is polled in the background.
    public var paces: [PollingPace]

    /// Creates a cost.
    public init(
        at: Date, httpRequestRate: Double, httpBusy: Double, declareRate: Double, bytesPerSecond: Double,
        paces: [PollingPace] = []
    ) {
        self.paces = paces
        self.at = at
        self.httpRequestRate = httpRequestRate
        self.httpBusy = httpBusy
        self.declareRate = declareRate
        self.bytesPerSecond = bytesPerSecond
    }
}
