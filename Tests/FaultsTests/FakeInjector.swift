import Faults
import Synchronization

/// Injects nothing, and undoes it as told.
final class FakeInjector: FaultInjector {
    struct State {
        var injected: [FaultOrder] = []
        var undone = 0
        /// How many of the next attempts to undo fail.
        var failures = 0
        var hits: UInt64 = 0
        var refusal: FaultError?
    }

    let state = Mutex(State())
    /// What an injection waits for, and an undo.
    let injecting: Gate?
    let undoing: Gate?

    init(injecting: Gate? = nil, undoing: Gate? = nil) {
        self.injecting = injecting
        self.undoing = undoing
    }

    func inject(_ order: FaultOrder) async throws(FaultError) -> FaultInjection {
        await injecting?.pass()
        let refusal = state.withLock { state in
            state.injected.append(order)
            return state.refusal
        }
        if let refusal { throw refusal }
        guard order.description.undo != nil else { return FaultInjection(note: "done") }
        return FaultInjection(
            note: "injected", undo: { () async throws(FaultError) in try await self.undo() },
            hits: { self.state.withLock { $0.hits } })
    }

    private func undo() async throws(FaultError) -> String {
        await undoing?.pass()
        let fails = state.withLock { state in
            guard state.failures > 0 else {
                state.undone += 1
                return false
            }
            state.failures -= 1
            return true
        }
        if fails { throw FaultError("The broker is away.", advice: "Wait.") }
        return "put back"
    }
}

/// Lets nobody pass until it is opened.
final class Gate: Sendable {
    private struct State {
        var isOpen = false
        var waiting: [CheckedContinuation<Void, Never>] = []
        var watching: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())

    func pass() async {
        await withCheckedContinuation { continuation in
            let (goes, watching) = state.withLock { state in
                if state.isOpen { return (true, [CheckedContinuation<Void, Never>]()) }
                state.waiting.append(continuation)
                defer { state.watching = [] }
                return (false, state.watching)
            }
            if goes { continuation.resume() }
            for watcher in watching { watcher.resume() }
        }
    }

    /// Returns when somebody waits before it.
    func somebodyWaits() async {
        await withCheckedContinuation { continuation in
            let waits = state.withLock { state in
                if !state.waiting.isEmpty { return true }
                state.watching.append(continuation)
                return false
            }
            if waits { continuation.resume() }
        }
    }

    func open() {
        let waiting = state.withLock { state in
            state.isOpen = true
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }
}
