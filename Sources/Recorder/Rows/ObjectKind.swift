import Names
import TopCore

/// The kinds of objects whose figures are recorded. The raw values are stored.
enum ObjectKind: Int, Sendable, CaseIterable {
    case overview = 1
    case node, queue, exchange, connection, channel, consumer, client, source

    /// The word that the names of the kind's tables and view begin with.
    var word: String {
        switch self {
        case .overview: "overview"
        case .node: "node"
        case .queue: "queue"
        case .exchange: "exchange"
        case .connection: "connection"
        case .channel: "channel"
        case .consumer: "consumer"
        case .client: "client"
        case .source: "source"
        }
    }

    /// The list whose polls tell that the figures of the kind are still true.
    var list: RecordedList {
        switch self {
        case .overview, .node: .cluster
        case .queue: .queues
        case .exchange: .exchanges
        case .connection: .connections
        case .channel: .channels
        case .consumer: .consumers
        case .client: .client
        case .source: .sources
        }
    }

    /// The figures, in the order of the table's columns.
    var columns: [FigureColumn] {
        switch self {
        case .overview: ClusterRecord.figures.map(\.column)
        case .node: NodeRow.figures.map(\.column)
        case .queue: QueueRow.figures.map(\.column)
        case .exchange: ExchangeRow.figures.map(\.column)
        case .connection: ConnectionRow.figures.map(\.column)
        case .channel: ChannelRow.figures.map(\.column)
        case .consumer: ConsumerRow.figures.map(\.column)
        case .client: ClientRow.figures.map(\.column)
        case .source: SourceStatus.figures.map(\.column)
        }
    }
}

/// What is polled as one. The raw values are stored.
enum RecordedList: Int, Sendable, CaseIterable {
    case cluster = 1
    case queues, exchanges, connections, channels, consumers, client, sources, configuration

    /// The list that is polled; `nil` for details of single objects.
    init?(_ list: PolledList) {
        switch list {
        case .depths: self = .queues
        case .connections: self = .connections
        case .channels: self = .channels
        case .consumers: self = .consumers
        case .exchanges: self = .exchanges
        case .configuration: self = .configuration
        case .queues, .suspects: return nil
        }
    }

    /// Whether the list is rabbittop's own, which reports it when it changes: the silence of all sources is no gap in
    /// what is known of them.
    var holdsUntilChanged: Bool { self == .sources }
}

/// What distinguishes an object from others of its kind, with the bytes of its names.
struct ObjectIdentity: Hashable, Sendable {
    /// The vhost of a queue, an exchange, or of a consumer's queue.
    var vhost: Name?
    /// The name: of a channel, its connection's; of a consumer, its queue's.
    var name: Name
    /// The connection of a consumer.
    var connection: Name?
    /// The number of a channel, and of a consumer's channel.
    var number: Int?
    /// The tag of a consumer.
    var tag: Name?
    /// What distinguishes objects that are the same otherwise.
    var ordinal = 0

    init(
        vhost: Name? = nil, name: Name, connection: Name? = nil, number: Int? = nil, tag: Name? = nil, ordinal: Int = 0
    ) {
        self.vhost = vhost
        self.name = name
        self.connection = connection
        self.number = number
        self.tag = tag
        self.ordinal = ordinal
    }

    init(_ id: EntityID) {
        self.init(vhost: id.vhost, name: id.name)
    }

    /// The queue or exchange.
    var entity: EntityID { EntityID(vhost: vhost ?? Name(""), name: name) }
}
