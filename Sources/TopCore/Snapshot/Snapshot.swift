public import Faults
public import Foundation
public import Names

/// What one source said at one moment. Parts arrive apart from each other and each keeps its own age.
public enum Snapshot: Sendable {
    case cluster(ClusterPart)
    /// Depths of all queues at once, from one node or from the management API.
    case queueDepths(QueueDepthsPart)
    /// Ready and consumers of the rows on screen, by AMQP.
    case queuesLive(QueuesLivePart)
    /// The management API's details of some queues.
    case queuesRich(QueuesRichPart)
    case connections(ListPart<ConnectionRow>)
    case channels(ListPart<ChannelRow>)
    case consumers(ListPart<ConsumerRow>)
    case exchanges(ListPart<ExchangeRow>)
    case client(ListPart<ClientRow>)
    /// The experiments of the lab, and how they go.
    case lab(ListPart<LabRow>)
    case vhosts([Name])
    case detail(DetailPart)
    case sources([SourceStatus])
    case cost(PollingCost)
    /// Faults that were injected, in force or over, the newest last.
    case faults([FaultRecord])
}

/// Who the cluster is, its nodes and totals.
public struct ClusterPart: Sendable, Equatable {
    public var at: Date
    public var name: String?
    /// RabbitMQ's version.
    public var version: String?
    /// Whom the broker takes us for.
    public var user: Name?
    public var overview: OverviewRow
    public var nodes: [NodeRow]
    /// What is not told of this cluster, the most important first.
    public var gaps: [ClusterGap]

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

public struct QueueDepth: Sendable, Equatable {
    public var id: EntityID
    public var messages: Int?
    public var ready: Int?
    public var unacked: Int?
    public var consumers: Int?

    public init(id: EntityID, messages: Int? = nil, ready: Int? = nil, unacked: Int? = nil, consumers: Int? = nil) {
        self.id = id
        self.messages = messages
        self.ready = ready
        self.unacked = unacked
        self.consumers = consumers
    }
}

public struct QueueDepthsPart: Sendable, Equatable {
    public var at: Date
    public var source: DepthSource
    /// The node that reported, for Prometheus: a queue that left this node's report and is in no other's is gone.
    public var node: Name?
    /// The vhost that was asked about, `nil` for all of them.
    public var vhost: Name?
    public var depths: [QueueDepth]
    /// Whether `depths` is all there is; false when only a page of them was had.
    public var isComplete: Bool

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

public struct QueuesLivePart: Sendable, Equatable {
    public var at: Date
    public var depths: [QueueDepth]
    /// Queues that the broker no longer knows (404): they leave the table.
    public var gone: [EntityID]

    public init(at: Date, depths: [QueueDepth], gone: [EntityID] = []) {
        self.at = at
        self.depths = depths
        self.gone = gone
    }
}

public struct QueuesRichPart: Sendable {
    public var at: Date
    public var queues: [(depth: QueueDepth, details: QueueDetails)]
    public var gone: [EntityID]

    public init(at: Date, queues: [(depth: QueueDepth, details: QueueDetails)], gone: [EntityID] = []) {
        self.at = at
        self.queues = queues
        self.gone = gone
    }
}

/// The rows of a view, as many as were asked for.
public struct ListPart<Row: Sendable & Equatable>: Sendable, Equatable {
    public var at: Date
    public var rows: [Row]
    /// How many there are on the broker; more than `rows.count` when only the first ones were asked for.
    public var total: Int
    /// Rows the answer had and nobody could read.
    public var undecodable: Int

    public init(at: Date, rows: [Row], total: Int? = nil, undecodable: Int = 0) {
        self.at = at
        self.rows = rows
        self.total = total ?? rows.count
        self.undecodable = undecodable
    }
}

/// Everything that is known of the selected row, as titled groups of labelled values.
public struct DetailPart: Sendable, Equatable {
    public var at: Date
    public var row: RowID
    public var sections: [DetailSection]
    /// Whether the broker does not know it any more.
    public var isGone: Bool

    public init(at: Date, row: RowID, sections: [DetailSection], isGone: Bool = false) {
        self.at = at
        self.row = row
        self.sections = sections
        self.isGone = isGone
    }
}

public struct DetailSection: Sendable, Equatable {
    public var title: String
    public var fields: [DetailField]

    public init(title: String, fields: [DetailField]) {
        self.title = title
        self.fields = fields
    }
}

public struct DetailField: Sendable, Equatable {
    public var label: String
    public var value: String

    public init(_ label: String, _ value: String) {
        self.label = label
        self.value = value
    }
}

/// What rabbittop's own polling costs, over the last ten seconds or so.
public struct PollingCost: Sendable, Equatable {
    public var at: Date
    /// Requests per second over HTTP, and how much of the time one was being answered.
    public var httpRequestRate: Double
    public var httpBusy: Double
    /// Passive declares per second.
    public var declareRate: Double
    public var bytesPerSecond: Double

    public init(at: Date, httpRequestRate: Double, httpBusy: Double, declareRate: Double, bytesPerSecond: Double) {
        self.at = at
        self.httpRequestRate = httpRequestRate
        self.httpBusy = httpBusy
        self.declareRate = declareRate
        self.bytesPerSecond = bytesPerSecond
    }
}
