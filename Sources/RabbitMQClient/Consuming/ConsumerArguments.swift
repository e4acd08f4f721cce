import AMQPWire
import Names

/// The optional arguments of a consumer by name. Nil leaves an argument out.
///
/// An exclusive consumer is a parameter of `consume`; a single active consumer is an argument of its queue
/// (`QueueArguments.singleActiveConsumer`).
public struct ConsumerArguments: Sendable, Hashable {
    /// Consumers of a higher priority are served first, as long as their prefetch allows (`x-priority`). 0 where nothing is
    /// said; negative is lower.
    public var priority: Int32?
    /// Where in a stream to begin (`x-stream-offset`).
    public var streamOffset: StreamOffset?
    /// Whether the consumer is cancelled, instead of moved, when a mirrored queue fails over (`x-cancel-on-ha-failover`).
    public var cancelsOnFailover: Bool?
    /// Further arguments; they win over the named ones.
    public var others: FieldTable

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

    /// As they go on the wire.
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
    /// Starts a consumer with arguments by name; otherwise as the form for a field table. A stream is consumed with
    /// acknowledgements and a prefetch. Name an offset for it: by that the client knows that nothing can be given back to it.
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
    /// The message's number in its stream (`x-stream-offset`); nil outside streams.
    public var streamOffset: Int64? {
        properties.headers?["x-stream-offset"]?.intValue.map(Int64.init)
    }

    /// How often a quorum queue delivered it before (`x-delivery-count`); nil where the queue does not count, and for the
    /// first delivery.
    public var deliveryCount: Int? {
        properties.headers?["x-delivery-count"]?.intValue
    }
}
