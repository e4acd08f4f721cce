import Names
import TopCore

/// One thing that is asked of the broker again and again.
enum Ask: Hashable, Sendable {
    /// Whether the management API answers at all: the smallest request there is.
    case pulse
    /// Overview and nodes.
    case cluster
    case vhosts
    /// All queues' depths from one node's Prometheus endpoint.
    case bulk(node: Name)
    /// All queues' depths from the management API, where there is no Prometheus and the list is small.
    case cheap
    /// The details of the queues on the screen, one by one.
    case rich
    /// One page of queues, sorted by the broker.
    case page
    /// The queues that are listed and not there, because their node is down.
    case downQueues
    /// Passive declares of the queues on the screen, of one vhost.
    case live(vhost: Name)
    case connections, channels, consumers, exchanges, bindings
    case client
    /// The report of the attached process.
    case attached
    case detail

    /// Whether its requests may be for one vhost alone, which the broker refuses to a user without access to it.
    var namesVhost: Bool {
        switch self {
        case .cheap, .rich, .page, .downQueues, .consumers, .exchanges, .bindings, .detail: true
        case .pulse, .cluster, .vhosts, .bulk, .live, .connections, .channels, .client, .attached: false
        }
    }

    var feed: Feed {
        switch self {
        case .pulse, .cluster, .vhosts, .cheap, .rich, .page, .downQueues, .connections, .channels, .consumers,
            .exchanges,
            .bindings,
            .detail:
            .management
        case .bulk(let node): .prometheus(node: node)
        case .live(let vhost): .amqp(vhost: vhost)
        case .client: .client
        case .attached: .attached
        }
    }
}

/// What answers: when one request finds it dead, all of its requests wait until it is back.
enum Feed: Hashable, Sendable {
    case management
    case prometheus(node: Name)
    case amqp(vhost: Name)
    case client
    case attached
}

/// How an ask ended, as far as the next one depends on it.
enum AskResult: Sendable, Equatable {
    case answered
    /// The feed does not answer: nobody listens, or nothing came in time.
    case dead
    /// The feed answers and refuses all requests of this user: asked again rarely.
    case denied
    /// The feed answers, and not to this.
    case refused
    /// Nothing was asked, because something that is needed for it is not known yet.
    case skipped
}
