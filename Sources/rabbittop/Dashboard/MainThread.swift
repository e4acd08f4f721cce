import Dispatch
import Synchronization

/// Lets the main thread, which runs no tasks, wait for one.
enum MainThread {
    static func wait<Value: Sendable>(_ work: sending @escaping () async -> Value) -> Value {
        BackgroundTask(work).value()
    }
}

/// A background task that the main thread can wait for.
final class BackgroundTask<Value: Sendable>: Sendable {
    private let result = Mutex<Value?>(nil)
    private let done = DispatchSemaphore(value: 0)
    private let task = Mutex<Task<Void, Never>?>(nil)

    init(_ work: sending @escaping () async -> Value) {
        let running = Task.detached { [self] in
            let value = await work()
            result.withLock { $0 = value }
            done.signal()
        }
        task.withLock { $0 = running }
    }

    func cancel() {
        task.withLock { $0 }?.cancel()
    }

    /// Blocks until the task has ended.
    func value() -> Value {
        while true {
            if let value = result.withLock({ $0 }) { return value }
            done.wait()
        }
    }

    /// Blocks until the task has ended, for at most `seconds`; returns nil if it has not.
    func value(within seconds: Double) -> Value? {
        if let value = result.withLock({ $0 }) { return value }
        _ = done.wait(timeout: .now() + seconds)
        return result.withLock { $0 }
    }
}
