import CTerminal
import Glibc
import Screen

/// Input that arrived while the program waited.
public enum TerminalInput: Hashable, Sendable {
    /// A key press.
    case key(Key)
    /// A mouse action.
    case mouse(MouseEvent)
    /// Pasted text (bracketed paste): inserted where text is entered, never taken for keys. Lines end with line feeds;
    /// nothing else is changed.
    case paste(String)
    /// The terminal has a new size; the screen is empty until the next `draw`.
    case resized(Size)
    /// The program was stopped and continued; the last frame is on the screen again.
    case resumed
    /// The program is requested to end.
    case signal(TerminationSignal)
    /// `Wakeup.signal` was called, once or several times.
    case woken
    /// The terminal is gone. Reported once; no more keys follow.
    case closed
}

/// The signals that end a program in an orderly way.
public enum TerminationSignal: Hashable, Sendable {
    /// Ctrl-C.
    case interrupt
    /// SIGTERM.
    case terminate
    /// The terminal or its connection was closed.
    case hangup
    /// Ctrl-\.
    case quit
    /// Another signal that ends a program by default, by its number: SIGUSR1, SIGALRM, SIGXCPU and so on.
    case other(Int32)

    init?(number: Int32) {
        switch number {
        case SIGINT: self = .interrupt
        case SIGTERM: self = .terminate
        case SIGHUP: self = .hangup
        case SIGQUIT: self = .quit
        case _ where Self.numbers.contains(number): self = .other(number)
        default: return nil
        }
    }

    /// The numbers of all these signals.
    public static let numbers: [Int32] = {
        var signals = sigset_t()
        CTerminal_endingSignals(&signals)
        return (1...64).filter { sigismember(&signals, $0) == 1 }
    }()

    /// The number of the signal; a shell reports 128 + the number.
    public var number: Int32 {
        switch self {
        case .interrupt: SIGINT
        case .terminate: SIGTERM
        case .hangup: SIGHUP
        case .quit: SIGQUIT
        case .other(let number): number
        }
    }

    /// Ends the process by the signal of this exit status, after everything is restored, so that a shell reports 128 +
    /// the signal's number. Does nothing for the signals that programs handle by an orderly exit: INT, TERM, HUP and
    /// QUIT.
    public static func endProcess(withStatus status: Int32) {
        guard case .other(let number)? = TerminationSignal(number: status - 128) else { return }
        CTerminal_endBySignal(number)
    }
}
