import Dispatch
import Glibc

/// Ctrl-C, a hangup or SIGTERM, for commands that run until then and end in order.
enum Interruption {
    /// Returns at the first of them, or when the task is cancelled. From then on they no longer end the process by
    /// themselves.
    static func wait() async {
        let (signals, continuation) = AsyncStream.makeStream(of: Void.self)
        let sources = [SIGINT, SIGTERM, SIGHUP].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number)
            source.setEventHandler { continuation.yield() }
            source.resume()
            return source
        }
        for await _ in signals { break }
        for source in sources { source.cancel() }
    }
}
