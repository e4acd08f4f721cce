import DequeModule
import NIOConcurrencyHelpers
import NIOCore
import NIOPosix

/// Limits a publisher's unconfirmed messages: a message takes a slot, which is freed by its confirm.
final class PublishWindow: Sendable {
    private struct State {
        var machine: WindowMachine
        var waiters: [WaiterID: Waiter<Outcome>] = [:]
        /// Messages whose confirm the application awaits itself, or not at all. Each holds a slot.
        var deferred: Deque<Confirmation> = []
        /// Whether a task awaits the oldest of `deferred` for those who wait for a slot.
        var isReaping = false
    }

    private enum Outcome {
        case admitted
        case overdue
        case cancelled
    }

    private let state: NIOLockedValueBox<State>
    private let timers = MultiThreadedEventLoopGroup.singleton.any()

    init(limit: Int) {
        state = NIOLockedValueBox(State(machine: WindowMachine(limit: limit)))
    }

    /// The number of unconfirmed messages.
    var used: Int {
        releaseSettled()
        return state.withLockedValue { $0.machine.used }
    }

    /// Takes up to `count` slots without waiting and returns their number, which may be 0.
    func takeFree(_ count: Int) -> Int {
        let taken = state.withLockedValue { $0.machine.takeFree(count) }
        if taken > 0 || count == 0 { return taken }
        return releaseSettled() ? state.withLockedValue { $0.machine.takeFree(count) } : 0
    }

    /// Takes one slot; waits for it in the order of the calls.
    func take(until deadline: NIODeadline) async throws(ClientError) {
        if takeFree(1) == 1 { return }
        let outcome = await Waiter.wait(until: deadline, on: timers) { waiter in
            let action = state.withLockedValue { state in
                state.waiters[waiter.id] = waiter
                return state.machine.requested(waiter.id, deadline: deadline)
            }
            run(action, .overdue)
            reapIfAwaited()
            return nil
        } givenUp: { [self] id, why in
            switch why {
            case .cancelled: run(state.withLockedValue { $0.machine.cancelled(id) }, .cancelled)
            case .overdue: run(state.withLockedValue { $0.machine.timePassed(.now()) }, .overdue)
            }
        }
        switch outcome {
        case .admitted: return
        case .overdue:
            throw ClientError(.timeout, "Too many messages await their confirm; this one was not sent.")
        case .cancelled:
            throw ClientError(.cancelled, "The publish was cancelled before it was sent.")
        }
    }

    func release(_ count: Int = 1) {
        if count > 0 { run(state.withLockedValue { $0.machine.released(count) }, .overdue) }
    }

    /// Frees the slot when this confirm has arrived, whether or not it is awaited.
    func releaseLater(_ confirmation: Confirmation) {
        state.withLockedValue { $0.deferred.append(confirmation) }
        reapIfAwaited()
    }

    /// Returns when all messages passed to `releaseLater` so far are settled.
    func drain() async {
        let open = state.withLockedValue { Array($0.deferred) }
        for confirmation in open { _ = await Result<Confirmation, ClientError>.success(confirmation).outcome() }
        releaseSettled()
    }

    // MARK: Waiting

    private func run(_ action: WindowMachine.Action, _ failure: Outcome) {
        let (ids, outcome): ([WaiterID], Outcome) =
            switch action {
            case .none: ([], failure)
            case .admit(let ids): (ids, .admitted)
            case .fail(let ids): (ids, failure)
            }
        guard !ids.isEmpty else { return }
        let waiters = state.withLockedValue { state in ids.compactMap { state.waiters.removeValue(forKey: $0) } }
        waiters.resume(outcome)
    }

    // MARK: Confirms awaited elsewhere

    /// Frees the slots of the oldest messages whose outcome is known. Returns whether there were any.
    @discardableResult
    private func releaseSettled() -> Bool {
        var count = 0
        let action = state.withLockedValue { state in
            while let oldest = state.deferred.first, oldest.isSettled {
                state.deferred.removeFirst()
                count += 1
            }
            return count > 0 ? state.machine.released(count) : .none
        }
        run(action, .overdue)
        return count > 0
    }

    /// While a task waits for a slot, one task awaits the oldest confirm: the later ones arrive with it, or soon after.
    private func reapIfAwaited() {
        let begins = state.withLockedValue { state in
            guard !state.isReaping, state.machine.waitingCount > 0, !state.deferred.isEmpty else { return false }
            state.isReaping = true
            return true
        }
        // Without a parent: it serves all who wait, whoever of them began it. It ends with the last, or by the deadlines
        // of confirms.
        if begins { Task { await reap() } }
    }

    private func reap() async {
        while true {
            let oldest: Confirmation? = state.withLockedValue { state in
                guard state.machine.waitingCount > 0, let oldest = state.deferred.first else {
                    state.isReaping = false
                    return nil
                }
                return oldest
            }
            guard let oldest else { return }
            _ = await Result<Confirmation, ClientError>.success(oldest).outcome()
            releaseSettled()
        }
    }
}
