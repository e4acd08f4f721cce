import DequeModule
import Faults
import NIOCore
import Names

/// Bytes for one channel that are held until they are due.
struct HeldBytes {
    /// The memory that each held piece needs in addition to its bytes.
    static let overhead = 160

    var due: NIODeadline
    /// The fault that holds them; nil if they are held for the end of a message alone.
    var cause: FaultCause?
    var side: Side
    var channel: UInt16
    /// The life of the channel that they belong to; a later channel with the same number must not receive them.
    var life: UInt64
    var bytes: ByteBuffer

    /// The size of its bytes with the overhead.
    var count: UInt64 { UInt64(bytes.readableBytes + Self.overhead) }
}

/// A message that is removed from the stream, frame by frame.
struct TakenMessage {
    enum Fate {
        case dropped
        /// The message goes back to the broker, under its delivery tag.
        case returned(UInt64)
        case twice(FaultCause)
        case later(NIODeadline, FaultCause)
    }

    var fate: Fate
    private(set) var bytes = ByteBuffer()
    /// The size of its bytes with the overhead of its frames.
    private(set) var keptBytes = 0

    init(fate: Fate) { self.fate = fate }

    /// Whether its bytes are kept; they are not if no side will receive them.
    var isKept: Bool {
        switch fate {
        case .dropped, .returned: false
        case .twice, .later: true
        }
    }

    /// Counts a frame before its bytes are added.
    mutating func reserve(_ frame: FrameScanner.Slice) {
        if isKept { keptBytes += Self.size(of: frame) }
    }

    static func size(of frame: FrameScanner.Slice) -> Int { frame.size + HeldBytes.overhead }

    mutating func add(_ more: ByteBuffer) {
        if isKept { bytes.writeImmutableBuffer(more) }
    }
}

/// The names in publishes that a fault redirected to a non-existent exchange, until the broker returns them.
struct RedirectedPublishes {
    struct Names {
        var exchange: Name
        var routingKey: Name

        var bytes: Int { exchange.count + routingKey.count + HeldBytes.overhead }
    }

    /// The highest number; beyond it messages pass unchanged.
    private static let capacity = 10_000

    private var names: Deque<Names> = []
    private(set) var bytes = 0

    var count: Int { names.count }
    var isEmpty: Bool { names.isEmpty }
    var isFull: Bool { names.count >= Self.capacity }

    mutating func append(_ more: Names) {
        names.append(more)
        bytes += more.bytes
    }

    mutating func popFirst() -> Names? {
        guard let first = names.popFirst() else { return nil }
        bytes -= first.bytes
        return first
    }
}
