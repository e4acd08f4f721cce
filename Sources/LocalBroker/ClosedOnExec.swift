import Glibc

/// A connected pair of descriptors that no other child process can inherit, not even one that another thread is
/// starting at the same time. (Swift does not import `pipe2`, and `pipe` with a later `fcntl` leaves that gap.)
struct ClosedOnExec {
    var first: Int32
    var second: Int32

    /// Returns a pair, or `nil` if no descriptors are left.
    static func pair() -> ClosedOnExec? {
        var ends: [Int32] = [-1, -1]
        guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &ends) == 0 else {
            return nil
        }
        return ClosedOnExec(first: ends[0], second: ends[1])
    }
}
