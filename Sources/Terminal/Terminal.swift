import CTerminal
import Glibc
import Screen

/// The session with the terminal on standard input and output: it draws frames and reads keys and signals.
///
/// It belongs to the thread that created it, and there is one at a time in a process. However the session ends
/// (`restore`, deinitialisation, a signal that stops the program, a crash), the terminal is restored to its previous
/// state; except by SIGKILL.
public final class Terminal {
    /// The current size in columns and rows. It may become smaller than the minimum at the start of a session; the view
    /// then shows a notice.
    public internal(set) var size: Size
    /// Whether characters beyond ASCII can be shown: the locale is UTF-8, and `--ascii` was not given.
    public let isUTF8: Bool
    /// The number of colours of the terminal, 0 when it has none or they are switched off.
    public let colorCount: Int

    var shown: Frame?
    var buffer: [CTerminal_Cell] = []
    var styles: StyleTable
    var decoder = InputDecoder()
    var isClosed = false
    let wakeup: Wakeup
    let signals: Int32
    private var isRestored = false

    /// Opens the session: alternate screen, unbuffered keys without echo, mouse and paste reports.
    ///
    /// Call `SignalMask.block` before any thread is started.
    ///
    /// - Throws: `TerminalError` when the terminal cannot be used.
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

    /// Restores the terminal. Nothing is drawn after this; calling it again does nothing.
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

/// The user's options of the terminal.
public struct TerminalOptions: Hashable, Sendable {
    /// Whether colours are used; off with `--no-color` and `NO_COLOR`, which leaves attributes only.
    public var colors: Bool
    /// Whether the mouse is reported; off with `--no-mouse`, which leaves the terminal's own selection.
    public var mouse: Bool
    /// Whether other characters than ASCII are drawn as `?`, with `--ascii`.
    public var ascii: Bool

    /// Creates options, by default with colours and the mouse.
    public init(colors: Bool = true, mouse: Bool = true, ascii: Bool = false) {
        self.colors = colors
        self.mouse = mouse
        self.ascii = ascii
    }

    /// The smallest terminal on which a session can start.
    public static let minimumSize = Size(width: 40, height: 10)
}
