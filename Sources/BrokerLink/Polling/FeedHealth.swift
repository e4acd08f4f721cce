/// Whether a feed is taken to answer.
///
/// The first return is believed at once. A feed that came and went several times within a minute has to answer for a while
/// before it is: two seconds, then four, up to half a minute. Times are seconds of a clock that never goes back.
struct FeedHealth: Sendable, Equatable {
    enum State: Sendable, Equatable { case alive, dead, denied }

    /// For how long a loss is remembered.
    static let memory = 60.0
    static let longestHold = 30.0
    /// Without a loss for so long it is missed when it dies: the others are asked at once whether they still answer.
    static let steady = 10.0

    private(set) var state = State.alive
    /// Whether it ever answered: what was never there was not lost.
    private var hasAnswered = false
    /// When it died of late.
    private var losses: [Double] = []
    /// Since when it answers again, not yet believed.
    private var returningSince: Double?
    /// How often it refused all that was asked, one time after the other.
    private(set) var denials = 0

    /// For how long it has to answer before its return is believed.
    func hold(at now: Double) -> Double {
        let count = losses.count { now - $0 < Self.memory }
        guard count > 1 else { return 0 }
        return min(Self.longestHold, 2 * Double(1 << min(count - 2, 8)))
    }

    /// Whether an answer that comes now makes it alive, or finds it so.
    func believes(at now: Double) -> Bool {
        guard state == .dead else { return true }
        return now - (returningSince ?? now) >= hold(at: now)
    }

    /// Whether it answers and is not believed yet.
    var isReturning: Bool { returningSince != nil }

    /// Takes an answer.
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

    /// Takes word that it does not answer.
    ///
    /// - Returns: whether that is news, and whether it lived steadily before.
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

    /// Takes word that it refuses this user everything.
    ///
    /// - Returns: whether that is news.
    mutating func refusedUser() -> Bool {
        returningSince = nil
        denials = min(denials + 1, 10)
        guard state != .denied else { return false }
        state = .denied
        return true
    }
}
