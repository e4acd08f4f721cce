import NIOCore

/// Decides by a `RecoveryPolicy` when to try again and when to give up. Time and random numbers are passed in.
struct RecoveryMachine: Equatable {
    enum Action: Equatable {
        /// Make the `attempt`th attempt, after `delay`.
        case wait(attempt: Int, delay: Duration)
        case giveUp
    }

    /// How long a connection must have been open for its loss to restart the count of attempts. Otherwise a connection
    /// that is lost as soon as it is open would be opened again without end and without a pause.
    static let steadyAfter = TimeAmount.seconds(10)

    private(set) var attempts = 0
    private var openedAt: NIODeadline?

    /// The connection is open and restored.
    mutating func opened(_ now: NIODeadline) { openedAt = now }

    /// The connection was lost, or an attempt failed. `random` is from 0 to 1.
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
