import Screen

/// Why the dashboard cannot be shown on this terminal. All errors depend on how the program was started.
public enum TerminalError: Error, Hashable, Sendable {
    /// Standard input is not a terminal.
    case inputNotATerminal
    /// Standard output is not a terminal.
    case outputNotATerminal
    /// TERM is not set, or empty.
    case typeNotSet
    /// terminfo has no entry for this TERM.
    case typeUnknown(String)
    /// The terminal cannot move its cursor, for example `dumb`.
    case typeTooSimple(String)
    /// The terminal is smaller than the minimum.
    case tooSmall(Size, minimum: Size)
    /// A terminal is already open in this process.
    case alreadyOpen
    /// A system call failed with this `errno`.
    case refused(String, code: Int32)

    /// What happened, and what to do: one or two lines.
    public var message: String {
        switch self {
        case .inputNotATerminal:
            return "standard input is not a terminal: start it from a terminal, without redirecting its input"
        case .outputNotATerminal:
            return "standard output is not a terminal: start it from a terminal, without redirecting its output"
        case .typeNotSet:
            return "TERM is not set: set it to the type of this terminal, for example TERM=xterm-256color"
        case .typeUnknown(let type):
            return "the terminal type '\(Text.visible(type))' (TERM) is not known here: "
                + "install its terminfo entry, or set TERM=xterm-256color"
        case .typeTooSimple(let type):
            return "the terminal type '\(Text.visible(type))' (TERM) cannot move its cursor: "
                + "use another terminal, or set TERM to its true type"
        case .tooSmall(let size, let minimum):
            return "the terminal has \(size.width)x\(size.height) characters: "
                + "make it at least \(minimum.width)x\(minimum.height)"
        case .alreadyOpen:
            return "the terminal is in use by this program already"
        case .refused(let what, let code):
            return "\(what) failed with error \(code) of the system"
        }
    }
}

extension TerminalError: CustomStringConvertible {
    public var description: String { message }
}
