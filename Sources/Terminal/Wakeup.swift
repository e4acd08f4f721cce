import CTerminal
import Glibc

/// Ends the wait of the terminal's thread from any other thread.
public final class Wakeup: Sendable {
    let descriptor: Int32

    public init() throws(TerminalError) {
        descriptor = CTerminal_openEvent()
        if descriptor < 0 { throw .refused("eventfd", code: errno) }
    }

    deinit {
        close(descriptor)
    }

    /// Makes `Terminal.wait` answer with `.woken`, the wait that is going on or the next one. Never blocks.
    public func signal() {
        CTerminal_signalEvent(descriptor)
    }

    func clear() {
        CTerminal_clearEvent(descriptor)
    }
}
