/// What the broker may still deliver to the consumer of a transfer, and which acknowledgements wait.
///
/// A consumer gets as many messages as its prefetch, and one more with each acknowledgement. No message is to be
/// delivered that is not wanted: it would be marked as redelivered. So acknowledgements are held back towards the end.
/// Messages that are kept (because they do not match, or failed) use the prefetch up. Then another consumer begins.
struct TransferCredit: Equatable {
    /// What the reader does next.
    enum Step: Equatable {
        /// Takes the next delivery: there is one, or the queue is empty.
        case take
        /// Waits until messages that are on their way are settled.
        case wait
        /// Begins with another consumer, of which these are the prefetch and the most messages.
        case consume
        /// Everything is taken.
        case end
    }

    /// The most messages that are still to be delivered, by this consumer and those after it.
    private(set) var wanted: Int
    private var prefetch = 0
    /// What this consumer may deliver at the most.
    private var allowed = 0
    private var delivered = 0
    private var acknowledged = 0
    private var kept = 0

    init(wanted: Int) { self.wanted = wanted }

    /// The messages that are delivered and neither acknowledged nor kept.
    private var open: Int { delivered - acknowledged - kept }

    /// Begins a consumer.
    ///
    /// - Parameter most: what it delivers at most.
    mutating func consume(prefetch: Int, most: Int) {
        self.prefetch = prefetch
        allowed = min(wanted, max(prefetch, most))
        delivered = 0
        acknowledged = 0
        kept = 0
    }

    mutating func take() {
        delivered += 1
        wanted -= 1
    }

    mutating func keep() { kept += 1 }
    mutating func acknowledge() { acknowledged += 1 }

    /// Nothing more is wanted.
    mutating func stop() { wanted = 0 }

    /// How many acknowledgements let the broker deliver only what is wanted from this consumer.
    var mayAcknowledge: Int {
        kept < max(1, prefetch * 3 / 4) ? max(0, allowed - prefetch - acknowledged) : 0
    }

    /// - Parameter onTheWay: the messages that are published and not confirmed.
    func step(onTheWay: Int) -> Step {
        if wanted <= 0 { return .end }
        if delivered < min(allowed, acknowledged + prefetch) { return .take }
        return onTheWay > 0 ? .wait : .consume
    }
}
