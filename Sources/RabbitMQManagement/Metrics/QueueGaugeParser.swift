import Names

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Joins the lines of the queue families by queue.
///
/// Names are stored once, as bytes in one buffer, and converted at the end. The families list the queues in the same
/// order, so the row after the last one is tried before the table is searched.
struct QueueGaugeParser: MetricParser {
    private enum Family: Int {
        case messages
        case ready
        case unacknowledged
        case consumers
    }

    private struct Row {
        /// The offset of the vhost's bytes; the queue's follow them.
        var start: Int
        var vhostLength: Int
        var nameLength: Int
        var hash: Int
        var gauges: (Int64?, Int64?, Int64?, Int64?) = (nil, nil, nil, nil)
    }

    var lines = MetricLines()
    var samples = 0
    var undecodable = 0
    private var names: [UInt8] = []
    private var rows: [Row] = []
    /// A hash table with open addressing: a row's index, or -1. The size is a power of two, and it is at most half
    /// full.
    private var table: [Int32] = Array(repeating: -1, count: 1024)
    private var family: Family?
    private var cursor = 0
    /// Set by a line that only a broker writes which does not escape label values.
    private var isUnescaped = false
    private var hasDepths = false
    private var hasConsumers = false
    private var cluster: Name?
    private let mostRows: Int
    /// Set if there were more queues than are kept.
    private(set) var excess: TooManyRows?

    /// - Parameter mostRows: the maximum number of queues; a response with more is refused.
    init(mostRows: Int = 400_000) { self.mostRows = mostRows }

    mutating func takeLine(_ bytes: UnsafeRawBufferPointer) {
        guard let first = bytes.first, first != 0x0D else { return }
        if first == UInt8(ascii: "#") { return takeComment(bytes) }
        guard let line = MetricLine(bytes) else { return takeUnescaped(bytes) }
        guard let family = Self.family(of: line) else {
            samples += 1
            if line.equals(line.name, "rabbitmq_identity_info") { takeIdentity(line) }
            return
        }
        var vhost: Range<Int>?
        var queue: Range<Int>?
        let isWellFormed = line.forEachLabel { name, value in
            if line.equals(name, "vhost") {
                vhost = value
            } else if line.equals(name, "queue") {
                queue = value
            }
        }
        guard isWellFormed, let vhost, let queue else { return takeUnescaped(bytes) }
        store(line, family, vhost: vhost, queue: queue)
    }

    private mutating func takeIdentity(_ line: MetricLine) {
        var name: Name?
        _ = line.forEachLabel { label, value in
            if line.equals(label, "rabbitmq_cluster") { name = MetricLine.unescaped(line.bytes[value]) }
        }
        cluster = name ?? cluster
    }

    /// Processes a line as brokers up to 3.10 write it for a queue with a quote in its name.
    private mutating func takeUnescaped(_ bytes: UnsafeRawBufferPointer) {
        guard let line = MetricLine(unescaped: bytes) else {
            undecodable += 1
            return
        }
        guard let family = Self.family(of: line) else {
            samples += 1
            return
        }
        guard let (vhost, queue) = line.unescapedQueue else {
            undecodable += 1
            return
        }
        isUnescaped = true
        store(line, family, vhost: vhost, queue: queue)
    }

    private mutating func store(_ line: MetricLine, _ family: Family, vhost: Range<Int>, queue: Range<Int>) {
        samples += 1
        note(family)
        guard let index = row(vhost: line.bytes[vhost], queue: line.bytes[queue]) else {
            excess = TooManyRows(limit: mostRows)
            return
        }
        let value = line.integer
        switch family {
        case .messages: rows[index].gauges.0 = value
        case .ready: rows[index].gauges.1 = value
        case .unacknowledged: rows[index].gauges.2 = value
        case .consumers: rows[index].gauges.3 = value
        }
    }

    mutating func finish() -> QueueGauges {
        finishLines()
        let isUnescaped = self.isUnescaped || Self.hasForeignEscape(names)
        func text(_ raw: ArraySlice<UInt8>) -> Name {
            isUnescaped ? Name(bytes: raw) : MetricLine.unescaped(raw)
        }
        var result: [QueueGauge] = []
        result.reserveCapacity(rows.count)
        var vhost: Name = ""
        var vhostBytes: ArraySlice<UInt8> = []
        for row in rows {
            let bytes = names[row.start..<row.start + row.vhostLength]
            if bytes != vhostBytes || result.isEmpty {
                vhostBytes = bytes
                vhost = text(bytes)
            }
            let nameStart = row.start + row.vhostLength
            result.append(
                QueueGauge(
                    vhost: vhost, name: text(names[nameStart..<nameStart + row.nameLength]),
                    messages: row.gauges.0, ready: row.gauges.1, unacknowledged: row.gauges.2, consumers: row.gauges.3))
        }
        return QueueGauges(
            rows: result, hasDepths: hasDepths, hasConsumers: hasConsumers, cluster: cluster,
            undecodable: undecodable)
    }

