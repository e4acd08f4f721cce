public import Names

/// All queues, merged from the reports of their sources as the Queues view merges them, without order and filter.
public struct QueueBook: Sendable {
    private var rows: [EntityID: QueueRow] = [:]
    private var reporters = QueueReporters()

    /// Creates a book without queues.
    public init() {}

    /// The number of queues.
    public var count: Int { rows.count }

    /// Returns the row of a queue.
    public subscript(_ id: EntityID) -> QueueRow? { rows[id] }

    /// Merges the depths of many queues.
    ///
    /// - Returns: The queues that are gone: missing from a complete report, and from those of the other nodes.
    public mutating func merge(_ part: QueueDepthsPart) -> [EntityID] {
        let bit = part.isComplete ? reporters.bit(of: part) : nil
        var listed = Set<EntityID>(minimumCapacity: bit == nil ? 0 : part.depths.count)
        for depth in part.depths {
            rows[depth.id, default: QueueRow(id: depth.id)].take(depth, of: part, bit: bit)
            if bit != nil { listed.insert(depth.id) }
        }
        guard let bit, listed.count < rows.count else { return [] }
        var gone: [EntityID] = []
        for id in Array(rows.keys) where !listed.contains(id) {
            if let vhost = part.vhost, id.vhost != vhost { continue }
            rows[id]?.reporters &= ~bit
            if rows[id]?.isGone(absentFrom: part) == true { gone.append(id) }
        }
        remove(gone)
        return gone
    }

    /// Merges the results of passive declares of queues that are known.
    ///
    /// - Returns: The queues that are gone.
    public mutating func merge(_ part: QueuesLivePart) -> [EntityID] {
        for depth in part.depths { rows[depth.id]?.merge(live: depth, at: part.at) }
        remove(part.gone)
        return part.gone
    }

    /// Merges the management API's details.
    ///
    /// - Returns: The queues that are gone.
    public mutating func merge(_ part: QueuesRichPart) -> [EntityID] {
        for queue in part.queues {
            rows[queue.depth.id, default: QueueRow(id: queue.depth.id)].take(queue.depth, queue.details, at: part.at)
        }
        remove(part.gone)
        return part.gone
    }

    /// Forgets the reports of nodes that left the cluster.
    public mutating func forget(nodesBut nodes: Set<Name>) {
        let bits = reporters.forget(nodesBut: nodes)
        guard bits != 0 else { return }
        for id in Array(rows.keys) { rows[id]?.reporters &= ~bits }
    }

    private mutating func remove(_ gone: [EntityID]) {
        for id in gone { rows[id] = nil }
    }
}
