/// What a terminal of type xterm-256color would show after the bytes it was sent: characters without their colours.
///
/// Knows the sequences that ncurses writes for that type. See https://invisible-island.net/xterm/ctlseqs/ctlseqs.html.
struct ScreenModel {
    let width: Int
    let height: Int
    var cells: [[Unicode.Scalar]]
    var x = 0
    var y = 0
    /// The first and the last row that scroll.
    var scrolling: ClosedRange<Int>
    /// The last character written, which REP repeats.
    var last: Unicode.Scalar = " "
    /// A character was written into the last column: the next one begins a new row.
    var isWrapDue = false
    /// What a terminal answers to queries it was sent; whoever owns the terminal sends it and empties this.
    var answers: [UInt8] = []

    private var state = ParserState.text
    private var saved = (x: 0, y: 0)

    /// Where in a sequence the bytes so far end.
    private enum ParserState {
        case text
        case character(needed: Int, value: UInt32)
        case escape
        case charset
        case control([UInt8])
        case string(endsWithBackslash: Bool)
    }

    init(width: Int, height: Int) {
        self.width = width
        self.height = height
        cells = Array(repeating: Array(repeating: " ", count: width), count: height)
        scrolling = 0...(height - 1)
    }

    /// A row's text; rows count from 0.
    func row(_ y: Int) -> String {
        var text = String.UnicodeScalarView()
        text.append(contentsOf: cells[y])
        return String(text)
    }

    var rows: [String] { (0..<height).map(row) }

    mutating func feed(_ bytes: some Sequence<UInt8>) {
        for byte in bytes { take(byte) }
    }

    private mutating func take(_ byte: UInt8) {
        switch state {
        case .text: takeText(byte)
        case .character(let needed, let value):
            guard byte & 0xC0 == 0x80 else {
                state = .text
                takeText(byte)
                return
            }
            let value = value << 6 | UInt32(byte & 0x3F)
            if needed > 1 {
                state = .character(needed: needed - 1, value: value)
            } else {
                state = .text
                put(Unicode.Scalar(value) ?? "\u{FFFD}")
            }
        case .escape: takeEscape(byte)
        case .charset: state = .text
        case .control(let parameters):
            if (0x40...0x7E).contains(byte) {
                state = .text
                control(final: byte, parameters)
            } else {
                state = .control(parameters + [byte])
            }
        case .string(let endsWithBackslash):
            if byte == 0x07 || (endsWithBackslash && byte == UInt8(ascii: "\\")) {
                state = .text
            } else {
                state = .string(endsWithBackslash: byte == 0x1B)
            }
        }
    }

    private mutating func takeText(_ byte: UInt8) {
        switch byte {
        case 0x1B: state = .escape
        case 0x08: move(x: x - 1, y: y)
        case 0x09: move(x: (x / 8 + 1) * 8, y: y)
        case 0x0A, 0x0B, 0x0C: lineFeed()
        case 0x0D: move(x: 0, y: y)
        case 0x20..<0x7F: put(Unicode.Scalar(byte))
        case 0xC2..<0xE0: state = .character(needed: 1, value: UInt32(byte & 0x1F))
        case 0xE0..<0xF0: state = .character(needed: 2, value: UInt32(byte & 0x0F))
        case 0xF0..<0xF5: state = .character(needed: 3, value: UInt32(byte & 0x07))
        default: break
        }
    }

    private mutating func takeEscape(_ byte: UInt8) {
        state = .text
        switch byte {
        case UInt8(ascii: "["): state = .control([])
        case UInt8(ascii: "]"), UInt8(ascii: "P"), UInt8(ascii: "^"), UInt8(ascii: "_"):
            state = .string(endsWithBackslash: false)
        case UInt8(ascii: "("), UInt8(ascii: ")"), UInt8(ascii: "*"), UInt8(ascii: "+"): state = .charset
        case UInt8(ascii: "M"): reverseLineFeed()
        case UInt8(ascii: "7"): saved = (x, y)
        case UInt8(ascii: "8"): move(x: saved.x, y: saved.y)
        default: break
        }
    }
}
