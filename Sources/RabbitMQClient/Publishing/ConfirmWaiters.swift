import DequeModule

/// Who awaits which confirm: a row beside the numbers of `ConfirmMachine`, popped from the front as they settle.
struct ConfirmWaiters {
    private enum Slot {
        case nobody
        case one(ConfirmWaiter)
        /// The same confirmation awaited by several tasks.
        case several([ConfirmWaiter])
    }

    private var base: UInt64 = 1
    private var slots: Deque<Slot> = []

    mutating func add(_ waiter: ConfirmWaiter, for sequence: UInt64) {
        guard sequence >= base else { return }
        let index = Int(sequence - base)
        while slots.count <= index { slots.append(.nobody) }
        switch slots[index] {
        case .nobody: slots[index] = .one(waiter)
        case .one(let first): slots[index] = .several([first, waiter])
        case .several(let waiters): slots[index] = .several(waiters + [waiter])
        }
    }

    /// Takes out who awaits these numbers, in order.
    mutating func take(_ range: ClosedRange<UInt64>, into taken: inout [(UInt64, ConfirmWaiter)]) {
        let end = base + UInt64(slots.count)
        guard range.upperBound >= base, range.lowerBound < end else { return }
        let first = max(range.lowerBound, base)
        let last = min(range.upperBound, end - 1)
        for sequence in first...last {
            let index = Int(sequence - base)
            switch slots[index] {
            case .nobody: break
            case .one(let waiter): taken.append((sequence, waiter))
            case .several(let waiters): taken += waiters.map { (sequence, $0) }
            }
            slots[index] = .nobody
        }
    }

    /// Takes out one wait, which was given up.
    mutating func take(token: UInt64, for sequence: UInt64) -> ConfirmWaiter? {
        guard sequence >= base, sequence - base < UInt64(slots.count) else { return nil }
        let index = Int(sequence - base)
        switch slots[index] {
        case .one(let waiter) where waiter.token == token:
            slots[index] = .nobody
            return waiter
        case .several(let waiters):
            slots[index] = .several(waiters.filter { $0.token != token })
            return waiters.first { $0.token == token }
        case .nobody, .one: return nil
        }
    }

    /// Takes out everybody.
    mutating func takeAll() -> [(UInt64, ConfirmWaiter)] {
        var taken: [(UInt64, ConfirmWaiter)] = []
        if !slots.isEmpty { take(base...(base + UInt64(slots.count) - 1), into: &taken) }
        return taken
    }

    /// Nobody will await a number before `base` any more.
    mutating func advance(to newBase: UInt64) {
        guard newBase > base else { return }
        slots.removeFirst(min(slots.count, Int(newBase - base)))
        base = newBase
    }
}
