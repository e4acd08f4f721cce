import NIOCore

/// A fault as one session has it.
struct SessionFault {
    let fault: ProxyFault
    /// What it could have met on this connection.
    var passed = 0
    /// It has struck here.
    var hasStruck = false
}

/// A message that is taken out of the stream, frame by frame.
struct TakenMessage {
    enum Fate {
        case dropped
        /// It goes back to the broker, under its delivery tag.
        case returned(UInt64)
        case twice
        case later(NIODeadline, fault: String)
    }

    var fate: Fate
    private(set) var bytes: [ByteBuffer] = []

    init(fate: Fate) { self.fate = fate }

    /// What nobody gets is not kept.
    mutating func add(_ more: ByteBuffer) {
        switch fate {
        case .dropped, .returned: return
        case .twice, .later: bytes.append(more)
        }
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
    var bytes: [ByteBuffer]

    var count: Int { bytes.reduce(0) { $0 + $1.readableBytes } }
}
