import DequeModule
import NIOConcurrencyHelpers
import NIOCore
import NIOPosix

/// The limit of a publisher's messages under way: gives places, and takes them back as confirms come.
final class PublishWindow: Sendable {
    private struct State {
        var machine: WindowMachine
        var waiters: [WindowMachine.WaiterID: Waiter] = [:]
        var nextWaiter: WindowMachine.WaiterID = 0
        /// Messages whose confirm the application awaits by itself, or not at all. Each holds a place.
        var deferred: Deque<Confirmation> = []
        /// Somebody awaits the oldest of `deferred` for those who wait for a place.
        var isReaping = false
    }

    private struct Waiter {
        var continuation: UnsafeContinuation<Outcome, Never>
        var timer: Scheduled<Void>?
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

    /// How many messages are under way.
    var used: Int {
        releaseSettled()
        return state.withLockedValue { $0.machine.used }
    }

    /// Takes up to `count` places without waiting; returns how many, which may be none.
    func takeFree(_ count: Int) -> Int {
        let taken = state.withLockedValue { $0.machine.takeFree(count) }
        if taken > 0 || count == 0 { return taken }
        return releaseSettled() ? state.withLockedValue { $0.machine.takeFree(count) } : 0
    }

    /// Takes one place, waiting in line for it.
    func take(until deadline: NIODeadline) async throws(ClientError) {
        if takeFree(1) == 1 { return }
        let id = state.withLockedValue { state in
            state.nextWaiter += 1
            return state.nextWaiter
        }
        let outcome = await withTaskCancellationHandler {
            await withUnsafeContinuation { continuation in
                let action = state.withLockedValue { state in
                    state.waiters[id] = Waiter(continuation: continuation)
                    return state.machine.requested(id, deadline: deadline)
                }
                run(action, .overdue)
                startTimer(id, deadline)
                reapIfAwaited()
                if Task.isCancelled { cancel(id) }
            }
        } onCancel: {
            cancel(id)
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

    /// The place is free again once this confirm has come, whether anybody awaits it or not.
    func releaseLater(_ confirmation: Confirmation) {
        state.withLockedValue { $0.deferred.append(confirmation) }
        reapIfAwaited()
    }

    /// Returns when all of `releaseLater` by now are settled.
    func drain() async {
        let open = state.withLockedValue { Array($0.deferred) }
        for confirmation in open { _ = await Result<Confirmation, ClientError>.success(confirmation).outcome() }
        releaseSettled()
    }

    // MARK: Waiting

    private func run(_ action: WindowMachine.Action, _ failure: Outcome) {
        let (ids, outcome): ([WindowMachine.WaiterID], Outcome) =
            switch action {
            case .none: ([], failure)
            case .admit(let ids): (ids, .admitted)
            case .fail(let ids): (ids, failure)
            }
        guard !ids.isEmpty else { return }
        let waiters = state.withLockedValue { state in ids.compactMap { state.waiters.removeValue(forKey: $0) } }
        for waiter in waiters {
            waiter.timer?.cancel()
            waiter.continuation.resume(returning: outcome)
        }
    }

    private func startTimer(_ id: WindowMachine.WaiterID, _ deadline: NIODeadline) {
        guard state.withLockedValue({ $0.waiters[id] != nil }) else { return }
        let timer = timers.scheduleTask(deadline: deadline) { [weak self] in
            guard let self else { return }
            run(state.withLockedValue { $0.machine.timePassed(.now()) }, .overdue)
        }
        let isWaiting = state.withLockedValue { state in
            guard state.waiters[id] != nil else { return false }
            state.waiters[id]?.timer = timer
            return true
        }
        if !isWaiting { timer.cancel() }
    }

    private func cancel(_ id: WindowMachine.WaiterID) {
        run(state.withLockedValue { $0.machine.cancelled(id) }, .cancelled)
    }

    // MARK: Confirms that nobody reports

    /// Frees the places of those at the front whose outcome is known. True when there were any.
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

    /// While somebody waits for a place, one task awaits the oldest confirm: those behind it come with it, or soon after.
    private func reapIfAwaited() {
        let begins = state.withLockedValue { state in
            guard !state.isReaping, state.machine.waitingCount > 0, !state.deferred.isEmpty else { return false }
            state.isReaping = true
            return true
        }
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
