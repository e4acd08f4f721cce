import Names
import TopCore

/// A request that the poller repeats.
enum Ask: Hashable, Sendable {
    /// Whether the management API answers at all; the smallest request there is.
    case pulse
    /// The overview and the nodes.
    case cluster
    case vhosts
    /// The depths of all queues from one node's Prometheus endpoint.
    case bulk(node: Name)
    /// The depths of all queues from the management API, used without a Prometheus endpoint when the list is small.
    case cheap
    /// The details of the queues on the screen, one queue per request.
    case rich
    /// One page of queues, sorted by the broker.
    case page
    /// The queues that are listed but unavailable because their node is down.
    case downQueues
    /// Passive declares of the queues on the screen in one vhost.
    case live(vhost: Name)
    case connections, channels, consumers, exchanges, bindings
    case client
    /// The report of the attached process.
    case attached
    case detail
    /// Where the message in the form for publishing would go.
    case route
    /// Where the messages of the queue or exchange come from whose list of places is open.
    case incoming
    /// All rows of a list, for the rules and the history, whatever is on the screen.
    case whole(WatchedList)
    /// The details of the rows that the rules ask for.
    case suspects
    /// Policies, bindings, feature flags and the like.
    case configuration
    /// How far the members of quorum queues on a node are, and the consumers of streams that are connected to it.
    case logs(node: Name)
    /// Which exchanges of a node's channels get messages that reach no queue.
    case unroutable(node: Name)
    /// How far the consumers of streams lag behind, from the plugin rabbitmq_stream_management.
    case streamConsumers
    /// The rows of a view that is reached by its name.
    case named(NamedView)

    /// Whether its requests may name a single vhost, which the broker refuses to a user without access to it.
    var namesVhost: Bool {
        switch self {
        case .cheap, .rich, .page, .downQueues, .consumers, .exchanges, .bindings, .detail, .route, .incoming:
            true
        case .pulse, .cluster, .vhosts, .bulk, .live, .connections, .channels, .client, .attached, .whole,
            .suspects, .configuration, .logs, .unroutable, .streamConsumers, .named:
            false
        }
    }

    var source: PolledSource {
        switch self {
        case .pulse, .cluster, .vhosts, .cheap, .rich, .page, .downQueues, .connections, .channels, .consumers,
            .exchanges, .bindings, .detail, .route, .incoming, .whole, .suspects, .configuration,
            .streamConsumers, .named:
            .management
        case .bulk(let node), .logs(let node), .unroutable(let node): .prometheus(node: node)
        case .live(let vhost): .amqp(vhost: vhost)
        case .client: .client
        case .attached: .attached
        }
    }
}

/// A list of which all rows are polled in the background.
enum WatchedList: Hashable, Sendable, CaseIterable {
    case queues, connections, channels, consumers, exchanges
}

/// What answers a request: a source of figures, as far as the plan tells its parts apart. When one request finds it
/// dead, all of its requests wait until it is back.
enum PolledSource: Hashable, Sendable {
    case management
    case prometheus(node: Name)
    case amqp(vhost: Name)
    case client
    case attached

    /// The name and node under which its health is shown.
    var shown: (name: SourceName, node: Name?) {
        switch self {
        case .management: (.management, nil)
        case .prometheus(let node): (.prometheus, node)
        case .amqp: (.amqp, nil)
        case .client: (.client, nil)
        case .attached: (.attached, nil)
        }
    }
}

/// How a request ended, as far as the next one depends on it.
enum AskResult: Sendable, Equatable {
    case answered
    /// The source does not answer: nothing listens there, or the request timed out.
    case dead
    /// The source answers and refuses all requests of this user; it is polled rarely.
    case denied
    /// The source answers, but refuses this request.
    case refused
    /// No request was sent, because something it needs is not known yet.
    case skipped
}
