/// The timeline of what went wrong, newest last: bounded in memory, complete in its counts.
public struct Ledger: Sendable {
    /// How many entries are kept; older ones leave, and stay counted.
    public let capacity: Int
    private var storage: [LedgerEntry] = []
    private var start = 0
    private var nextID: UInt64 = 1

    /// Entries ever recorded, those that have left included.
    public private(set) var total: UInt64 = 0
    /// Entries a bounded queue in front of the ledger had to drop: counted there, never silently.
    public private(set) var dropped: UInt64 = 0
    /// Entries ever recorded with this reply code.
    public private(set) var countByCode: [Int: UInt64] = [:]

    // Linking.
    var marks: [FaultMark] = []
    var earlyTouches: [String: [FaultTouch]] = [:]

    // Recoveries.
    var habits = ApplicationHabits()
    var outages: [Outage] = []
    var ended: [Recovery] = []

    public init(capacity: Int = 5_000) {
        precondition(capacity > 0, "a ledger keeps at least one entry")
        self.capacity = capacity
    }

    /// Entries that are still kept, oldest first.
    public var entries: [LedgerEntry] {
        start == 0 ? storage : Array(storage[start...]) + Array(storage[..<start])
    }

    public var count: Int { storage.count }

    /// Entries that were recorded and have left, because newer ones needed their place.
    public var departed: UInt64 { total - UInt64(storage.count) }

    /// The entry at `index`, 0 being the oldest kept.
    public subscript(index: Int) -> LedgerEntry {
        storage[(start + index) % storage.count]
    }

    /// Takes an entry in, with its number and, where a fault of ours caused it, that fault.
    ///
    /// An effect may bring news of a recovery that was seen before it: that is an entry of its own, after this one.
    @discardableResult
    public mutating func record(_ entry: LedgerEntry) -> LedgerEntry {
        enter(entry).entry
    }

    mutating func enter(_ entry: LedgerEntry) -> (entry: LedgerEntry, recovery: LedgerEntry?) {
        var entry = entry
        if entry.fault == nil { entry.fault = link(entry) }
        entry.application = entry.application ?? entry.party.application?.name
        entry.id = nextID
        nextID += 1
        total += 1
        if let code = entry.code { countByCode[code, default: 0] += 1 }
        if storage.count < capacity {
            storage.append(entry)
        } else {
            storage[start] = entry
            start = (start + 1) % capacity
        }
        return (entry, noteEffect(entry))
    }

    public mutating func noteDropped(_ count: UInt64) {
        dropped += count
    }

    /// Changes an entry that is still kept.
    mutating func edit(_ id: UInt64, _ change: (inout LedgerEntry) -> Void) {
        // Numbers have no gaps: the newest kept is the last given.
        let place = Int(clamping: id) - Int(clamping: nextID) + storage.count
        guard storage.indices.contains(place) else { return }
        change(&storage[(start + place) % storage.count])
    }
}
