import Foundation

/// The timeline of what went wrong, newest last: bounded in number and bytes, complete in its counts.
public struct Ledger: Sendable {
    /// How many entries are kept; older ones leave, and stay counted.
    public let capacity: Int
    /// How many bytes of entries are kept, as `LedgerEntry.byteCount` counts them.
    public let byteCapacity: Int
    /// Kept entries begin at `start`; what is before it has left, and is cleared away from time to time.
    private var storage: [LedgerEntry] = []
    private var start = 0
    private var bytes = 0
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

    public init(capacity: Int = 5_000, byteCapacity: Int = 24 << 20) {
        precondition(capacity > 0, "a ledger keeps at least one entry")
        self.capacity = capacity
        self.byteCapacity = byteCapacity
    }

    /// Entries that are still kept, oldest first.
    public var entries: [LedgerEntry] {
        start == 0 ? storage : Array(storage[start...])
    }

    public var count: Int { storage.count - start }

    /// Entries that were recorded and have left, because newer ones needed their place.
    public var departed: UInt64 { total - UInt64(count) }

    /// Kept entries with a larger number, oldest first: as many as there are, or fit.
    ///
    /// - Parameters:
    ///   - most: how many at most.
    ///   - room: how many bytes of entries at most; one is given in any case.
    public func entries(after id: UInt64, most: Int, room: Int) -> [LedgerEntry] {
        let oldest = nextID - UInt64(count)
        guard count > 0, id < nextID - 1, most > 0 else { return [] }
        var found: [LedgerEntry] = []
        var left = room
        // Numbers have no gaps.
        for entry in storage[(start + Int(max(id + 1, oldest) - oldest))...].prefix(most) {
            left -= entry.byteCount
            guard left >= 0 || found.isEmpty else { break }
            found.append(entry)
        }
        return found
    }

    /// The number of the oldest entry that is kept; of the next one where none is.
    public var oldestID: UInt64 { nextID - UInt64(count) }

    /// The entry at `index`, 0 being the oldest kept.
    public subscript(index: Int) -> LedgerEntry {
        storage[start + index]
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
        entry.shorten()
        if entry.fault == nil { entry.fault = link(entry) }
        entry.application = entry.application ?? entry.clientIdentity.application?.name
        entry.id = nextID
        nextID += 1
        total += 1
        if let code = entry.code { countByCode[code, default: 0] += 1 }
        storage.append(entry)
        bytes += entry.byteCount
        while count > capacity || bytes > byteCapacity && count > 1 { dropOldest() }
        return (entry, noteEffect(entry))
    }

    private mutating func dropOldest() {
        bytes -= storage[start].byteCount
        // Its texts go at once, its place later: what is behind is not moved up for each single one.
        storage[start] = LedgerEntry(at: .distantPast, kind: .closed, scope: .channel, text: "", source: .rabbittop)
        start += 1
        guard start > 1_024, start > count else { return }
        storage.removeFirst(start)
        start = 0
    }

    public mutating func noteDropped(_ count: UInt64) {
        dropped += count
    }

    /// Changes an entry that is still kept.
    mutating func edit(_ id: UInt64, _ change: (inout LedgerEntry) -> Void) {
        // Numbers have no gaps: the newest kept is the last given.
        let place = Int(clamping: id) - Int(clamping: nextID) + storage.count
        guard (start..<storage.count).contains(place) else { return }
        bytes -= storage[place].byteCount
        change(&storage[place])
        bytes += storage[place].byteCount
    }
}
