import Foundation
import NIOCore
import NIOPosix

/// An event loop with a thread of its own that can be blocked, like that of a stopped process: its connections neither
/// read nor write, and their sockets stay open.
final class StandingLoop: Sendable {
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    private let gate = DispatchSemaphore(value: 0)

    /// Blocks the thread, and returns when it is blocked.
    func stand() async {
        let gate = self.gate
        let (standing, continuation) = AsyncStream<Never>.makeStream()
        group.next().execute {
            continuation.finish()
            gate.wait()
        }
        for await _ in standing {}
    }

    func goOn() { gate.signal() }

    /// Ends the thread; it must no longer be blocked, and its channels must be closed.
    func end() async { try? await group.shutdownGracefully() }
}
