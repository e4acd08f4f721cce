import Names

/// The message statistics of an object (a queue, channel, exchange, vhost or the whole cluster): totals and rates.
///
/// Source: the `message_stats` object of the HTTP API reference, <https://www.rabbitmq.com/docs/http-api-reference>.
public struct MessageStats: Sendable, Hashable {
    /// The events that are counted.
    public enum Event: Int, Sendable, Hashable, CaseIterable {
        /// Published.
        case publish
        /// Published to an exchange.
        case publishIn
        /// Routed from an exchange, once for each destination.
        case publishOut
        /// Confirmed to the publisher.
        case confirm
        /// Delivered to a consumer with acknowledgements.
        case deliver
        /// Delivered to a consumer without acknowledgements.
        case deliverNoAck
        /// Delivered to consumers, or fetched: the sum of the four kinds.
        case deliverGet
        /// Fetched with `basic.get`, with acknowledgement.
        case get
        /// Fetched with `basic.get`, without acknowledgement.
        case getNoAck
        /// A `basic.get` on an empty queue.
        case getEmpty
        /// Acknowledged.
        case ack
        /// Redelivered.
        case redeliver
        /// Returned to the publisher, because `mandatory` and unroutable.
        case returnUnroutable
        /// Dropped, because unroutable and not `mandatory`.
        case dropUnroutable
        /// Read from disk by a queue.
        case diskReads
        /// Written to disk by a queue.
        case diskWrites

        var key: Name {
            switch self {
            case .publish: "publish"
            case .publishIn: "publish_in"
            case .publishOut: "publish_out"
            case .confirm: "confirm"
            case .deliver: "deliver"
            case .deliverNoAck: "deliver_no_ack"
            case .deliverGet: "deliver_get"
            case .get: "get"
            case .getNoAck: "get_no_ack"
            case .getEmpty: "get_empty"
            case .ack: "ack"
            case .redeliver: "redeliver"
            case .returnUnroutable: "return_unroutable"
            case .dropUnroutable: "drop_unroutable"
            case .diskReads: "disk_reads"
            case .diskWrites: "disk_writes"
            }
        }
    }

    private var figures: [Figure]

    /// Creates statistics of which nothing is known.
    public init() { figures = Array(repeating: .absent, count: Event.allCases.count) }

    init(fields: ObjectFields) { figures = Event.allCases.map { fields.figure($0.key) } }

    /// Total and rate of an event; ``Figure/absent`` if the broker does not count it.
    public subscript(event: Event) -> Figure {
        get { figures[event.rawValue] }
        set { figures[event.rawValue] = newValue }
    }

    /// Messages published.
    public var publish: Figure { self[.publish] }
    /// Messages published to an exchange.
    public var publishIn: Figure { self[.publishIn] }
    /// Messages routed from an exchange, once for each destination.
    public var publishOut: Figure { self[.publishOut] }
    /// Messages confirmed to the publisher.
    public var confirm: Figure { self[.confirm] }
    /// Messages delivered to consumers with acknowledgements.
    public var deliver: Figure { self[.deliver] }
    /// Messages delivered to consumers without acknowledgements.
    public var deliverNoAck: Figure { self[.deliverNoAck] }
    /// Messages delivered to consumers, or fetched: the sum of the four kinds.
    public var deliverGet: Figure { self[.deliverGet] }
    /// Messages fetched with `basic.get`, with acknowledgement.
    public var get: Figure { self[.get] }
    /// Messages fetched with `basic.get`, without acknowledgement.
    public var getNoAck: Figure { self[.getNoAck] }
    /// `basic.get` requests on an empty queue.
    public var getEmpty: Figure { self[.getEmpty] }
    /// Messages acknowledged.
    public var ack: Figure { self[.ack] }
    /// Messages redelivered.
    public var redeliver: Figure { self[.redeliver] }
    /// Messages returned to the publisher, because `mandatory` and unroutable.
    public var returnUnroutable: Figure { self[.returnUnroutable] }
    /// Messages dropped, because unroutable and not `mandatory`.
    public var dropUnroutable: Figure { self[.dropUnroutable] }
    /// Messages read from disk by a queue.
    public var diskReads: Figure { self[.diskReads] }
    /// Messages written to disk by a queue.
    public var diskWrites: Figure { self[.diskWrites] }
}
