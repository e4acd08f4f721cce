import Foundation
import NIOCore
import NIOPosix

/// A thread of input and output of its own that can stand still, as that of a process that was stopped: its connections read
/// nothing and send nothing, and their sockets stay open.
final class StandingLoop: Sendable {
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    private let gate = DispatchSemaphore(value: 0)

    /// Returns when it stands.
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

    /// Ends the thread; it has to go on by then, and what was on it has to be closed.
    func end() async { try? await group.shutdownGracefully() }
}
