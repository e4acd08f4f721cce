import Foundation

/// Runs blocking work on a thread of its own, because the threads of the cooperative pool must never block.
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
