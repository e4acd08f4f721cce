import DequeModule

/// The waiters for confirms, ordered by number and removed from the front as messages are settled.
struct ConfirmWaiters {
    private struct Entry {
        var sequence: UInt64
        var waiter: ConfirmWaiter
    }

    private var base: UInt64 = 1
    /// Several tasks may wait for the same confirm.
    private var entries: Deque<Entry> = []

    mutating func add(_ waiter: ConfirmWaiter, for sequence: UInt64) {
        guard sequence >= base else { return }
        let entry = Entry(sequence: sequence, waiter: waiter)
        // Most waits are for the highest number so far.
        guard let last = entries.last, last.sequence > sequence else { return entries.append(entry) }
        entries.insert(entry, at: firstIndex(from: sequence + 1))
    }

    /// Removes the waiters for these numbers, in order.
    mutating func take(_ range: ClosedRange<UInt64>, into taken: inout [(sequence: UInt64, waiter: ConfirmWaiter)]) {
        guard let first = entries.first, first.sequence <= range.upperBound else { return }
        if first.sequence >= range.lowerBound {
            while let first = entries.first, first.sequence <= range.upperBound {
                taken.append((first.sequence, first.waiter))
                entries.removeFirst()
            }
            return
        }
        let start = firstIndex(from: range.lowerBound)
        var end = start
        while end < entries.count, entries[end].sequence <= range.upperBound {
            taken.append((entries[end].sequence, entries[end].waiter))
            end += 1
        }
        entries.removeSubrange(start..<end)
    }

    /// Removes a wait that was given up. Without its number all waits are searched.
    mutating func take(_ id: WaiterID, for sequence: UInt64?) -> ConfirmWaiter? {
        var index = sequence.map { firstIndex(from: $0) } ?? 0
        while index < entries.count, sequence.map({ entries[index].sequence == $0 }) ?? true {
            if entries[index].waiter.id == id { return entries.remove(at: index).waiter }
            index += 1
        }
        return nil
    }

    /// Removes all waiters.
    mutating func takeAll() -> [ConfirmWaiter] {
        defer { entries.removeAll() }
        return entries.map(\.waiter)
    }

    /// Refuses waits for numbers before `base` from now on.
    mutating func advance(to newBase: UInt64) {
        guard newBase > base else { return }
        base = newBase
        while let first = entries.first, first.sequence < newBase { entries.removeFirst() }
    }

    /// The index of the first entry that waits for this number or a later one.
    private func firstIndex(from sequence: UInt64) -> Int {
        var low = 0
        var high = entries.count
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].sequence < sequence { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
