import AMQPWire
import NIOConcurrencyHelpers
import NIOCore
import Synchronization

/// The frames to be sent on one connection. Any thread appends whole frames under one lock; the event loop is woken
/// once for a batch and takes all of it as one buffer, for one write. When the socket is not writable the buffer grows
/// up to a limit, and then publishers wait.
final class Outbox: Sendable {
    struct State {
        var pending = FrameBuffer()
        /// The event loop will take the buffer without being woken.
        var isScheduled = false
        var isClosed = false
        var frames: UInt64 = 0
        var waiters = WaiterList<WaitResult>()
        /// The expected size of the next batch, in bytes.
        var usualSize = Outbox.leastSize
    }

    enum WaitResult {
        case room
        case closed
        case overdue
        case cancelled
    }

    /// The smallest capacity that is reserved, in bytes.
    static let leastSize = 4096

    /// Publishers wait above this number of bytes, until the event loop has taken them.
    static let highWater = 1 << 20

    private let state = NIOLockedValueBox(State())
    /// A copy of "the limit is reached" outside the lock, for the common case that there is space.
    private let isFull = Atomic<Bool>(false)

    /// Appends frames. If `write` throws, it must have left the buffer unchanged. Returns whether the event loop must
    /// be woken.
    func append(frames: UInt64, _ write: (inout ByteBuffer) throws(WireError) -> Void) -> Result<Bool, WireError> {
        appendContent(frames: frames) { pending throws(WireError) in try write(&pending.bytes) }
    }

    /// Appends frames with a body, as `append` does.
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

    /// Notes that the event loop is working on this connection and will take what is appended now; waking it is not
    /// necessary.
    func willTake() {
        state.withLockedValue { $0.isScheduled = true }
    }

    /// Takes the whole buffer for one write and resumes waiting publishers. Returns false if it is empty.
    ///
    /// `taken` holds the buffer that was taken last: its memory is reused when the socket no longer needs it.
    func take(into taken: inout FrameBuffer) -> Bool {
        let waiters: [Waiter<WaitResult>]? = state.withLockedValue { state in
            state.isScheduled = false
            guard state.pending.readableBytes > 0 else { return nil }
            // Halving lets the size decrease slowly after a burst.
            state.usualSize = max(Self.leastSize, state.pending.bytes.readableBytes, state.usualSize / 2)
            if taken.bytes.capacity > 4 * state.usualSize { taken = FrameBuffer() }
            // A quarter more, so that the batch can grow without copying.
            taken.clear(minimumCapacity: min(state.usualSize * 5 / 4, Self.highWater))
            swap(&state.pending, &taken)
            isFull.store(false, ordering: .relaxed)
            return state.waiters.isEmpty ? [] : state.waiters.takeAll()
        }
        guard let waiters else { return false }
        waiters.resume(.room)
        return true
    }

    /// Notes that the event loop cannot write now: it will take the buffer by itself once the socket is writable.
    func keepForLater() {
        state.withLockedValue { $0.isScheduled = true }
    }

    /// Prepares the outbox for a new socket.
    func reopen() {
        state.withLockedValue { state in
            state.isClosed = false
            state.isScheduled = false
            state.pending = FrameBuffer()
        }
    }

    /// Discards the buffer and refuses further frames until `reopen`.
    func close() {
        let waiters = state.withLockedValue { state in
            state.isClosed = true
            state.pending = FrameBuffer()
            isFull.store(false, ordering: .relaxed)
            return state.waiters.takeAll()
        }
        waiters.resume(.closed)
    }

    /// Whether a publisher may append now.
    var hasRoom: Bool { !isFull.load(ordering: .relaxed) }

    var framesWritten: UInt64 { state.withLockedValue { $0.frames } }

    /// Returns when there is space, or when there never will be.
    func waitForRoom(until deadline: NIODeadline) async -> WaitResult {
        await Waiter.wait { waiter in
            state.withLockedValue { state -> WaitResult? in
                if state.isClosed { return .closed }
                if state.pending.readableBytes < Self.highWater { return .room }
                state.waiters.append(waiter, deadline: deadline)
                return nil
            }
        } cancelled: { id in
            state.withLockedValue { $0.waiters.take(id) }?.resume(.cancelled)
        }
    }

    /// Ends the waits whose deadline has passed.
    func timePassed(_ now: NIODeadline) {
        state.withLockedValue { $0.waiters.takeOverdue(now) }.resume(.overdue)
    }
}
