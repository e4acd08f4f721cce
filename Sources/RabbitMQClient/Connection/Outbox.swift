import AMQPWire
import DequeModule
import NIOConcurrencyHelpers
import NIOCore
import Synchronization

/// What is to be sent on one connection. Any thread appends whole frames under one lock; the event loop is woken once for
/// a batch and takes all of it as one buffer, for one write. When the socket has no room the buffer grows to a limit, and
/// publishers wait.
final class Outbox: Sendable {
    struct State {
        var pending = FrameBuffer()
        /// The event loop will take the buffer without being woken.
        var isScheduled = false
        var isClosed = false
        var frames: UInt64 = 0
        var waiters: Deque<Waiter> = []
        var nextWaiter: UInt64 = 0
        /// What to expect of the next batch.
        var usualSize = Outbox.leastSize
    }

    struct Waiter {
        var id: UInt64
        var deadline: NIODeadline
        var continuation: UnsafeContinuation<WaitResult, Never>
    }

    enum WaitResult {
        case room
        case closed
        case overdue
        case cancelled
    }

    /// The least room that is made, in bytes.
    static let leastSize = 4096

    /// Publishers wait above this many bytes, until the event loop has taken them.
    static let highWater = 1 << 20

    private let state = NIOLockedValueBox(State())
    /// A copy of "at the high water" outside the lock, for the common case that there is room.
    private let isFull = Atomic<Bool>(false)

    /// Appends frames. `write` may throw, having left the buffer as it was. Tells whether the event loop must be woken.
    func append(frames: UInt64, _ write: (inout ByteBuffer) throws(WireError) -> Void) -> Result<Bool, WireError> {
        appendContent(frames: frames) { pending throws(WireError) in try write(&pending.bytes) }
    }

    /// The same, for frames with a body.
    func appendContent(
        frames: UInt64, _ write: (inout FrameBuffer) throws(WireError) -> Void
    ) -> Result<Bool, WireError> {
        state.withLockedValue { state in
            guard !state.isClosed else { return .success(false) }
            do throws(WireError) {
                try write(&state.pending)
            } catch {
                return .failure(error)
            }
            state.frames += frames
            if state.pending.readableBytes >= Self.highWater { isFull.store(true, ordering: .relaxed) }
            if state.isScheduled { return .success(false) }
            state.isScheduled = true
            return .success(true)
        }
    }

    /// The event loop is at work on this connection and will take what is appended now; nobody needs to wake it.
    func willTake() {
        state.withLockedValue { $0.isScheduled = true }
    }

    /// Takes all there is, for one write; false when there is nothing. Lets waiting publishers go on.
    ///
    /// In `taken` is what was taken last: its memory is used again when the socket is done with it.
    func take(into taken: inout FrameBuffer) -> Bool {
        let waiters: Deque<Waiter>? = state.withLockedValue { state in
            state.isScheduled = false
            guard state.pending.readableBytes > 0 else { return nil }
            // Halving forgets a burst slowly.
            state.usualSize = max(Self.leastSize, state.pending.bytes.readableBytes, state.usualSize / 2)
            if taken.bytes.capacity > 4 * state.usualSize { taken = FrameBuffer() }
            // A quarter on top makes room for growth without copying.
            taken.clear(minimumCapacity: min(state.usualSize * 5 / 4, Self.highWater))
            swap(&state.pending, &taken)
            isFull.store(false, ordering: .relaxed)
            guard !state.waiters.isEmpty else { return [] }
            defer { state.waiters.removeAll() }
            return state.waiters
        }
        guard let waiters else { return false }
        for waiter in waiters { waiter.continuation.resume(returning: .room) }
        return true
    }

    /// The event loop cannot write now: it will take the buffer by itself once the socket has room.
    func keepForLater() {
        state.withLockedValue { $0.isScheduled = true }
    }

    /// A new socket is there.
    func reopen() {
        state.withLockedValue { state in
            state.isClosed = false
            state.isScheduled = false
            state.pending = FrameBuffer()
        }
    }

    /// Nothing is sent any more, unless it is opened again.
    func close() {
        let waiters = state.withLockedValue { state in
            state.isClosed = true
            state.pending = FrameBuffer()
            isFull.store(false, ordering: .relaxed)
            defer { state.waiters.removeAll() }
            return state.waiters
        }
        for waiter in waiters { waiter.continuation.resume(returning: .closed) }
    }

    /// Whether a publisher may append now.
    var hasRoom: Bool { !isFull.load(ordering: .relaxed) }

    var framesWritten: UInt64 { state.withLockedValue { $0.frames } }

    /// Returns when there is room, or there never will be.
    func waitForRoom(until deadline: NIODeadline) async -> WaitResult {
        let id = state.withLockedValue { state in
            state.nextWaiter += 1
            return state.nextWaiter
        }
        return await withTaskCancellationHandler {
            await withUnsafeContinuation { continuation in
                let result: WaitResult? = state.withLockedValue { state in
                    if state.isClosed { return .closed }
                    if state.pending.readableBytes < Self.highWater { return .room }
                    state.waiters.append(Waiter(id: id, deadline: deadline, continuation: continuation))
                    return nil
                }
                if let result { continuation.resume(returning: result) }
                // A cancellation that came before the waiter was there found nothing to end.
                if Task.isCancelled { cancelWait(id) }
            }
        } onCancel: {
            cancelWait(id)
        }
    }

    private func cancelWait(_ id: UInt64) {
        let waiter: Waiter? = state.withLockedValue { state in
            state.waiters.firstIndex { $0.id == id }.map { state.waiters.remove(at: $0) }
        }
        waiter?.continuation.resume(returning: .cancelled)
    }

    /// Ends the waits whose deadline has passed.
    func timePassed(_ now: NIODeadline) {
        let overdue: [Waiter] = state.withLockedValue { state in
            guard !state.waiters.isEmpty else { return [] }
            let overdue = state.waiters.filter { $0.deadline <= now }
            state.waiters.removeAll { $0.deadline <= now }
            return Array(overdue)
        }
        for waiter in overdue { waiter.continuation.resume(returning: .overdue) }
    }
}
