import Faults
import NIOCore

/// Delays or narrows one direction of a session; bytes are sent later, in their order.
struct TrafficShaper {
    struct Limits: Sendable, Hashable {
        var delay = TimeAmount.zero
        /// The highest random addition to the delay.
        var jitter = TimeAmount.zero
        var bytesPerSecond: Int?
    }

    enum Item {
        case bytes(ByteBuffer)
        /// The socket is closed after the bytes before this.
        case end
    }

    /// The number of bytes above which no more are accepted; meanwhile the other side is not read.
    static let room = 1 << 20

    private var limits: [Limits] = []
    private var random = SeededRandom(seed: 0)
    private var items: CircularBuffer<(due: NIODeadline, item: Item)> = []
    private var last = NIODeadline.uptimeNanoseconds(0)
    /// The number of delayed bytes.
    private(set) var pending = 0

    var isOpen: Bool { limits.isEmpty && items.isEmpty }
    var hasRoom: Bool { pending < Self.room }
    /// When the next item is due.
    var nextDue: NIODeadline? { items.first?.due }

    mutating func set(_ limits: [Limits], seed: UInt64) {
        guard limits != self.limits else { return }
        if self.limits.isEmpty { random = SeededRandom(seed: seed) }
        self.limits = limits
        guard limits.isEmpty else { return }
        // No limit is set any more, so everything is due now.
        for index in items.indices { items[index].due = .uptimeNanoseconds(0) }
        last = .uptimeNanoseconds(0)
    }

    mutating func write(_ bytes: ByteBuffer, now: NIODeadline) {
        let rate = limits.compactMap(\.bytesPerSecond).min()
        // At a limited rate, bytes are sent in portions of a twentieth of a second.
        let size = rate.map { max(64, min($0 / 20, 1 << 16)) } ?? bytes.readableBytes
        var bytes = bytes
        let start = now + delay()
        while bytes.readableBytes > 0, let piece = bytes.readSlice(length: min(size, bytes.readableBytes)) {
            var due = max(last, start)
            if let rate { due = due + .nanoseconds(Int64(piece.readableBytes) * 1_000_000_000 / Int64(rate)) }
            last = due
            pending += piece.readableBytes
            items.append((due, .bytes(piece)))
        }
    }

    mutating func end(now: NIODeadline) { items.append((max(last, now), .end)) }

    /// Removes and returns the items that are due.
    mutating func take(now: NIODeadline) -> [Item] {
        var taken: [Item] = []
        while let first = items.first, first.due <= now {
            if case .bytes(let bytes) = first.item { pending -= bytes.readableBytes }
            taken.append(items.removeFirst().item)
        }
        return taken
    }

    private mutating func delay() -> TimeAmount {
        var total = TimeAmount.zero
        for limit in limits {
            total = total + limit.delay
            if limit.jitter > .zero {
                total = total + .nanoseconds(Int64.random(in: 0...limit.jitter.nanoseconds, using: &random))
            }
        }
        return total
    }
}
