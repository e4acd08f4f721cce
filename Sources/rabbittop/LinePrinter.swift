import Dispatch
import Synchronization

/// Prints lines to standard output beside what a command does: a reader that has stopped reading holds nobody up. What it
/// does not take is left out, and counted.
final class LinePrinter: Sendable {
    private struct State {
        var waiting = 0
        var leftOut = 0
    }

    private let queue = DispatchQueue(label: "rabbittop.output")
    private let state = Mutex(State())
    private let limit: Int

    /// - Parameter limit: how many lines may wait for their reader.
    init(limit: Int = 10_000) {
        self.limit = limit
    }

    func print(_ line: String) {
        let isTaken = state.withLock { state in
            guard state.waiting < limit else {
                state.leftOut += 1
                return false
            }
            state.waiting += 1
            return true
        }
        guard isTaken else { return }
        queue.async { [self] in
            Output.write(line + "\n")
            state.withLock { $0.waiting -= 1 }
        }
    }

    /// Returns when all is printed, or when nobody has read it for so long.
    ///
    /// - Returns: how many lines nobody read.
    func end(within seconds: Double) async -> Int {
        let (over, continuation) = AsyncStream.makeStream(of: Void.self)
        queue.async { continuation.finish() }
        DispatchQueue.global().asyncAfter(deadline: .now() + seconds) { continuation.finish() }
        for await _ in over {}
        return state.withLock { $0.waiting + $0.leftOut }
    }
}
