import Foundation
import Names

/// The sources of queue reports, distinguished when a queue is missing from one of them.
struct QueueReporters: Sendable {
    private struct Reporter: Hashable {
        var source: DepthSource
        var node: Name?
    }

    private var bits: [Reporter: UInt64] = [:]

    /// Returns the bit of the source of this part; `nil` beyond 64 sources: then nothing is inferred from an absence.
    mutating func bit(of part: QueueDepthsPart) -> UInt64? {
        let reporter = Reporter(source: part.source, node: part.node)
        if let bit = bits[reporter] { return bit }
        let taken = bits.values.reduce(0, |)
        guard let free = (0..<64).first(where: { taken & (1 << UInt64($0)) == 0 }) else { return nil }
        bits[reporter] = 1 << UInt64(free)
        return 1 << UInt64(free)
    }

    /// Forgets the nodes that are no longer in the cluster, and returns their bits.
    mutating func forget(nodesBut nodes: Set<Name>) -> UInt64 {
        var forgotten: UInt64 = 0
        for (reporter, bit) in bits {
            guard let node = reporter.node, !nodes.contains(node) else { continue }
            forgotten |= bit
            bits[reporter] = nil
        }
        return forgotten
    }
}

extension Table where Row == QueueRow {
    /// Merges the depths of many queues. Queues missing from a complete report are removed, unless another node lists
    /// them or there is a later report of them.
    mutating func merge(_ part: QueueDepthsPart, reporters: inout QueueReporters, now: Date) {
        var changes: TableChanges = []
        let bit = part.isComplete ? reporters.bit(of: part) : nil
        let former = rows.count
        var isListed = [Bool](repeating: false, count: former)
        for depth in part.depths {
            if isOlderThanEnd(depth.id, part.at.addingTimeInterval(-part.source.lag)) { continue }
            let place = add(depth.id, &changes)
            noteAlive(.queue(depth.id), at: part.at)
            if place < former { isListed[place] = true }
            rows[place].take(depth, of: part, bit: bit)
        }
        if let bit {
            var isKept = [Bool](repeating: true, count: rows.count)
            var leaves = false
            for place in 0..<former where !isListed[place] {
                if let vhost = part.vhost, rows[place].vhost != vhost { continue }
                rows[place].reporters &= ~bit
                if rows[place].isGone(absentFrom: part) {
                    isKept[place] = false
                    leaves = true
                }
            }
            if leaves {
                keep(at: part.at) { isKept[$0] }
                changes.insert(.membership)
            }
        }
        noteArrival(part.at)
        arrange(changes, now: now)
    }

    /// Merges the results of passive declares.
    mutating func merge(_ part: QueuesLivePart, now: Date) {
        var touched: [Int] = []
        for depth in part.depths {
            guard let place = places[.queue(depth.id)] else { continue }
            rows[place].merge(live: depth, at: part.at)
            noteAlive(.queue(depth.id), at: part.at)
            touched.append(place)
        }
        let changes = remove(part.gone, at: part.at)
        noteArrival(part.at)
        arrange(changes, touched: changes.isEmpty ? touched : nil, now: now)
    }

    /// Records that rabbittop purged queues: earlier counts do not contradict later figures.
    mutating func notePurge(_ ids: [EntityID], at: Date, now: Date) {
        let touched = ids.compactMap { places[.queue($0)] }
        for place in touched {
            rows[place].purgedAt = at
            if let unacked = rows[place].unacked?.value {
                rows[place].total = Measured(unacked, at: at, source: .amqp)
            }
            // Nothing was ready at that time; the next response shows what has arrived since.
            rows[place].ready = Measured(0, at: at, source: .amqp)
        }
        arrange([], touched: touched, now: now)
    }

    /// Merges the management API's details.
    mutating func merge(_ part: QueuesRichPart, now: Date) {
        var changes: TableChanges = []
        var touched: [Int] = []
        for queue in part.queues {
            if isOlderThanEnd(queue.depth.id, part.at) { continue }
            let place = add(queue.depth.id, &changes)
            noteAlive(.queue(queue.depth.id), at: part.at)
            rows[place].take(queue.depth, queue.details, at: part.at)
            touched.append(place)
        }
        changes.formUnion(remove(part.gone, at: part.at))
        if scope != nil || isSearchedWholly { changes.insert(.admission) }
        noteArrival(part.at)
        arrange(changes, touched: changes.isEmpty ? touched : nil, now: now)
    }

    /// Forgets the reports of nodes that left the cluster: queues that only they listed are removed with the next
    /// report.
    mutating func forgetReports(_ bits: UInt64) {
        guard bits != 0 else { return }
        for place in rows.indices { rows[place].reporters &= ~bits }
    }

    private mutating func add(_ id: EntityID, _ changes: inout TableChanges) -> Int {
        if let place = places[.queue(id)] { return place }
        let place = rows.count
        places[.queue(id)] = place
        rows.append(QueueRow(id: id))
        changes.insert(.membership)
        return place
    }

    /// Whether figures of this time describe a queue that ended after it.
    private func isOlderThanEnd(_ id: EntityID, _ at: Date) -> Bool {
        guard let ended, ended.id == .queue(id) else { return false }
        return at <= ended.at
    }

    private mutating func remove(_ gone: [EntityID], at: Date) -> TableChanges {
        let doomed = Set(gone.compactMap { places[.queue($0)] })
        guard !doomed.isEmpty else { return [] }
        keep(at: at) { !doomed.contains($0) }
        return .membership
    }

    private mutating func noteArrival(_ time: Date) {
        at = max(at ?? time, time)
        total = rows.count - (ended == nil ? 0 : 1)
    }
}
