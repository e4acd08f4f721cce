public import Foundation

/// The timeline of events, newest last: bounded in number and bytes, with complete counts.
public struct Ledger: Sendable {
    /// The maximum number of entries; older ones are removed and stay counted.
    public let capacity: Int
    /// The maximum size of the entries in bytes, as counted by `LedgerEntry.byteCount`.
    public let byteCapacity: Int
    /// The entries from `start` on; those before it are removed and are cleared periodically.
    private var storage: [LedgerEntry] = []
    private var start = 0
    private var bytes = 0
    private var nextID: UInt64 = 1

    /// The number of entries ever recorded, including those removed.
    public private(set) var total: UInt64 = 0
    /// The number of entries that a bounded queue in front of the ledger dropped.
    public private(set) var dropped: UInt64 = 0
    /// The number of entries ever recorded, by reply code.
    public private(set) var countByCode: [Int: UInt64] = [:]

    // Linking.
    var marks: [FaultMark] = []
    var earlyTouches: [String: [FaultTouch]] = [:]

    // Recoveries.
    var habits = ApplicationHabits()
    var outages: [Outage] = []
    var ended: [Recovery] = []

    /// Creates an empty ledger.
    public init(capacity: Int = 5_000, byteCapacity: Int = 24 << 20) {
        precondition(capacity > 0, "a ledger keeps at least one entry")
        self.capacity = capacity
        self.byteCapacity = byteCapacity
    }

    /// Creates a ledger of entries that were recorded before, oldest first. They keep what another ledger linked; their
    /// numbers stay if they have no gaps.
    public init(recorded entries: [LedgerEntry]) {
        self.init()
        let kept = entries.suffix(capacity)
        let first = kept.first?.id ?? 1
        let isNumbered = first > 0 && first < .max / 2 && kept.enumerated().allSatisfy { $1.id == first &+ UInt64($0) }
        nextID = isNumbered ? first : 1
        for var entry in kept {
            entry.id = nextID
            nextID += 1
            if let code = entry.code { countByCode[code, default: 0] += 1 }
            storage.append(entry)
            bytes += entry.byteCount
        }
        while bytes > byteCapacity && count > 1 { dropOldest() }
        total = UInt64(count)
    }

    /// The entries that are kept, oldest first.
    public var entries: [LedgerEntry] {
        start == 0 ? storage : Array(storage[start...])
    }

    /// The number of entries that are kept.
    public var count: Int { storage.count - start }

    /// The number of entries that were removed for newer ones.
    public var departed: UInt64 { total - UInt64(count) }

    /// Returns the kept entries with a larger number, oldest first, within the limits.
    ///
    /// - Parameters:
    ///   - id: The number that the entries follow.
    ///   - most: The maximum number of entries.
    ///   - room: The maximum size of the entries in bytes; at least one entry is returned in any case.
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

    /// Returns the entry of this number; `nil` when it is no longer kept.
    public func entry(_ id: UInt64) -> LedgerEntry? {
        // Numbers have no gaps.
        guard id >= oldestID, id < nextID else { return nil }
        return self[Int(id - oldestID)]
    }

    /// The number of the oldest entry that is kept; of the next one when there is none.
    public var oldestID: UInt64 { nextID - UInt64(count) }

    /// Returns the entry at `index`, 0 being the oldest kept.
    public subscript(index: Int) -> LedgerEntry {
        storage[start + index]
    }

    /// Records an entry, and returns it with its number and, when a fault caused it, that fault.
    ///
    /// An effect may complete a recovery whose activity was seen before it: the recovery becomes a separate entry after
    /// this one.
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
        // Releases its texts now and its place later, so that the array is not shifted for each entry.
        storage[start] = LedgerEntry(at: .distantPast, kind: .closed, scope: .channel, text: "", source: .rabbittop)
        start += 1
        guard start > 1_024, start > count else { return }
        storage.removeFirst(start)
        start = 0
    }

    /// Adds to the number of entries dropped in front of the ledger.
    public mutating func noteDropped(_ count: UInt64) {
        dropped += count
    }

    /// Changes an entry that is still kept.
    mutating func edit(_ id: UInt64, _ change: (inout LedgerEntry) -> Void) {
        // Numbers have no gaps: the newest entry has the last number.
        let place = Int(clamping: id) - Int(clamping: nextID) + storage.count
        guard (start..<storage.count).contains(place) else { return }
        bytes -= storage[place].byteCount
        change(&storage[place])
        bytes += storage[place].byteCount
    }
}

/// One input of the ledger.
public enum LedgerReport: Sendable, Hashable {
    /// An entry to record.
    case entry(LedgerEntry)
    /// An activity of an application.
    case activity(ApplicationActivity)
    /// A fault, identified by its label, affected a connection or channel.
    case touch(FaultTouch, fault: String)
    /// A fault entered this state at this time.
    case fault(FaultRecord, at: Date)
    /// The names of a client became known: entries of its connection from this time on are completed.
    case client(ClientIdentity, since: Date)
}

extension Ledger {
    /// Records a report of any kind.
    ///
    /// - Returns: The entries that were made.
    @discardableResult
    public mutating func take(_ report: LedgerReport) -> [LedgerEntry] {
        switch report {
        case .entry(let entry):
            let (entry, recovery) = enter(entry)
            return [entry] + (recovery.map { [$0] } ?? [])
        case .activity(let activity): return note(activity)
        case .touch(let touch, let fault): return note(touch, of: fault)
        case .fault(let record, let at): return note(record, at: at)
        case .client(let client, let since):
            complete(client, since: since)
            return []
        }
    }
}