    /// Returns whether a backslash precedes a character that is never escaped: then the broker does not escape label
    /// values.
    private static func hasForeignEscape(_ names: [UInt8]) -> Bool {
        var isEscaped = false
        for byte in names {
            if isEscaped {
                switch byte {
                case UInt8(ascii: "n"), UInt8(ascii: "\\"), UInt8(ascii: "\""): isEscaped = false
                default: return true
                }
            } else {
                isEscaped = byte == UInt8(ascii: "\\")
            }
        }
        return isEscaped
    }

    private static func family(of line: MetricLine) -> Family? {
        // The length is compared first: it decides most lines of a large response.
        switch line.name.count {
        case 33: line.equals(line.name, "rabbitmq_detailed_queue_consumers") ? .consumers : nil
        case 32: line.equals(line.name, "rabbitmq_detailed_queue_messages") ? .messages : nil
        case 38: line.equals(line.name, "rabbitmq_detailed_queue_messages_ready") ? .ready : nil
        case 40: line.equals(line.name, "rabbitmq_detailed_queue_messages_unacked") ? .unacknowledged : nil
        default: nil
        }
    }

    /// Processes `# TYPE NAME gauge`, which shows that a family is supported even if there is no queue.
    private mutating func takeComment(_ bytes: UnsafeRawBufferPointer) {
        let prefix = 7
        guard bytes.count > prefix, bytes.starts(with: "# TYPE ".utf8),
            let line = MetricLine(UnsafeRawBufferPointer(rebasing: bytes[prefix...]))
        else { return }
        // A comment shows as well as a sample that the response has metrics.
        samples += 1
        if let family = Self.family(of: line) { note(family) }
    }

    private mutating func note(_ family: Family) {
        guard family != self.family else { return }
        self.family = family
        cursor = 0
        if family == .consumers { hasConsumers = true } else { hasDepths = true }
    }

    /// Returns the index of a queue's row, which is created if necessary; nil if there are already too many.
    private mutating func row(vhost: Slice<UnsafeRawBufferPointer>, queue: Slice<UnsafeRawBufferPointer>) -> Int? {
        if cursor < rows.count, matches(cursor, vhost, queue) {
            cursor += 1
            return cursor - 1
        }
        var hasher = Hasher()
        hasher.combine(bytes: UnsafeRawBufferPointer(rebasing: vhost))
        hasher.combine(vhost.count)
        hasher.combine(bytes: UnsafeRawBufferPointer(rebasing: queue))
        let hash = hasher.finalize()
        let slot = slot(hash) { matches($0, vhost, queue) }
        if table[slot] >= 0 {
            cursor = Int(table[slot]) + 1
            return cursor - 1
        }
        guard rows.count < mostRows else { return nil }
        table[slot] = Int32(truncatingIfNeeded: rows.count)
        rows.append(Row(start: names.count, vhostLength: vhost.count, nameLength: queue.count, hash: hash))
        names.append(contentsOf: vhost)
        names.append(contentsOf: queue)
        cursor = rows.count
        if rows.count * 2 > table.count { growTable() }
        return rows.count - 1
    }

    /// Returns the slot of the matching row with this hash, or the empty slot where it belongs.
    private func slot(_ hash: Int, _ isTheOne: (Int) -> Bool) -> Int {
        let mask = table.count - 1
        var slot = hash & mask
        while table[slot] >= 0 {
            let index = Int(table[slot])
            if rows[index].hash == hash, isTheOne(index) { break }
            slot = (slot + 1) & mask
        }
        return slot
    }

    private mutating func growTable() {
        table = Array(repeating: -1, count: table.count * 2)
        for index in rows.indices {
            let slot = slot(rows[index].hash) { _ in false }
            table[slot] = Int32(truncatingIfNeeded: index)
        }
    }

    private static func areEqual(
        _ left: Slice<UnsafeRawBufferPointer>, _ right: Slice<UnsafeRawBufferPointer>
    ) -> Bool {
        let left = UnsafeRawBufferPointer(rebasing: left)
        let right = UnsafeRawBufferPointer(rebasing: right)
        guard left.count == right.count else { return false }
        guard let leftStart = left.baseAddress, let rightStart = right.baseAddress else { return true }
        return memcmp(leftStart, rightStart, left.count) == 0
    }

    private func matches(
        _ index: Int, _ vhost: Slice<UnsafeRawBufferPointer>, _ queue: Slice<UnsafeRawBufferPointer>
    ) -> Bool {
        let row = rows[index]
        guard row.vhostLength == vhost.count, row.nameLength == queue.count else { return false }
        return names.withUnsafeBytes { names in
            let start = row.start
            let middle = start + row.vhostLength
            return Self.areEqual(names[start..<middle], vhost)
                && Self.areEqual(names[middle..<middle + row.nameLength], queue)
        }
    }
}
