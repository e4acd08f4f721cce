import NIOCore

/// When to try again and when to give up, by a `RecoveryPolicy`. Knows neither clock nor chance.
struct RecoveryMachine: Equatable {
    enum Action: Equatable {
        /// Try for the `attempt`th time, after `delay`.
        case wait(attempt: Int, delay: Duration)
        case giveUp
    }

    /// How long a connection must have lived for its end to begin the count of attempts anew: without it a connection that
    /// dies as soon as it is open would be opened again and again without a pause.
    static let steadyAfter = TimeAmount.seconds(10)

    private(set) var attempts = 0
    private var openedAt: NIODeadline?

    /// It is open and all that was on it is restored.
    mutating func opened(_ now: NIODeadline) { openedAt = now }

    /// It was lost, or an attempt failed. `random` is from 0 to 1.
    mutating func failed(
        _ error: ClientError, policy: RecoveryPolicy, now: NIODeadline, random: Double
    ) -> Action {
        if let openedAt {
            if now - openedAt >= min(Self.steadyAfter, TimeAmount(policy.cap)) { attempts = 0 }
            self.openedAt = nil
        }
        if !policy.isEnabled || error.isPermanent { return .giveUp }
        if let most = policy.attempts, attempts >= most { return .giveUp }
        attempts += 1
        return .wait(attempt: attempts, delay: policy.delay(attempt: attempts - 1, random: random))
    }
}
