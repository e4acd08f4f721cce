import Foundation

/// Work that blocks, on a thread of its own: the threads of the concurrency pool must never wait.
enum BlockingWork {
    static func run<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async -> Value {
        await withCheckedContinuation { continuation in
            detach { continuation.resume(returning: body()) }
        }
    }

    static func detach(_ body: @escaping @Sendable () -> Void) {
        let thread = Thread(block: body)
        thread.name = "rabbittop-broker"
        thread.stackSize = 512 << 10
        thread.start()
    }
}
