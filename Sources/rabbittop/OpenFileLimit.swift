import Glibc
import NIOCore

/// How many files and sockets this process may open.
enum OpenFileLimit {
    /// What a command that connects to a broker needs: its streams, the terminal, an event loop and connections.
    static let needed: UInt64 = 40
    /// The number of descriptors of an event loop.
    private static let ofLoop: UInt64 = 3

    /// Raises the limit as far as possible, restricts the program to one event loop if the limit is low, and fails if
    /// it is too low.
    ///
    /// - Throws: `CommandError`; without it the first socket beyond the limit would end the program without a reason.
    static func prepare() throws {
        var limit = rlimit()
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        guard getrlimit(resource, &limit) == 0 else { return }
        let wanted = min(limit.rlim_max, 65_536)
        if limit.rlim_cur < wanted {
            var raised = limit
            raised.rlim_cur = wanted
            if setrlimit(resource, &raised) == 0 { limit = raised }
        }
        let current = UInt64(limit.rlim_cur)
        guard current >= needed else {
            throw CommandError(
                "This process may open \(current) files and sockets only, and needs \(needed).\nRaise the limit: ulimit -n 1024."
            )
        }
        let loops = UInt64(NIOSingletons.groupLoopCountSuggestion)
        if current < needed + ofLoop * loops { NIOSingletons.groupLoopCountSuggestion = 1 }
    }
}
