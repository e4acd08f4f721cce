import Names

/// What happened to messages at one place (a queue, channel, exchange, vhost or the whole cluster): totals and rates.
///
/// Source: the `message_stats` object of the HTTP API reference, <https://www.rabbitmq.com/docs/http-api-reference>.
public struct MessageStats: Sendable, Hashable {
    /// What can happen to a message.
    public enum Event: Int, Sendable, Hashable, CaseIterable {
        /// Published.
        case publish
        /// Published into an exchange.
        case publishIn
        /// Published out of an exchange, once for each destination.
        case publishOut
        /// Confirmed to the publisher.
        case confirm
        /// Delivered to a consumer that acknowledges.
        case deliver
        /// Delivered to a consumer that does not.
        case deliverNoAck
        /// Delivered to consumers, or fetched: the sum of the four kinds.
        case deliverGet
        /// Fetched with `basic.get`, to be acknowledged.
        case get
        /// Fetched with `basic.get`, without acknowledgement.
        case getNoAck
        /// A `basic.get` that found nothing.
        case getEmpty
        /// Acknowledged.
        case ack
        /// Delivered again.
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

    public init() { figures = Array(repeating: .absent, count: Event.allCases.count) }

    init(fields: ObjectFields) { figures = Event.allCases.map { fields.figure($0.key) } }

    /// Total and rate of an event; ``Figure/absent`` where the broker counts none.
    public subscript(event: Event) -> Figure {
        get { figures[event.rawValue] }
        set { figures[event.rawValue] = newValue }
    }

    public var publish: Figure { self[.publish] }
    public var publishIn: Figure { self[.publishIn] }
    public var publishOut: Figure { self[.publishOut] }
    public var confirm: Figure { self[.confirm] }
    public var deliver: Figure { self[.deliver] }
    public var deliverNoAck: Figure { self[.deliverNoAck] }
    public var deliverGet: Figure { self[.deliverGet] }
    public var get: Figure { self[.get] }
    public var getNoAck: Figure { self[.getNoAck] }
    public var getEmpty: Figure { self[.getEmpty] }
    public var ack: Figure { self[.ack] }
    public var redeliver: Figure { self[.redeliver] }
    public var returnUnroutable: Figure { self[.returnUnroutable] }
    public var dropUnroutable: Figure { self[.dropUnroutable] }
    public var diskReads: Figure { self[.diskReads] }
    public var diskWrites: Figure { self[.diskWrites] }
}
