import NIOCore
import Synchronization

/// Identifies a waiting task.
typealias WaiterID = UInt64

/// A suspended task that waits for one value. Whatever in this library waits for the broker or for another task does so
/// with it.
///
/// The owner of the value keeps the waiter in its state, behind its own lock. **Whoever takes the waiter out of that
/// state resumes it**, exactly once and outside the lock; so a value, a deadline and a cancellation that come at the
/// same time cannot meet. No lock and no allocation is added to the owner's.
struct Waiter<Value: Sendable>: Sendable {
    let id: WaiterID
    private let continuation: UnsafeContinuation<Value, Never>

    func resume(_ value: Value) { continuation.resume(returning: value) }

    /// Suspends the task until its waiter is resumed, and returns the value.
    ///
    /// - Parameters:
    ///   - id: the waiter's identifier, for owners that need it before.
    ///   - register: keeps the waiter. If it returns a value there is nothing to wait for, and it must not have kept
    ///     the waiter.
    ///   - cancelled: the task was cancelled: takes the waiter out and resumes it, if it is still there. It runs on any
    ///     thread, before, while or after the waiter is registered; a task that was cancelled before calls it twice.
    @inline(__always)
    nonisolated(nonsending) static func wait(
        id: WaiterID = WaiterIDs.next(),
        register: (Waiter) -> Value?,
        cancelled: @Sendable (WaiterID) -> Void
    ) async -> Value {
        await withTaskCancellationHandler {
            await withUnsafeContinuation { continuation in
                let waiter = Waiter(id: id, continuation: continuation)
                if let value = register(waiter) { waiter.resume(value) }
                // A cancellation before the waiter was registered found nothing to take out.
                if Task.isCancelled { cancelled(id) }
            }
        } onCancel: {
            cancelled(id)
        }
    }

    /// Why a wait with a deadline ends without a value.
    enum GivenUp: Sendable {
        case cancelled
        case overdue
    }

    /// Suspends the task until its waiter is resumed, at most until `deadline`; otherwise like `wait` without one.
    /// `givenUp` also runs at the deadline, on the event loop.
    nonisolated(nonsending) static func wait(
        id: WaiterID = WaiterIDs.next(),
        until deadline: NIODeadline,
        on eventLoop: any EventLoop,
        register: (Waiter) -> Value?,
        givenUp: @escaping @Sendable (WaiterID, GivenUp) -> Void
    ) async -> Value {
        var timer: Scheduled<Void>?
        let value = await wait(id: id) { waiter in
            if let value = register(waiter) { return value }
            if deadline != .distantFuture {
                timer = eventLoop.scheduleTask(deadline: deadline) { givenUp(id, .overdue) }
            }
            return nil
        } cancelled: { id in
            givenUp(id, .cancelled)
        }
        timer?.cancel()
        return value
    }
}

/// Gives each waiter of the process an identifier of its own.
enum WaiterIDs {
    private static let last = Atomic<WaiterID>(0)

    static func next() -> WaiterID { last.add(1, ordering: .relaxed).newValue }

    /// Returns the first of `count` successive identifiers.
    static func next(_ count: Int) -> WaiterID { last.add(WaiterID(count), ordering: .relaxed).oldValue + 1 }
}

/// Waiters for the same thing, in the order of their calls.
struct WaiterList<Value: Sendable>: Sendable {
    private struct Entry {
        var waiter: Waiter<Value>
        var deadline: NIODeadline
    }

    private var entries: [Entry] = []

    var isEmpty: Bool { entries.isEmpty }
    var count: Int { entries.count }

    /// - Parameter deadline: when `takeOverdue` takes the waiter out.
    mutating func append(_ waiter: Waiter<Value>, deadline: NIODeadline = .distantFuture) {
        entries.append(Entry(waiter: waiter, deadline: deadline))
    }

    /// Takes out one waiter; nil if it is no longer there.
    mutating func take(_ id: WaiterID) -> Waiter<Value>? {
        entries.firstIndex { $0.waiter.id == id }.map { entries.remove(at: $0).waiter }
    }

    mutating func takeAll() -> [Waiter<Value>] {
        defer { entries.removeAll() }
        return entries.map(\.waiter)
    }

    /// Takes out the waiters whose deadline is `now` or earlier.
    mutating func takeOverdue(_ now: NIODeadline) -> [Waiter<Value>] {
        let overdue = entries.filter { $0.deadline <= now }
        if !overdue.isEmpty { entries.removeAll { $0.deadline <= now } }
        return overdue.map(\.waiter)
    }
}

extension Collection {
    /// Resumes all of these waiters with one value.
    func resume<Value>(_ value: Value) where Element == Waiter<Value> {
        for waiter in self { waiter.resume(value) }
    }
}
