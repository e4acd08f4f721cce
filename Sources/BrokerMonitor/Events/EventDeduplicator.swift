import Faults
import Names

/// Merges what several sources report of the same event into one entry.
///
/// An entry is held briefly so that the other sources can add what they know; a report that arrives later, within the
/// window, is recognized as a repetition. The n-th report of one source corresponds to the n-th of another: a channel
/// that fails a hundred times in a second makes a hundred entries. Times are seconds of a monotonic clock.
struct EventDeduplicator: Sendable {
    /// How long an entry waits for the reports of other sources, in seconds.
    let hold: Double
    /// How long a repetition is recognized, in seconds.
    let window: Double
    /// How long the end of a connection is remembered, in seconds; late reports of it may take seconds.
    let endWindow: Double
    /// The highest number of remembered entries; beyond it the oldest are removed early.
    let capacity: Int
    /// The highest size of the remembered entries, in bytes.
    let byteCapacity: Int

    init(
        hold: Double = 0.25, window: Double = 2, endWindow: Double = 10, capacity: Int = 20_000,
        byteCapacity: Int = 16 << 20
    ) {
        self.hold = hold
        self.window = window
        self.endWindow = endWindow
        self.capacity = capacity
        self.byteCapacity = byteCapacity
    }

    private enum Key: Hashable {
        case channel(Name, Int, Int?)
        case opened(Name)
        case end(Name)
        case said(LedgerEntry.Kind, Name)
    }

    private struct Record {
        var entry: LedgerEntry
        var key: Key?
        var dueAt: Double
        var forgottenAt: Double
        var isReleased = false
    }

    /// The positions of a key's records, numbered from the first record ever added.
    private struct Trail {
        var numbers: [Int] = []
        var first = 0
        var next: [LedgerEntry.Source: Int] = [:]
    }

    private var records: [Int: Record] = [:]
    /// The numbers of the waiting and of the remembered records, both in order of arrival.
    private var waiting = Queue()
    private var remembered = Queue()
    private var trails: [Key: Trail] = [:]
    private var nextNumber = 0
    private var bytes = 0

    var count: Int { records.count }

    private var isOverfull: Bool { records.count > capacity || bytes > byteCapacity }

    /// When the next entry is due.
    var nextRelease: Double? {
        waiting.first.flatMap { records[$0]?.dueAt }
    }

    mutating func take(_ entry: LedgerEntry, at now: Double) {
        let key = Self.key(of: entry)
        if let key, let number = repetition(key, entry.source), var record = records[number] {
            bytes -= record.entry.byteCount
            record.entry = record.isReleased ? record.entry : Self.joined(record.entry, entry)
            bytes += record.entry.byteCount
            records[number] = record
            return
        }
        // The same name may be used again; the next end belongs to another connection.
        if case .opened(let connection)? = key { trails[.end(connection)] = nil }
        while records.count >= capacity || bytes >= byteCapacity, let oldest = remembered.first,
            records[oldest]?.isReleased == true
        {
            forget(oldest)
        }
        let number = nextNumber
        nextNumber += 1
        var window = window
        if case .end? = key { window = endWindow }
        bytes += entry.byteCount
        records[number] = Record(entry: entry, key: key, dueAt: now + hold, forgottenAt: now + window)
        waiting.append(number)
        remembered.append(number)
        if let key {
            trails[key, default: Trail()].numbers.append(number)
            let trail = trails[key] ?? Trail()
            trails[key]?.next[entry.source] = trail.first + trail.numbers.count
        }
    }

    /// Returns the entries that are due, in the order in which they were first reported.
    mutating func release(at now: Double, all: Bool = false) -> [LedgerEntry] {
        var due: [LedgerEntry] = []
        while let number = waiting.first, let record = records[number],
            all || record.dueAt <= now || isOverfull
        {
            waiting.removeFirst()
            records[number]?.isReleased = true
            due.append(record.entry)
            if record.key == nil {
                records[number] = nil
                bytes -= record.entry.byteCount
            }
        }
        while let number = remembered.first {
            guard let record = records[number] else {
                remembered.removeFirst()
                continue
            }
            guard record.isReleased, record.forgottenAt <= now || isOverfull else { break }
            forget(number)
        }
        return due
    }

