/// How long is waited before an exchange is listened to again. Pure: it counts and remembers no time.
struct ListenerPause: Sendable, Equatable {
    enum Reason: Sendable, Equatable {
        /// The broker was not reached, or the connection was lost.
        case lost
        /// User and password were refused: whoever keeps the credentials lets the next attempt wait.
        case login
        /// The exchange is not there, or not yet: a broker makes its log exchange some seconds after its start.
        case missing
        /// It is known that the user may not open the vhost: looking whether that holds costs the broker nothing.
        case closed
        /// The user may not: each attempt is an error in the broker's log.
        case denied
    }

    private var last: Reason?
    private var count = 0

    /// Seconds until the next attempt.
    mutating func after(_ reason: Reason) -> Double {
        count = reason == last ? min(count + 1, 100) : 1
        last = reason
        switch reason {
        case .lost: return count <= 60 ? 1 : 5
        case .login, .closed: return 5
        case .missing: return count <= 6 ? 2 : min(60, 10 * Double(1 << min(count - 7, 3)))
        case .denied: return min(600, 60 * Double(1 << min(count - 1, 4)))
        }
    }

    /// It is heard: what was before says nothing of the next time.
    mutating func succeeded() { self = ListenerPause() }
}
