import CTerminal
import Glibc

/// Wakes the terminal's thread from any other thread.
public final class Wakeup: Sendable {
    let descriptor: Int32

    /// Creates a wake-up. Throws `TerminalError.refused` when the system provides no descriptor.
    public init() throws(TerminalError) {
        descriptor = CTerminal_openEvent()
        if descriptor < 0 { throw .refused("eventfd", code: errno) }
    }

    deinit {
        close(descriptor)
    }

    /// Makes the current or the next `Terminal.wait` return `.woken`. Never blocks.
    public func signal() {
        CTerminal_signalEvent(descriptor)
    }

    func clear() {
        CTerminal_clearEvent(descriptor)
    }
}
