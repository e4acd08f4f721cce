public import Names

/// All queues, merged from the reports of their sources as the Queues view merges them, without order and filter.
public struct QueueBook: Sendable {
    /// In no order. An array of rows with the places apart needs about half the memory of a dictionary of rows.
    private var rows: [QueueRow] = []
    private var places: [EntityID: Int] = [:]
    private var reporters = QueueReporters()

    /// Creates a book without queues.
    public init() {}

    /// The number of queues.
    public var count: Int { rows.count }

    /// Returns the row of a queue.
    public subscript(_ id: EntityID) -> QueueRow? { places[id].map { rows[$0] } }

    /// Merges the depths of many queues.
    ///
    /// - Returns: The queues that are gone: missing from a complete report, and from those of the other nodes.
    public mutating func merge(_ part: QueueDepthsPart) -> [EntityID] {
        let bit = part.isComplete ? reporters.bit(of: part) : nil
        reserve(part.depths.count)
        var isListed = [Bool](repeating: false, count: bit == nil ? 0 : rows.count + part.depths.count)
        var listed = 0
        for depth in part.depths {
            let place = place(of: depth.id)
            rows[place].take(depth, of: part, bit: bit)
            guard bit != nil, !isListed[place] else { continue }
            isListed[place] = true
            listed += 1
        }
        guard let bit, listed < rows.count else { return [] }
        var gone: [EntityID] = []
        for place in rows.indices where !isListed[place] {
            if let vhost = part.vhost, rows[place].id.vhost != vhost { continue }
            rows[place].reporters &= ~bit
            if rows[place].isGone(absentFrom: part) { gone.append(rows[place].id) }
        }
        remove(gone)
        return gone
    }

    /// Merges the results of passive declares of queues that are known.
    ///
    /// - Returns: The queues that are gone.
    public mutating func merge(_ part: QueuesLivePart) -> [EntityID] {
        for depth in part.depths {
            guard let place = places[depth.id] else { continue }
            rows[place].merge(live: depth, at: part.at)
        }
        remove(part.gone)
        return part.gone
    }

    /// Merges the management API's details.
    ///
    /// - Returns: The queues that are gone.
    public mutating func merge(_ part: QueuesRichPart) -> [EntityID] {
        reserve(part.queues.count)
        for queue in part.queues {
            rows[place(of: queue.depth.id)].take(queue.depth, queue.details, at: part.at)
        }
        remove(part.gone)
        return part.gone
    }

    /// Forgets the reports of nodes that left the cluster.
    public mutating func forget(nodesBut nodes: Set<Name>) {
        let bits = reporters.forget(nodesBut: nodes)
        guard bits != 0 else { return }
        for place in rows.indices { rows[place].reporters &= ~bits }
    }

    /// Makes room for a list without the doubling of an array that grows by single rows.
    private mutating func reserve(_ count: Int) {
        if count > rows.capacity { rows.reserveCapacity(count + count / 8) }
    }

    /// Returns the place of a queue, which is new where it was not known.
    private mutating func place(of id: EntityID) -> Int {
        if let place = places[id] { return place }
        rows.append(QueueRow(id: id))
        places[id] = rows.count - 1
        return rows.count - 1
    }

    private mutating func remove(_ gone: [EntityID]) {
        for id in gone {
            guard let place = places.removeValue(forKey: id) else { continue }
            // The last row takes the place.
            rows.swapAt(place, rows.count - 1)
            rows.removeLast()
            if place < rows.count { places[rows[place].id] = place }
        }
    }
}
