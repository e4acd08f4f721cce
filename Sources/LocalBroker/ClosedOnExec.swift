import Glibc

/// A connected pair of descriptors that no other child process can inherit, not even one that is started by
/// another thread at this moment. (Swift does not see `pipe2`, and `pipe` with a later `fcntl` leaves that gap.)
struct ClosedOnExec {
    var first: Int32
    var second: Int32

    /// - Returns: `nil` when no descriptors are left.
    static func pair() -> ClosedOnExec? {
        var ends: [Int32] = [-1, -1]
        guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &ends) == 0 else {
            return nil
        }
        return ClosedOnExec(first: ends[0], second: ends[1])
    }
}
