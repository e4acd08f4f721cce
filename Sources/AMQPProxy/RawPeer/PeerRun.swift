import Faults
import NIOConcurrencyHelpers

/// The work of a raw peer for as long as its fault lasts.
///
/// It ends when the fault is undone, when its work is done, or when the broker ends its connection; then the peer is
/// closed.
final class PeerRun: Sendable {
    typealias Work = @Sendable (RawPeer, PeerRun) async throws -> Void

    private struct State {
        var hits: UInt64 = 0
        var isUndone = false
        /// Why it ended without being undone.
        var end: String?
        var task: Task<Void, Never>?
        var watchers: [AsyncStream<Never>.Continuation] = []
        var isOver = false
    }

    let peer: RawPeer
    private let state = NIOLockedValueBox(State())

    private init(_ peer: RawPeer) { self.peer = peer }

    /// Starts the work of a peer.
    ///
    /// - Parameter work: runs until the fault is undone; throws when its task is cancelled or its peer is closed.
    static func start(_ peer: RawPeer, _ work: @escaping Work) -> PeerRun {
        let run = PeerRun(peer)
        // Lives as long as the fault: undoing it ends the task and waits for it.
        let task = Task {
            var end: String?
            do {
                try await work(peer, run)
                await peer.close()
            } catch {
                end = (error as? RawPeerError)?.description ?? "\(error)"
                await peer.close()
            }
            run.finish(end)
        }
        run.state.withLockedValue { $0.task = task }
        return run
    }

    private func finish(_ end: String?) {
        let watchers = state.withLockedValue { state in
            if !state.isUndone { state.end = end }
            state.isOver = true
            defer { state.watchers.removeAll() }
            return state.watchers
        }
        for watcher in watchers { watcher.finish() }
    }

    var hits: UInt64 { state.withLockedValue { $0.hits } }

    func hit(_ count: UInt64 = 1) { state.withLockedValue { $0.hits += count } }

    /// Ends the work and waits until the connection is closed.
    ///
    /// - Parameter abruptly: whether to end without an AMQP close, for a peer that could not read the broker's answer.
    /// - Returns: why it had ended before; nil if it had not.
    func stop(abruptly: Bool = false) async -> String? {
        let (task, isOver) = state.withLockedValue { state in
            if !state.isOver { state.isUndone = true }
            return (state.task, state.isOver)
        }
        if !isOver {
            if abruptly { await peer.end() } else { await peer.close() }
        }
        task?.cancel()
        await task?.value
        return state.withLockedValue { $0.end }
    }

    /// Waits until it has ended; returns immediately when the task is cancelled.
    func ended() async {
        let (end, continuation) = AsyncStream<Never>.makeStream()
        let isOver = state.withLockedValue { state in
            if !state.isOver { state.watchers.append(continuation) }
            return state.isOver
        }
        if isOver { continuation.finish() }
        for await _ in end {}
    }

    /// Returns the injection for the fault registry.
    ///
    /// - Parameter undone: returns the description of the undo, from the hits and from why it had ended before.
    func injection(
        _ note: String, abruptly: Bool = false, undone: @escaping @Sendable (UInt64, String?) -> String
    ) -> FaultInjection {
        FaultInjection(
            note: note,
            undo: { () async throws(FaultError) in
                let end = await self.stop(abruptly: abruptly)
                return undone(self.hits, end)
            },
            hits: { self.hits }, spent: { await self.ended() })
    }
}

/// Limits events to a number per second.
struct Pace {
    private let interval: Duration
    private var due: ContinuousClock.Instant

    init(perSecond: Int) {
        interval = .seconds(1) / max(1, perSecond)
        due = .now
    }

    /// Waits until the next event may happen. A delay of more than a tenth of a second is not made up for.
    mutating func wait() async throws {
        due = max(due + interval, .now - .milliseconds(100))
        guard due - .now > .milliseconds(1) else { return }
        try await Task.sleep(until: due)
    }
}
