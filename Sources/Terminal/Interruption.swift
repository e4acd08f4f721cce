import CTerminal
import Dispatch

/// Ctrl-C, a hangup or another signal that ends a program, for commands that run until then and clean up.
public enum Interruption {
    /// Intercepts the signals: from now on they no longer end the process, and `wait` reports them.
    public static func begin() { _ = CTerminal_openInterruption() }

    /// Returns at the first of these signals, or when the task is cancelled. From then on they no longer end the
    /// process.
    public static func wait() async {
        let descriptor = CTerminal_openInterruption()
        // Without a descriptor the signals end the process as usual.
        guard descriptor >= 0 else {
            try? await Task.sleep(for: .seconds(1_000_000_000))
            return
        }
        let (signals, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let source = DispatchSource.makeReadSource(fileDescriptor: descriptor)
        source.setEventHandler { continuation.yield() }
        source.resume()
        for await _ in signals { break }
        source.cancel()
    }
}
