import DequeModule

/// The unsettled deliveries of one channel. The broker numbers deliveries 1, 2, 3 …, so the open ones form a short
/// window. Settling a delivery twice is detected here instead of closing the channel with a 406.
struct DeliveryWindow: Equatable {
    private enum Slot: Equatable {
        case open
        /// Settled in a transaction that may still be rolled back.
        case provisional
        case settled
    }

    enum Settlement: Equatable {
        /// This many deliveries are settled: send it to the broker.
        case send(count: Int)
        case alreadySettled
    }

    /// The largest gap in the broker's numbers that is accepted; a larger one is treated as an error.
    private static let largestGap: UInt64 = 65_536

    private var base: UInt64 = 1
    private var slots: Deque<Slot> = []
    private(set) var openCount = 0

    private var next: UInt64 { base + UInt64(slots.count) }

    /// Returns false if the number cannot be correct: not above all earlier ones, or too far above them.
    mutating func delivered(_ tag: UInt64, needsSettlement: Bool) -> Bool {
        guard tag >= next, tag < UInt64(Int64.max) else { return false }
        if slots.isEmpty {
            base = tag
        } else {
            guard tag - next <= Self.largestGap else { return false }
            while next < tag { slots.append(.settled) }
        }
        if needsSettlement {
            slots.append(.open)
            openCount += 1
        } else if slots.isEmpty {
            base = tag + 1
        } else {
            slots.append(.settled)
        }
        return true
    }

    mutating func settle(_ tag: UInt64, multiple: Bool, transactional: Bool) -> Settlement {
        guard tag >= base, tag < next, slots[Int(tag - base)] == .open else { return .alreadySettled }
        let replacement: Slot = transactional ? .provisional : .settled
        let last = Int(tag - base)
        var count = 0
        for index in (multiple ? 0 : last)...last where slots[index] == .open {
            slots[index] = replacement
            count += 1
        }
        openCount -= count
        dropSettledPrefix()
        return .send(count: count)
    }

    /// The transaction was committed: its settlements are final.
    mutating func committed() {
        for index in slots.indices where slots[index] == .provisional { slots[index] = .settled }
        dropSettledPrefix()
    }

    /// The transaction was rolled back: its settlements are open again.
    mutating func rolledBack() {
        for index in slots.indices where slots[index] == .provisional {
            slots[index] = .open
            openCount += 1
        }
    }

    /// All open deliveries will be delivered again with other numbers.
    mutating func recovered() {
        base = next
        slots.removeAll()
        openCount = 0
    }

    private mutating func dropSettledPrefix() {
        while slots.first == .settled {
            slots.removeFirst()
            base += 1
        }
    }
}
