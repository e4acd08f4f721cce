import NIOCore
import Names

/// The attempts for one message: decides whether another is made after a failure, and which error is thrown otherwise.
struct RetryMachine: Equatable {
    enum Action: Equatable {
        case retry(after: Duration)
        case fail(ClientError)
    }

    let policy: PublishRetry
    let deadline: NIODeadline
    /// The exchange that the message is published to.
    let exchange: Name
    /// Whether a closed channel can be replaced.
    let reopens: Bool
    private(set) var attempts = 0
    /// An attempt may have arrived: whatever fails after it, the outcome is unknown.
    private var mayHaveArrived = false

    init(_ policy: PublishRetry, deadline: NIODeadline, exchange: Name, reopens: Bool) {
        self.policy = policy
        self.deadline = deadline
        self.exchange = exchange
        self.reopens = reopens
    }

    /// An attempt failed. `random` is from 0 to 1.
    mutating func failed(_ error: ClientError, now: NIODeadline, random: Double) -> Action {
        attempts += 1
        let wasUnknown = mayHaveArrived
        if error.code == .indeterminate { mayHaveArrived = true }
        let pause = policy.pause(after: attempts, random: random)
        guard attempts < policy.attempts, isWorthwhile(error), now + TimeAmount(pause) < deadline else {
            return .fail(wasUnknown ? unknown(error) : error)
        }
        return .retry(after: pause)
    }

    /// The caller was cancelled between two attempts.
    func cancelled() -> ClientError {
        ClientError(
            .cancelled,
            mayHaveArrived
                ? "The publish was cancelled between two attempts; the broker may have the message."
                : "The publish was cancelled between two attempts."
        )
    }

    private func isWorthwhile(_ error: ClientError) -> Bool {
        switch error.code {
        case .indeterminate:
            guard let reason = error.closeReason, reason.scope == .channel else { return true }
            // A channel is shared: it may have closed because of another message. If the reason names the exchange of
            // this one, the message would close the next channel too.
            return reopens && !reason.text.containsBytes(of: "'\(exchange)'")
        case .nacked: return policy.retriesNacked
        // Nothing was sent.
        case .timeout: return true
        // Without a reason the application closed the publisher.
        case .channelClosed: return reopens && error.closeReason != nil
        default: return false
        }
    }

    private func unknown(_ last: ClientError) -> ClientError {
        if last.code == .indeterminate || last.code == .cancelled { return last }
        return ClientError(
            .indeterminate,
            "An attempt to publish may have arrived, and a later one failed: \(last.message)",
            advice: last.advice,
            closeReason: last.closeReason,
            returned: last.returned
        )
    }
}
