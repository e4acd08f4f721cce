import CTerminal
import Glibc
import Screen

/// The session with the terminal on standard input and output: frames out, keys and signals in.
///
/// Belongs to one thread, the one that made it. There is one at a time in a process. Whatever ends the
/// session (`restore`, the end of this object, a signal that stops the program, a crash) leaves the terminal
/// as it was found; only SIGKILL cannot be helped.
public final class Terminal {
    /// Columns and rows now. May be smaller than a session can begin with: the view says so then.
    public internal(set) var size: Size
    /// Whether characters beyond ASCII can be shown: the locale says UTF-8, and `--ascii` was not asked for.
    public let isUTF8: Bool
    /// Colours that the terminal has, 0 for none or when they were switched off.
    public let colorCount: Int

    var shown: Frame?
    var buffer: [CTerminal_Cell] = []
    var styles: StyleTable
    var decoder = InputDecoder()
    var isClosed = false
    let wakeup: Wakeup
    let signals: Int32
    private var isRestored = false

    /// Takes the terminal: alternate screen, keys at once and without echo, mouse and pasting reported.
    ///
    /// The caller has called `SignalMask.block` before any thread was started.
    public init(options: TerminalOptions = TerminalOptions(), wakeup: Wakeup) throws(TerminalError) {
        self.wakeup = wakeup
        if isatty(STDIN_FILENO) != 1 { throw .inputNotATerminal }
        if isatty(STDOUT_FILENO) != 1 { throw .outputNotATerminal }
        guard let variable = getenv("TERM"), variable.pointee != 0 else { throw .typeNotSet }
        let type = String(cString: variable)
        isUTF8 = CTerminal_setCharacterSet() && !options.ascii
        try Self.check(CTerminal_checkType(type), type: type)
        size = Self.windowSize()
        let minimum = TerminalOptions.minimumSize
        if size.width < minimum.width || size.height < minimum.height { throw .tooSmall(size, minimum: minimum) }
        SignalMask.block()
        signals = CTerminal_openSignals()
        if signals < 0 { throw .refused("signalfd", code: errno) }
        let opened = CTerminal_open(options.colors, options.mouse)
        if Int(opened) != Int(CTerminal_opened) { close(signals) }
        colorCount = Int(CTerminal_colorCount())
        styles = StyleTable(
            palette: Palette(count: colorCount, hasDefaults: CTerminal_hasDefaultColors()),
            pairLimit: CTerminal_pairLimit(), setPair: CTerminal_setPair)
        try Self.check(opened, type: type)
        CTerminal_resize(Int32(size.height), Int32(size.width))
    }

    deinit {
        restore()
        close(signals)
    }

    /// Puts the terminal back as it was found. Nothing is drawn after this; calling it again does nothing.
    public func restore() {
        if isRestored { return }
        isRestored = true
        CTerminal_close()
    }

    static func windowSize() -> Size {
        var rows: Int32 = 0
        var columns: Int32 = 0
        CTerminal_windowSize(&rows, &columns)
        return Size(width: Int(columns), height: Int(rows))
    }

    private static func check(_ answer: Int32, type: String) throws(TerminalError) {
        switch Int(answer) {
        case Int(CTerminal_opened): return
        case Int(CTerminal_unknownType): throw .typeUnknown(type)
        case Int(CTerminal_tooSimple): throw .typeTooSimple(type)
        case Int(CTerminal_alreadyOpen): throw .alreadyOpen
        default: throw .refused("opening the terminal", code: errno)
        }
    }
}
