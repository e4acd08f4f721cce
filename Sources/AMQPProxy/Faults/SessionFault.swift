import NIOCore

/// A fault as one session has it.
struct SessionFault {
    let fault: ProxyFault
    /// What it could have met on this connection.
    var passed = 0
    /// It has struck here.
    var hasStruck = false
    /// It was said that it has no room.
    var saidFull = false
}

/// A message that is taken out of the stream, frame by frame.
struct TakenMessage {
    enum Fate {
        case dropped
        /// It goes back to the broker, under its delivery tag.
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

    /// What nobody gets is not kept.
    var isKept: Bool {
        switch fate {
        case .dropped, .returned: false
        case .twice, .later: true
        }
    }

    /// Makes room for a frame that is to be added.
    ///
    /// - Returns: false where there is none.
    func reserve(_ frame: FrameScanner.Slice) -> Bool { !isKept || share.grow(by: frame.size + HeldRoom.overhead) }

    mutating func add(_ more: ByteBuffer) {
        if isKept { bytes.writeImmutableBuffer(more) }
    }
}

/// Bytes for one channel that wait for their time.
struct HeldBytes {
    var due: NIODeadline
    /// Which fault holds them, as the ledger names it.
    var fault: String
    var side: Side
    var channel: UInt16
    /// The life of the channel that they belong to: another channel of that number must not get them.
    var life: UInt64
    var bytes: ByteBuffer
    let share: HeldRoom.Share

    /// Its bytes, and what it takes beside them.
    var count: UInt64 { UInt64(bytes.readableBytes + HeldRoom.overhead) }
}
