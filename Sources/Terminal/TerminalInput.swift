import CTerminal
import Glibc
import Screen

/// What came in while the program waited.
public enum TerminalInput: Hashable, Sendable {
    case key(Key)
    case mouse(MouseEvent)
    /// Text pasted as a whole (bracketed paste): to be entered where text is entered, never taken for keys.
    /// Lines end with line feeds; nothing else is changed.
    case paste(String)
    /// The terminal has another size now; the screen is empty until the next `draw`.
    case resized(Size)
    /// The program was stopped and goes on; the last frame is on the screen again.
    case resumed
    /// Somebody asks the program to end.
    case signal(TerminationSignal)
    /// `Wakeup.signal` was called, once or often.
    case woken
    /// The terminal is gone. Comes once; keys will not come any more.
    case closed
}

/// The signals that end a program in an orderly way.
public enum TerminationSignal: Hashable, Sendable {
    /// Ctrl-C.
    case interrupt
    case terminate
    /// The terminal or its connection went away.
    case hangup
    /// Ctrl-\.
    case quit
    /// Another that ends a program which does not handle it, by its number: SIGUSR1, SIGALRM, SIGXCPU and so on.
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

    /// The numbers of all of them.
    public static let numbers: [Int32] = {
        var signals = sigset_t()
        CTerminal_endingSignals(&signals)
        return (1...64).filter { sigismember(&signals, $0) == 1 }
    }()

    /// The number of the signal; a shell reports 128 more.
    public var number: Int32 {
        switch self {
        case .interrupt: SIGINT
        case .terminate: SIGTERM
        case .hangup: SIGHUP
        case .quit: SIGQUIT
        case .other(let number): number
        }
    }

    /// Ends the process as the signal would have done, when everything is put back: for the status that a shell gives
    /// it, 128 and the signal's number. Does nothing for those that programs end with in order: INT, TERM, HUP and QUIT.
    public static func endProcess(withStatus status: Int32) {
        guard case .other(let number)? = TerminationSignal(number: status - 128) else { return }
        CTerminal_endBySignal(number)
    }
}
