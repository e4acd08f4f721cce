public import Foundation
public import Names

/// A figure with its time and source.
public struct Measured<Value: Sendable & Equatable>: Sendable, Equatable {
    /// The value of the figure.
    public var value: Value
    /// When the figure was measured.
    public var at: Date
    /// The source of the figure.
    public var source: DepthSource

    /// Creates a measured figure.
    public init(_ value: Value, at: Date, source: DepthSource) {
        self.value = value
        self.at = at
        self.source = source
    }
}

extension Measured: Codable where Value: Codable {}

/// A queue, merged from up to three sources: depth by AMQP, depth of all queues in bulk, and the details of the
/// management API.
public struct QueueRow: Sendable, Equatable, Identifiable, Codable {
    public var id: EntityID
    /// Messages ready for delivery.
    public var ready: Measured<Int>?
    /// Messages delivered and not yet acknowledged.
    public var unacked: Measured<Int>?
    /// The total as reported by the broker; `messages` derives the total that is shown.
    public var total: Measured<Int>?
    /// The number of consumers.
    public var consumers: Measured<Int>?
    /// What is known only from the management API.
    public var details: QueueDetails?
    /// When the details were reported.
    public var detailsAt: Date?

    /// The last figures of Prometheus or the management API: live figures are checked against them.
    var reportedReady: Measured<Int>?
    var reportedConsumers: Measured<Int>?
    /// When rabbittop purged the queue.
    var purgedAt: Date?
    /// One bit for each source whose last complete report lists the queue.
    var reporters: UInt64 = 0
    /// Whether a complete report ever listed the queue.
    var wasListed = false

    /// Creates a row without figures.
    public init(id: EntityID) {
        self.id = id
    }

    /// The queue's vhost.
    public var vhost: Name { id.vhost }
    /// The queue's name.
    public var name: Name { id.name }

    /// Ready and unacknowledged messages together: the sum of the newest parts, otherwise the total as reported.
    public var messages: Int? {
        if let ready, let unacked {
            if let total, total.at > ready.at, total.at > unacked.at { return total.value }
            return ready.value.saturatingAdding(unacked.value)
        }
        return total?.value ?? ready?.value
    }

    /// The source of the depth shown.
    public var depthSource: DepthSource? { (ready ?? total)?.source }
    /// The time of the depth shown.
    public var depthAt: Date? { (ready ?? total)?.at }
}

