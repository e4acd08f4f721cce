import Foundation

/// The development of a queue that has messages.
struct QueueTrend: Sendable {
    var key: DiagnosisFacts.QueueKey
    var ready: Int
    /// The number of consumers; `nil` when it is not known.
    var consumers: Int?
    /// Since when the queue has been idle, according to the broker.
    var idleSince: Date?
    /// Since when the queue has had messages, as far as it was polled.
    var filledSince: Date
    /// When the number of messages last decreased.
    var fellAt: Date?
    /// Since when the queue has only grown without a consumer, and its number of messages at that time.
    var growsSince: Date
    var readyThen: Int
    /// When the number of messages last increased, and at how many polls since `growsSince`.
    var grewAt: Date?
    var growths = 0
    var steady: SteadyTrend
    var at: Date

    /// Creates the trend of a queue that was not seen before, or was empty.
    init(_ row: DiagnosisFacts.QueueFacts, ready: Int, at now: Date) {
        key = row.key
        self.ready = ready
        consumers = row.consumers
        idleSince = row.idleSince
        filledSince = now
        growsSince = now
        readyThen = ready
        steady = SteadyTrend(Double(ready), at: now)
        at = now
    }

    /// Whether it grows without a consumer, or steadily by more than a message a second in spite of them.
    var isGrowing: Bool { growths >= 2 || (steady.slope ?? 0) > 1 }

    mutating func take(_ row: DiagnosisFacts.QueueFacts, ready: Int, at now: Date) {
        if ready < self.ready { fellAt = now }
        if ready > self.ready {
            grewAt = now
            growths += 1
        }
        if ready < self.ready || row.consumers ?? 0 > 0 {
            growsSince = now
            readyThen = ready
            grewAt = nil
            growths = 0
        }
        self.ready = ready
        consumers = row.consumers
        idleSince = row.idleSince
        steady.add(Double(ready), at: now)
        at = now
    }
}

/// A channel with consumers, and since when it has acknowledged nothing.
struct ChannelTrend: Sendable {
    var fact: DiagnosisFacts.ChannelFacts
    /// When it was last in a list.
    var at: Date
    /// Since when it has had unacknowledged messages of which none was settled; `nil` when it has none.
    var heldSince: Date?

    init(_ fact: DiagnosisFacts.ChannelFacts, after earlier: ChannelTrend?, at now: Date) {
        self.fact = fact
        at = now
        guard let unacked = fact.unacked, unacked > 0 else { return }
        var since = now
        if let earlier, let held = earlier.heldSince, let before = earlier.fact.unacked, unacked >= before,
            !Diagnosis.flows(fact.ackRate), unacked > before || !Diagnosis.flows(fact.deliverRate)
        {
            // What is delivered without an ack and does not add up was rejected: then the messages change.
            since = held
        }
        // An idle channel has not settled anything since then.
        heldSince = min(since, fact.idleSince ?? since)
    }
}
