import CTerminal
import Dispatch

/// Ctrl-C, a hangup or another signal that ends a program, for commands that run until then and end in order.
public enum Interruption {
    /// From now on they no longer end the process by themselves, and `wait` hears of them.
    public static func begin() { _ = CTerminal_openInterruption() }

    /// Returns at the first of them, or when the task is cancelled. From then on they no longer end the process by
    /// themselves.
    public static func wait() async {
        let descriptor = CTerminal_openInterruption()
        // Without a descriptor they end the process as ever.
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