/// What the management API reports about a queue beyond its depth. Rates are messages per second, sizes bytes.
public struct QueueDetails: Sendable, Equatable, Codable {
    /// The queue type: `classic`, `quorum` or `stream`.
    public var type: String?
    /// The queue's state as RabbitMQ names it.
    public var state: String?
    /// The node that hosts the queue or its leader.
    public var node: Name?
    /// Messages published per second.
    public var publishRate: Double?
    /// Messages delivered per second.
    public var deliverRate: Double?
    /// Messages acknowledged per second.
    public var ackRate: Double?
    /// Messages redelivered per second.
    public var redeliverRate: Double?
    /// The memory of the queue process, in bytes.
    public var memory: Int?
    /// The name of the policy in force.
    public var policy: Name?
    /// The dead letter exchange.
    public var deadLetterExchange: Name?
    /// The routing key of dead letters; `nil` when they keep their own.
    public var deadLetterKey: Name?
    /// Since when the queue has been idle.
    public var idleSince: Date?
    /// Whether the queue is exclusive to its connection.
    public var exclusive: Bool?
    /// `x-expires` of the queue's arguments or of a policy, in milliseconds. Such a queue is never polled by passive
    /// declares.
    public var expires: Int?
    /// The limit after which a message is dropped or dead-lettered; `nil` when no limit is in force.
    public var deliveryLimit: Int?
    /// Whether only one of the consumers receives messages while the others wait (`x-single-active-consumer`).
    public var singleActiveConsumer = false
    /// The timestamp that the publisher gave the oldest message, where the broker tells it: of a classic queue whose
    /// oldest message has one.
    public var headMessageAt: Date?
    /// The size of all message bodies, in bytes.
    public var messageBytes: Int?
    /// The highest number of ready messages that the queue keeps, by its arguments or a policy (`max-length`).
    public var maxLength: Int?
    /// The highest size of the bodies of its ready messages, in bytes, by its arguments or a policy
    /// (`max-length-bytes`); a stream's size on disk.
    public var maxLengthBytes: Int?
    /// What becomes of messages beyond the highest length: `drop-head`, `reject-publish`, `reject-publish-dlx`; `nil`
    /// is the broker's default, `drop-head`.
    public var overflow: String?
    /// The nodes with a replica of a quorum queue or stream; `nil` for other types and when it is not known.
    public var members: [Name]?
    /// The members that the leader reaches.
    public var onlineMembers: [Name]?
    /// The members of a quorum queue that lack what was committed some time ago; empty when none does, `nil` when it is
    /// not known.
    public var memberLags: [MemberLag]?
    /// How far the consumers of a stream are behind, where the broker tells it.
    public var consumerLag: ConsumerLag?
    /// The node of the leader of a quorum queue or stream; `nil` without a leader, and when it is not known.
    public var leader: Name?
    /// The fraction of the time in which the queue could have delivered immediately to a consumer, 0 to 1.
    public var consumerCapacity: Double?
    /// The seconds within which a delivery must be acknowledged, by the queue's arguments or a policy
    /// (`consumer-timeout`); `nil` when the broker's own limit is in force.
    public var consumerTimeout: Double?

    /// Creates details of which everything is unknown.
    public init() {}

    /// Whether the queue is listed but unavailable, because its node or its process is down. Its figures are unknown.
    public var isDown: Bool {
        switch state {
        case "down", "stopped", "crashed": true
        default: false
        }
    }

    /// Whether a passive declare reports the number of consumers: for a stream it reports 0, for a quorum queue with a
    /// single active consumer it omits those that wait.
    public var declareCountsConsumers: Bool {
        switch type {
        case "stream": false
        case "quorum": !singleActiveConsumer
        default: true
        }
    }
}

/// The columns of the Queues view, in their order. The raw values are the names for scripts.
public enum QueueColumn: String, ColumnKey {
    case vhost, name, type, state, node, messages, ready, unacked, consumers
    case publishRate = "publish_rate"
    case deliverRate = "deliver_rate"
    case ackRate = "ack_rate"
    case redeliverRate = "redeliver_rate"
    case memory, policy
    case deadLetterExchange = "dead_letter_exchange"
    case idleSince = "idle_since"
    case depthSource = "depth_source"
    case depthAge = "depth_age_s"
}

