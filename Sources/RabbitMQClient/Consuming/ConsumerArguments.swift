import AMQPWire
import Names

/// The optional arguments of a consumer by name. An argument that is nil is not sent.
///
/// An exclusive consumer is a parameter of `consume`; a single active consumer is an argument of its queue
/// (`QueueArguments.singleActiveConsumer`).
public struct ConsumerArguments: Sendable, Hashable {
    /// The consumer's priority (`x-priority`): consumers of a higher priority receive messages first, as long as their
    /// prefetch allows. The broker's default is 0; negative values are lower.
    public var priority: Int32?
    /// Where to begin in a stream (`x-stream-offset`).
    public var streamOffset: StreamOffset?
    /// Whether the consumer is cancelled, instead of moved, when a mirrored queue fails over
    /// (`x-cancel-on-ha-failover`).
    public var cancelsOnFailover: Bool?
    /// Further arguments; they replace named ones with the same key.
    public var others: FieldTable

    /// Creates consumer arguments.
    public init(
        priority: Int32? = nil,
        streamOffset: StreamOffset? = nil,
        cancelsOnFailover: Bool? = nil,
        others: FieldTable = [:]
    ) {
        self.priority = priority
        self.streamOffset = streamOffset
        self.cancelsOnFailover = cancelsOnFailover
        self.others = others
    }

    /// The arguments as a field table.
    public var table: FieldTable {
        var table = FieldTable()
        if let priority { table["x-priority"] = .int32(priority) }
        if let streamOffset { table["x-stream-offset"] = streamOffset.value }
        if let cancelsOnFailover { table["x-cancel-on-ha-failover"] = .bool(cancelsOnFailover) }
        for entry in others { table[entry.key] = entry.value }
        return table
    }
}

extension Channel {
    /// Starts a consumer with named arguments; otherwise like the method with a field table. A stream requires
    /// acknowledgements and a prefetch. Give it an offset: that is how the client knows that the queue is a stream,
    /// which cannot requeue.
    public func consume(
        _ queue: some NameConvertible,
        tag: some NameConvertible = "",
        noAck: Bool = false,
        exclusive: Bool = false,
        arguments: ConsumerArguments,
        prefetch: UInt16 = 100
    ) async throws(ClientError) -> Consumer {
        try await consume(
            queue,
            tag: tag,
            noAck: noAck,
            exclusive: exclusive,
            arguments: arguments.table,
            prefetch: prefetch
        )
    }
}

extension Delivery {
    /// The message's offset in its stream (`x-stream-offset`); nil outside streams.
    public var streamOffset: Int64? {
        properties.headers?["x-stream-offset"]?.intValue.map(Int64.init)
    }

    /// The number of earlier deliveries of the message by a quorum queue (`x-delivery-count`); nil for the first
    /// delivery, and for queues that do not count.
    public var deliveryCount: Int? {
        properties.headers?["x-delivery-count"]?.intValue
    }
}
