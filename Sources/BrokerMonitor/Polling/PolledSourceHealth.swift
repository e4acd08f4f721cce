/// Whether a source is taken to answer.
///
/// The first return counts immediately. A source that was lost several times within a minute has to answer for some
/// time before its return counts: two seconds, then four, up to half a minute. Times are seconds of a monotonic clock.
struct PolledSourceHealth: Sendable, Equatable {
    enum State: Sendable, Equatable { case alive, dead, denied }

    /// How long a loss is remembered, in seconds.
    static let memory = 60.0
    static let longestHold = 30.0
    /// The time without a loss, in seconds, after which a source's death is a reason to probe the other sources
    /// immediately.
    static let steady = 10.0

    private(set) var state = State.alive
    /// Whether it has ever answered; a source that never answered cannot be lost.
    private var hasAnswered = false
    /// When it recently died.
    private var losses: [Double] = []
    /// Since when it answers again, while its return does not count yet.
    private var returningSince: Double?
    /// The number of consecutive refusals of all requests.
    private(set) var denials = 0

    /// Returns how long, in seconds, it has to answer before its return counts.
    func hold(at now: Double) -> Double {
        let count = losses.count { now - $0 < Self.memory }
        guard count > 1 else { return 0 }
        return min(Self.longestHold, 2 * Double(1 << min(count - 2, 8)))
    }

    /// Whether an answer that arrives now makes it alive, or confirms that it is.
    func believes(at now: Double) -> Bool {
        guard state == .dead else { return true }
        return now - (returningSince ?? now) >= hold(at: now)
    }

    /// Whether it answers but its return does not count yet.
    var isReturning: Bool { returningSince != nil }

    /// Records an answer.
    ///
    /// - Returns: whether it is alive from now on, and was not before.
    mutating func answered(at now: Double) -> Bool {
        denials = 0
        guard state != .alive else {
            hasAnswered = true
            return false
        }
        if state == .dead, !believes(at: now) {
            if returningSince == nil { returningSince = now }
            return false
        }
        state = .alive
        hasAnswered = true
        returningSince = nil
        return true
    }

    /// Records that it does not answer.
    ///
    /// - Returns: whether that is new, and whether it had been steady before.
    mutating func died(at now: Double) -> (isNew: Bool, wasSteady: Bool) {
        returningSince = nil
        denials = 0
        guard state != .dead else { return (false, false) }
        let wasSteady = losses.allSatisfy { now - $0 >= Self.steady }
        state = .dead
        losses.removeAll { now - $0 >= Self.memory }
        if hasAnswered { losses.append(now) }
        return (true, wasSteady)
    }

    /// Records that it refuses all requests of this user.
    ///
    /// - Returns: whether that is new.
    mutating func refusedUser() -> Bool {
        returningSince = nil
        denials = min(denials + 1, 10)
        guard state != .denied else { return false }
        state = .denied
        return true
    }
}