extension QueueRow: TableRow {
    public static func column(_ key: QueueColumn) -> Column<Self> {
        switch key {
        case .vhost:
            Column(
                key, "VHOST", .text, width: 7, maximumWidth: 24, priority: 6, style: .vhost, tier: .bulk,
                broker: "vhost", help: "virtual host"
            ) { row, _ in Value(row.vhost) }
        case .name:
            Column(
                key, "NAME", .text, width: 16, maximumWidth: 80, priority: 0, style: .name, tier: .bulk, broker: "name",
                help: "name"
            ) { row, _ in Value(row.name) }
        case .type:
            Column(
                key, "TYPE", .text, width: 7, maximumWidth: 8, priority: 6, broker: "type",
                help: "`classic`, `quorum` or `stream`"
            ) { row, _ in Value(row.details?.type) }
        case .state:
            Column(
                key, "STATE", .text, width: 7, maximumWidth: 10, priority: 7, style: .state, broker: "state",
                help: "`running`, `idle`, `flow`, `minority`, `down` …, as the broker says"
            ) { row, _ in Value(row.details?.state) }
        case .node:
            Column(
                key, "NODE", .text, width: 10, maximumWidth: 32, priority: 12, broker: "node",
                help: "node of the queue or of its leader"
            ) { row, _ in Value(row.details?.node) }
        case .messages:
            Column(
                key, "MESSAGES", .count, width: 9, priority: 4, tier: .bulk, broker: "messages",
                help: "ready and unacked"
            ) { row, _ in Value(row.messages) }
        case .ready:
            Column(
                key, "READY", .count, width: 9, priority: 1, tier: .bulk, broker: "messages_ready",
                help: "messages ready for delivery"
            ) { row, _ in Value(row.ready?.value) }
        case .unacked:
            Column(
                key, "UNACKED", .count, width: 8, priority: 2, tier: .bulk, broker: "messages_unacknowledged",
                help: "delivered and not acknowledged"
            ) { row, _ in Value(row.unacked?.value) }
        case .consumers:
            Column(key, "CONS", .count, width: 5, priority: 3, tier: .bulk, broker: "consumers", help: "consumers") {
                row, _ in Value(row.consumers?.value)
            }
        case .publishRate:
            Column(
                key, "PUB/S", .rate, width: 7, priority: 5, broker: "message_stats.publish_details.rate",
                help: "published per second"
            ) { row, _ in Value(row.details?.publishRate) }
        case .deliverRate:
            Column(
                key, "DELIV/S", .rate, width: 7, priority: 5, broker: "message_stats.deliver_get_details.rate",
                help: "delivered per second"
            ) { row, _ in Value(row.details?.deliverRate) }
        case .ackRate:
            Column(
                key, "ACK/S", .rate, width: 7, priority: 8, broker: "message_stats.ack_details.rate",
                help: "acknowledged per second"
            ) { row, _ in Value(row.details?.ackRate) }
        case .redeliverRate:
            Column(
                key, "REDEL/S", .rate, width: 7, priority: 9, broker: "message_stats.redeliver_details.rate",
                help: "redelivered per second"
            ) { row, _ in Value(row.details?.redeliverRate) }
        case .memory:
            Column(
                key, "MEMORY", .bytes, width: 8, priority: 10, style: .quiet, broker: "memory", help: "bytes of memory"
            ) { row, _ in Value(row.details?.memory) }
        case .policy:
            Column(
                key, "POLICY", .text, width: 8, maximumWidth: 24, priority: 11, broker: "policy",
                help: "policy in force"
            ) { row, _ in Value(row.details?.policy) }
        case .deadLetterExchange:
            Column(
                key, "DLX", .text, width: 6, maximumWidth: 24, priority: 11, broker: "arguments.x-dead-letter-exchange",
                help: "dead-letter exchange, from arguments or policy"
            ) { row, _ in Value(row.details?.deadLetterExchange) }
        case .idleSince:
            Column(
                key, "IDLE SINCE", .time, width: 10, priority: 13, broker: "idle_since",
                help: "since when nothing has happened to it"
            ) { row, _ in Value(row.details?.idleSince) }
        case .depthSource:
            Column(
                key, "SOURCE", .text, width: 6, maximumWidth: 10, priority: 9, tier: .bulk, help: "source of the depth"
            ) { row, _ in Value(row.depthSource?.rawValue) }
        case .depthAge:
            Column(key, "AGE", .duration, width: 5, priority: 6, tier: .bulk, help: "age of the depth in seconds") {
                row, now in Value(row.depthAt.map { max(0, now.timeIntervalSince($0)) })
            }
        }
    }

    public static let columns = allColumns
    public static let defaultSort = QueueColumn.ready
    public static let identity: [QueueColumn] = [.name, .vhost]
    public var rowID: RowID { .queue(id) }
    public var searchText: String { id.name.text }
    public var vhostName: Name? { id.vhost }

    public func belongs(to scope: Scope) -> Bool {
        switch scope {
        case .queue(let queue): id == queue
        case .node(let node): details?.node == node
        case .connection, .channel, .exchange: true
        }
    }
}
