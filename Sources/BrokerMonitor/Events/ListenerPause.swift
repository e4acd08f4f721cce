/// Computes the pause before the next attempt to listen to an exchange. Pure: it counts attempts and stores no time.
struct ListenerPause: Sendable, Equatable {
    enum Reason: Sendable, Equatable {
        /// The broker was not reached, or the connection was lost.
        case lost
        /// User and password were refused; the credentials gate delays the next attempt.
        case login
        /// The exchange does not exist, or not yet: a broker declares its log exchange some seconds after its start.
        case missing
        /// The user is known to have no access to the vhost; checking this again does not cost the broker anything.
        case closed
        /// The user lacks a permission; each attempt is an error in the broker's log.
        case denied
    }

    private var last: Reason?
    private var count = 0

    /// Returns the seconds until the next attempt.
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

    /// Forgets earlier failures, because listening works.
    mutating func succeeded() { self = ListenerPause() }
}
