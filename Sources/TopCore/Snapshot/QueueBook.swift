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

    /// Is called with each reported queue, and with whether the report changed anything but the times of its figures.
    public typealias Visitor = (_ row: inout QueueRow, _ isChanged: Bool) throws -> Void

    /// Merges the depths of many queues.
    ///
    /// - Returns: The queues that are gone: missing from a complete report, and from those of the other nodes.
    public mutating func merge(_ part: QueueDepthsPart, _ visit: Visitor) rethrows -> [EntityID] {
        let bit = part.isComplete ? reporters.bit(of: part) : nil
        reserve(part.depths.count)
        var isListed = [Bool](repeating: false, count: bit == nil ? 0 : rows.count + part.depths.count)
        var listed = 0
        for depth in part.depths {
            let place = place(of: depth.id)
            let before = DepthFigures(rows[place])
            rows[place].take(depth, of: part, bit: bit)
            let isChanged = DepthFigures(rows[place]) != before
            try visit(&rows[place], isChanged)
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
    public mutating func merge(_ part: QueuesLivePart, _ visit: Visitor) rethrows -> [EntityID] {
        for depth in part.depths {
            guard let place = places[depth.id] else { continue }
            let before = DepthFigures(rows[place])
            rows[place].merge(live: depth, at: part.at)
            let isChanged = DepthFigures(rows[place]) != before
            try visit(&rows[place], isChanged)
        }
        remove(part.gone)
        return part.gone
    }

    /// Merges the management API's details.
    ///
    /// - Returns: The queues that are gone.
    public mutating func merge(_ part: QueuesRichPart, _ visit: Visitor) rethrows -> [EntityID] {
        reserve(part.queues.count)
        for queue in part.queues {
            let place = place(of: queue.depth.id)
            let before = DepthFigures(rows[place])
            let isNew = rows[place].details != queue.details
            rows[place].take(queue.depth, queue.details, at: part.at)
            let isChanged = isNew || DepthFigures(rows[place]) != before
            try visit(&rows[place], isChanged)
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

/// A row's depth without the times of its figures.
private struct DepthFigures: Equatable {
    private struct Figure: Equatable {
        var value: Int
        var source: DepthSource

        init?(_ figure: Measured<Int>?) {
            guard let figure else { return nil }
            value = figure.value
            source = figure.source
        }
    }

    private let ready, unacked, total, consumers: Figure?
    /// The sum depends on the times of its parts, too.
    private let messages: Int?

    init(_ row: QueueRow) {
        ready = Figure(row.ready)
        unacked = Figure(row.unacked)
        total = Figure(row.total)
        consumers = Figure(row.consumers)
        messages = row.messages
    }
}
