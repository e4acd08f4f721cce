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

    init?(number: Int32) {
        switch number {
        case SIGINT: self = .interrupt
        case SIGTERM: self = .terminate
        case SIGHUP: self = .hangup
        case SIGQUIT: self = .quit
        default: return nil
        }
    }

    /// The number of the signal; a shell reports 128 more.
    public var number: Int32 {
        switch self {
        case .interrupt: SIGINT
        case .terminate: SIGTERM
        case .hangup: SIGHUP
        case .quit: SIGQUIT
        }
    }
}
