import NIOCore

/// The state of a fault in one session.
struct SessionFault {
    let fault: ProxyFault
    /// How much it could have applied to on this connection.
    var passed = 0
    /// Whether it has taken effect in this session.
    var hasStruck = false
    /// Whether it was reported that it cannot hold any more.
    var saidFull = false
}

/// A message that is removed from the stream, frame by frame.
struct TakenMessage {
    enum Fate {
        case dropped
        /// The message goes back to the broker, under its delivery tag.
        case returned(UInt64)
        case twice(fault: String)
        case later(NIODeadline, fault: String)
    }

    var fate: Fate
    private(set) var bytes = ByteBuffer()
    let share: HeldRoom.Share

    init(fate: Fate, _ share: HeldRoom.Share) {
        self.fate = fate
        self.share = share
    }

    /// Whether its bytes are kept; they are not if no side will receive them.
    var isKept: Bool {
        switch fate {
        case .dropped, .returned: false
        case .twice, .later: true
        }
    }

    /// Reserves memory for a frame that is to be added.
    ///
    /// - Returns: false if the limit would be exceeded.
    func reserve(_ frame: FrameScanner.Slice) -> Bool { !isKept || share.grow(by: frame.size + HeldRoom.overhead) }

    mutating func add(_ more: ByteBuffer) {
        if isKept { bytes.writeImmutableBuffer(more) }
    }
}

/// Bytes for one channel that are held until they are due.
struct HeldBytes {
    var due: NIODeadline
    /// The fault that holds them, as the ledger names it.
    var fault: String
    var side: Side
    var channel: UInt16
    /// The life of the channel that they belong to; a later channel with the same number must not receive them.
    var life: UInt64
    var bytes: ByteBuffer
    let share: HeldRoom.Share

    /// The size of its bytes with the overhead.
    var count: UInt64 { UInt64(bytes.readableBytes + HeldRoom.overhead) }
}
