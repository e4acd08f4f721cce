import AMQPWire
import NIOCore

/// What is published on one channel: the confirms that are expected, and who waits for them.
struct ChannelPublishing {
    /// The messages that an answer of the broker settled.
    struct Settled {
        fileprivate(set) var count: UInt64 = 0
        fileprivate var waiters: [(sequence: UInt64, waiter: ConfirmWaiter)] = []
        fileprivate var failures: [UInt64: ConfirmMachine.Failure] = [:]
        /// When the measured message was sent, if it is settled.
        fileprivate(set) var measured: NIODeadline?

        /// Resumes who waited for these messages.
        func resume() {
            for (sequence, waiter) in waiters {
                let failure = failures.isEmpty ? nil : failures[sequence]
                waiter.resume(failure.map { .failure(ClientError($0)) } ?? .success(()))
            }
        }
    }

    /// The encoded parts of the last published message, reused for a similar one.
    var template: PublishTemplate?
    private var confirms = ConfirmMachine()
    private var waiters = ConfirmWaiters()
    private var unnumbered = UnnumberedMessages()
    /// The message whose confirm latency is measured, and when it was sent.
    private var timed: (sequence: UInt64, at: NIODeadline)?

    /// The number of the next message.
    var next: UInt64 { confirms.next }

    var pendingCount: Int { confirms.pendingCount }

    func isPending(_ sequence: UInt64) -> Bool { confirms.outcome(of: sequence) == .pending }

    /// Returns nil while the message is pending.
    func outcome(of sequence: UInt64) -> Result<Void, ClientError>? {
        switch confirms.outcome(of: sequence) {
        case .pending: nil
        case .confirmed: .success(())
        case .failed(let failure): .failure(ClientError(failure))
        case .overdue: .failure(.overdueConfirm)
        case .forgotten:
            .failure(ClientError(.indeterminate, "The confirm came long ago and its outcome was not kept."))
        }
    }

    /// The next message was sent.
    /// - Parameter isTimed: whether the metrics take the latency of its confirm, unless that of another is measured.
    mutating func published(_ waiter: ConfirmWaiter?, at now: NIODeadline, deadline: NIODeadline, isTimed: Bool) {
        let sequence = confirms.next
        if isTimed, timed == nil { timed = (sequence, now) }
        confirms.published(deadline: deadline)
        if let waiter { waiters.add(waiter, for: sequence) }
    }

    mutating func add(_ waiter: ConfirmWaiter, for sequence: UInt64) { waiters.add(waiter, for: sequence) }

    /// Takes out a waiter that was cancelled. Without a number all are searched.
    mutating func take(_ id: WaiterID, for sequence: UInt64?) -> ConfirmWaiter? { waiters.take(id, for: sequence) }

    // MARK: Answers

    mutating func acksReceived(_ acks: [BasicAck]) -> Settled {
        var settled = Settled()
        for ack in acks { take(confirms.ackReceived(ack.deliveryTag, multiple: ack.multiple), into: &settled) }
        finish(&settled)
        return settled
    }

    mutating func nackReceived(_ nack: BasicNack) -> Settled {
        var settled = Settled()
        take(confirms.nackReceived(nack.deliveryTag, multiple: nack.multiple), into: &settled)
        finish(&settled)
        return settled
    }

    /// The next message is mandatory and carries no number.
    mutating func publishedUnnumbered(_ message: OutgoingMessage) { unnumbered.published(message, as: confirms.next) }

    /// Returns the number of a returned message that carries none; nil if none like it is pending.
    mutating func unnumberedSequence(of method: BasicReturn, _ content: Content) -> UInt64? {
        unnumbered.returned(method, content)
    }

    /// Records a returned message; the return arrives before its ack.
    mutating func returnReceived(_ sequence: UInt64, _ reason: ClientError.Return) {
        confirms.returnReceived(sequence, reason)
    }

    private mutating func take(_ action: ConfirmMachine.Action, into settled: inout Settled) {
        guard case .settled(let range, let count) = action else { return }
        settled.count += UInt64(count)
        waiters.take(range, into: &settled.waiters)
    }

    private mutating func finish(_ settled: inout Settled) {
        if let (sequence, at) = timed, confirms.isSettled(sequence) {
            settled.measured = at
            timed = nil
        }
        waiters.advance(to: confirms.base)
        unnumbered.advance(to: confirms.base)
        guard confirms.hasFailures else { return }
        for (sequence, _) in settled.waiters {
            if case .failed(let failure) = confirms.outcome(of: sequence) { settled.failures[sequence] = failure }
        }
    }

    // MARK: Ending

    /// Takes out the waiters whose deadline has passed.
    mutating func timePassed(_ now: NIODeadline) -> [ConfirmWaiter] {
        guard case .overdue(let range) = confirms.timePassed(now) else { return [] }
        var overdue: [(sequence: UInt64, waiter: ConfirmWaiter)] = []
        waiters.take(range, into: &overdue)
        return overdue.map(\.waiter)
    }

    /// The connection was lost, and the channel goes on without the pending messages. Returns their number and waiters.
    mutating func connectionLost(_ reason: CloseReason) -> (count: Int, waiters: [ConfirmWaiter]) {
        let count = confirms.pendingCount
        confirms.connectionLost(reason)
        timed = nil
        unnumbered = UnnumberedMessages()
        defer { waiters.advance(to: confirms.base) }
        return (count, waiters.takeAll())
    }

    /// The channel is closed. Returns the number of pending messages and their waiters.
    mutating func channelClosed() -> (count: Int, waiters: [ConfirmWaiter]) {
        timed = nil
        unnumbered = UnnumberedMessages()
        return (confirms.channelClosed(), waiters.takeAll())
    }
}

extension ClientError {
    static let overdueConfirm = ClientError(
        .indeterminate,
        "No confirm came in time.",
        advice: "Publish again and expect a duplicate; check whether the broker is blocked by an alarm."
    )

    fileprivate init(_ failure: ConfirmMachine.Failure) {
        switch failure {
        case .lost(let reason): self = .indeterminate(reason)
        case .nacked: self.init(.nacked, "The broker could not take the message (basic.nack).")
        case .returned(let reason):
            self.init(
                .returned,
                "No queue took the message: \(reason.code) \(reason.text) (exchange '\(reason.exchange)', "
                    + "routing key '\(reason.routingKey)').",
                returned: reason
            )
        }
    }
}
