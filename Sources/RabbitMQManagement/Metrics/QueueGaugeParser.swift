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
/// The families list the queues in the same order, so the row after the last one is tried before the rows are searched.
struct QueueGaugeParser: MetricParser {
    private enum Family: Int {
        case messages
        case ready
        case unacknowledged
        case consumers
    }

    private struct Row {
        /// The place of the queue's vhost, followed by its name, in `names`.
        var place: Range<Int>
        var vhostLength: Int
        var gauges: (Int64?, Int64?, Int64?, Int64?) = (nil, nil, nil, nil)
    }

    var lines = MetricLines()
    var samples = 0
    var undecodable = 0
    private var rows: [Row] = []
    /// The bytes of all vhosts and names, one after the other.
    private var names: [UInt8] = []
    /// A hash table with the number of each queue's row, counted from 1; 0 is free. A dictionary would have an array of
    /// bytes for each queue.
    private var slots: [Int32] = []
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
        let isUnescaped = self.isUnescaped || rows.contains { Self.hasForeignEscape(names[$0.place]) }
        func text(_ raw: ArraySlice<UInt8>) -> Name {
            isUnescaped ? Name(bytes: raw) : MetricLine.unescaped(raw)
        }
        var result: [QueueGauge] = []
        result.reserveCapacity(rows.count)
        var vhost: Name = ""
        var vhostBytes: ArraySlice<UInt8> = []
        for row in rows {
            let bytes = names[row.place].prefix(row.vhostLength)
            if bytes != vhostBytes || result.isEmpty {
                vhostBytes = bytes
                vhost = text(bytes)
            }
            result.append(
                QueueGauge(
                    vhost: vhost, name: text(names[row.place].dropFirst(row.vhostLength)),
                    messages: row.gauges.0, ready: row.gauges.1, unacknowledged: row.gauges.2, consumers: row.gauges.3))
        }
        return QueueGauges(
            rows: result, hasDepths: hasDepths, hasConsumers: hasConsumers, cluster: cluster,
            undecodable: undecodable)
    }

    /// Returns whether a backslash precedes a character that is never escaped: then the broker does not escape label
    /// values.
    private static func hasForeignEscape(_ names: ArraySlice<UInt8>) -> Bool {
        guard names.contains(UInt8(ascii: "\\")) else { return false }
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
        if cursor < rows.count, matches(rows[cursor], vhost, queue) {
            cursor += 1
            return cursor - 1
        }
        let slot = slot(vhost, queue)
        if let slot, slots[slot] > 0 {
            cursor = Int(slots[slot])
            return cursor - 1
        }
        guard rows.count < mostRows else { return nil }
        let start = names.count
        names.append(contentsOf: vhost)
        names.append(contentsOf: queue)
        rows.append(Row(place: start..<names.count, vhostLength: vhost.count))
        cursor = rows.count
        if let slot, rows.count * 2 < slots.count {
            slots[slot] = Int32(clamping: rows.count)
        } else {
            growSlots()
        }
        return rows.count - 1
    }

    /// Returns the slot that has a queue's row, or is free for it; nil without any slots.
    private func slot(
        _ vhost: Slice<UnsafeRawBufferPointer>, _ queue: Slice<UnsafeRawBufferPointer>
    ) -> Int? {
        guard !slots.isEmpty else { return nil }
        // Seeded at random: no names can be chosen that all fall into one slot.
        var hasher = Hasher()
        hasher.combine(vhost.count)
        hasher.combine(bytes: UnsafeRawBufferPointer(rebasing: vhost))
        hasher.combine(bytes: UnsafeRawBufferPointer(rebasing: queue))
        var slot = hasher.finalize() & (slots.count - 1)
        while slots[slot] > 0, !matches(rows[Int(slots[slot]) - 1], vhost, queue) {
            slot = (slot + 1) & (slots.count - 1)
        }
        return slot
    }

    /// Doubles the slots, of which at most half are taken, and takes them for the rows.
    private mutating func growSlots() {
        slots = [Int32](repeating: 0, count: max(64, slots.count * 2))
        for (index, row) in rows.enumerated() {
            let free = names.withUnsafeBytes {
                slot($0[row.place].prefix(row.vhostLength), $0[row.place].dropFirst(row.vhostLength))
            }
            if let free { slots[free] = Int32(clamping: index + 1) }
        }
    }

    private func matches(
        _ row: Row, _ vhost: Slice<UnsafeRawBufferPointer>, _ queue: Slice<UnsafeRawBufferPointer>
    ) -> Bool {
        guard row.vhostLength == vhost.count, row.place.count == vhost.count + queue.count else { return false }
        return names.withUnsafeBytes {
            let name = $0[row.place]
            return Self.areEqual(name.prefix(row.vhostLength), vhost)
                && Self.areEqual(name.dropFirst(row.vhostLength), queue)
        }
    }

    private static func areEqual(
        _ left: Slice<UnsafeRawBufferPointer>, _ right: Slice<UnsafeRawBufferPointer>
    ) -> Bool {
        let left = UnsafeRawBufferPointer(rebasing: left)
        let right = UnsafeRawBufferPointer(rebasing: right)
        guard let leftStart = left.baseAddress, let rightStart = right.baseAddress else { return true }
        return memcmp(leftStart, rightStart, left.count) == 0
    }
}