    private mutating func forget(_ number: Int) {
        if remembered.first == number { remembered.removeFirst() }
        guard let record = records.removeValue(forKey: number) else { return }
        bytes -= record.entry.byteCount
        guard let key = record.key, var trail = trails[key], trail.numbers.first == number else { return }
        trail.numbers.removeFirst()
        trail.first += 1
        trails[key] = trail.numbers.isEmpty ? nil : trail
    }

    /// Returns the record that this source's report repeats.
    private mutating func repetition(_ key: Key, _ source: LedgerEntry.Source) -> Int? {
        guard var trail = trails[key] else { return nil }
        switch key {
        case .opened, .end:
            return trail.numbers.first
        case .channel, .said:
            let place = max(trail.next[source] ?? trail.first, trail.first)
            guard place - trail.first < trail.numbers.count else { return nil }
            trail.next[source] = place + 1
            trails[key] = trail
            return trail.numbers[place - trail.first]
        }
    }

    private static func key(of entry: LedgerEntry) -> Key? {
        switch entry.kind {
        case .alarm: return .said(.alarm, Name(entry.text))
        case .opened: return Name(entry.connection).map(Key.opened)
        case .error, .closed, .authentication:
            guard let connection = Name(entry.connection) else { return nil }
            if entry.scope == .channel { return .channel(connection, entry.channel ?? 0, entry.code) }
            return .end(connection)
        case .returned, .cancelled, .blocked, .unblocked, .action, .source, .fault, .recovered, .finding: return nil
        }
    }

    /// Merges two entries: the more specific one, completed from the other.
    static func joined(_ first: LedgerEntry, _ second: LedgerEntry) -> LedgerEntry {
        let secondTellsMore = rank(second) > rank(first)
        var result = secondTellsMore ? second : first
        let other = secondTellsMore ? first : second
        result.at = min(first.at, second.at)
        result.connection = result.connection ?? other.connection
        result.clientName = result.clientName ?? other.clientName
        result.user = result.user ?? other.user
        result.vhost = result.vhost ?? other.vhost
        result.peer = result.peer ?? other.peer
        result.channel = result.channel ?? other.channel
        result.queue = result.queue ?? other.queue
        result.code = result.code ?? other.code
        result.codeName = result.codeName ?? other.codeName
        result.methodClass = result.methodClass ?? other.methodClass
        result.method = result.method ?? other.method
        result.fault = result.fault ?? other.fault
        return result
    }

    /// Returns how specific an entry is: first by its subject, then by the number of its known fields.
    private static func rank(_ entry: LedgerEntry) -> Int {
        let kind =
            switch entry.kind {
            case .error, .authentication: 2
            case .closed: entry.code == nil ? 0 : 2
            case .opened, .returned, .cancelled, .blocked, .unblocked, .alarm, .action, .source, .fault, .recovered,
                .finding:
                1
            }
        let known: [Bool] = [
            entry.clientName != nil, entry.user != nil, entry.vhost != nil, entry.peer != nil, entry.channel != nil,
            entry.queue != nil, entry.code != nil, entry.method != nil,
        ]
        return kind * 100 + (entry.code == nil ? 0 : 20) + known.count { $0 }
    }

    /// A first-in, first-out queue of record numbers.
    private struct Queue {
        private var storage: [Int] = []
        private var head = 0

        var first: Int? { head < storage.count ? storage[head] : nil }

        mutating func append(_ number: Int) { storage.append(number) }

        mutating func removeFirst() {
            guard head < storage.count else { return }
            head += 1
            if head > 1024, head * 2 > storage.count {
                storage.removeFirst(head)
                head = 0
            }
        }
    }
}
