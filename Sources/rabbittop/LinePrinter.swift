import Dispatch
import Synchronization

/// Prints lines to standard output in the background, so that a reader that has stopped reading, or a full disk, does
/// not block a command. Lines that were not printed are counted.
final class LinePrinter: Sendable {
    private struct State {
        var waiting = 0
        var waitingBytes = 0
        var leftOut = 0
    }

    private let queue = DispatchQueue(label: "rabbittop.output")
    private let state = Mutex(State())
    private let limit: Int
    private let byteLimit: Int
    private let form: OutputGate.Form

    /// Creates a printer.
    ///
    /// - Parameters:
    ///   - limit: the highest number of waiting lines.
    ///   - byteLimit: the highest size of the waiting lines, in bytes.
    init(as form: OutputGate.Form = .text, limit: Int = 10_000, byteLimit: Int = 4 << 20) {
        self.form = form
        self.limit = limit
        self.byteLimit = byteLimit
    }

    func print(_ line: String) {
        let size = line.utf8.count
        let isTaken = state.withLock { state in
            guard state.waiting < limit, state.waitingBytes + size <= byteLimit else {
                state.leftOut += 1
                return false
            }
            state.waiting += 1
            state.waitingBytes += size
            return true
        }
        guard isTaken else { return }
        queue.async { [self] in
            let isWritten = Output.write(line + "\n", as: form)
            state.withLock { state in
                state.waiting -= 1
                state.waitingBytes -= size
                if !isWritten { state.leftOut += 1 }
            }
        }
    }

    /// Waits until everything is printed, or nothing has been read for so many seconds.
    ///
    /// - Returns: the number of lines that were not printed.
    func end(within seconds: Double) async -> Int {
        let (over, continuation) = AsyncStream.makeStream(of: Void.self)
        queue.async { continuation.finish() }
        DispatchQueue.global().asyncAfter(deadline: .now() + seconds) { continuation.finish() }
        for await _ in over {}
        return state.withLock { $0.waiting + $0.leftOut }
    }
}
