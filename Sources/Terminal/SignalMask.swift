import CTerminal
import Glibc

/// The signals that a terminal session reads in its own loop instead of letting them interrupt a thread: those that end
/// a process, such as INT and USR1, and WINCH, TSTP and CONT.
///
/// A thread inherits the mask of the thread that starts it, and a child process that of the thread that starts it.
/// Therefore call `block` first in `main`, before any thread exists; and start every child process with an empty mask
/// and default actions (`posix_spawnattr_setsigmask` and `posix_spawnattr_setsigdefault` with `POSIX_SPAWN_SETSIGMASK |
/// POSIX_SPAWN_SETSIGDEF`, or `pthread_sigmask` between `fork` and `exec`), otherwise that process cannot be ended with
/// Ctrl-C.
public enum SignalMask {
    /// Blocks the session's signals on this thread and on every thread that it starts from now on.
    public static func block() {
        var signals = sigset_t()
        CTerminal_sessionSignals(&signals)
        pthread_sigmask(SIG_BLOCK, &signals, nil)
    }

    /// Restores the default actions of the signals, immediately for a pending one. Call it after `Terminal.restore`, so
    /// that Ctrl-C ends a program whose clean-up takes long.
    public static func unblock() {
        var signals = sigset_t()
        CTerminal_sessionSignals(&signals)
        pthread_sigmask(SIG_UNBLOCK, &signals, nil)
    }

    /// Takes a pending signal that requests the program to end, while no terminal is open; `nil` when none is pending.
    public static func takeTermination() -> Int32? {
        var signals = sigset_t()
        CTerminal_endingSignals(&signals)
        var none = timespec(tv_sec: 0, tv_nsec: 0)
        let number = sigtimedwait(&signals, nil, &none)
        return number > 0 ? number : nil
    }

    /// Whether one of the signals that end the program is pending.
    static var isTerminationPending: Bool {
        var pending = sigset_t()
        sigpending(&pending)
        return TerminationSignal.numbers.contains { sigismember(&pending, $0) == 1 }
    }

    static var isContinuePending: Bool {
        var pending = sigset_t()
        sigpending(&pending)
        return sigismember(&pending, SIGCONT) == 1
    }
}
