import Screen

/// Input from ncurses: bytes, and the keys that terminfo names.
enum RawInput: Hashable {
    case byte(UInt8)
    case key(Key)
    /// The beginning of a mouse report; its numbers follow as bytes.
    case mouse
    case pasteBegin
    case pasteEnd
    /// A key without a meaning here.
    case unknown
}

/// Decodes terminal input into keys, mouse events and pasted text. It reads no clock: the time is an argument.
///
/// An Escape followed by other bytes of the same batch is the Alt key, or the beginning of an unrequested control
/// sequence, which is dropped as a whole: its letters are never taken for keys.
struct InputDecoder {
    private enum Mode: Hashable {
        case ground
        case escape
        /// An unknown control sequence, up to its final byte.
        case controlSequence
        /// The rest of an unknown sequence: this many bytes of an X10 mouse report, or the single byte of SS3.
        case skip(Int)
        case mouse
        case paste
    }

    /// The maximum time between two presses at the same place that make a double click.
    static let doubleClickTime = Duration.milliseconds(400)
    /// The time of silence after which a paste without an end is complete.
    static let pasteSilence = Duration.seconds(1)
    static let pasteLimit = 1 << 20

    private var mode = Mode.ground
    private var utf8: [UInt8] = []
    private var report: [UInt8] = []
    private var pasted: [UInt8] = []
    private var lastPaste: ContinuousClock.Instant?
    private var lastPress: (point: Point, at: ContinuousClock.Instant)?
    private var isAlt = false

    /// Decodes one batch: all input that could be read without waiting.
    mutating func decode(_ batch: [RawInput], at now: ContinuousClock.Instant) -> [TerminalInput] {
        var result: [TerminalInput] = []
        if mode == .paste, let lastPaste, now - lastPaste > Self.pasteSilence { endPaste(&result) }
        for input in batch { decode(input, at: now, into: &result) }
        if mode == .escape {
            mode = .ground
            result.append(.key(.escape))
        } else if mode == .controlSequence {
            mode = .ground
        }
        if mode == .paste { lastPaste = now }
        return result
    }

    private mutating func decode(
        _ input: RawInput, at now: ContinuousClock.Instant, into result: inout [TerminalInput]
    ) {
        switch (mode, input) {
        case (.paste, .byte(let byte)):
            if pasted.count < Self.pasteLimit { pasted.append(byte) }
        case (.paste, .pasteEnd):
            endPaste(&result)
        case (.paste, .key), (.paste, .mouse), (.paste, .pasteBegin), (.paste, .unknown):
            break
        case (.mouse, .byte(let byte)):
            takeReport(byte, at: now, into: &result)
        case (.controlSequence, .byte(let byte)):
            // ECMA-48 section 5.4: the final byte is 0x40 to 0x7E. X10's mouse report has three bytes after it.
            if byte >= 0x40, byte <= 0x7E {
                mode = byte == UInt8(ascii: "M") && report.isEmpty ? .skip(3) : .ground
            } else {
                report.append(byte)
                if report.count > 64 { mode = .ground }
            }
        case (.skip(let count), .byte):
            mode = count > 1 ? .skip(count - 1) : .ground
        case (.escape, .byte(UInt8(ascii: "["))):
            report = []
            mode = .controlSequence
        case (.escape, .byte(UInt8(ascii: "O"))):
            mode = .skip(1)
        case (.escape, .byte(0x1B)):
            result.append(.key(.escape))
        case (.escape, .byte(let byte)):
            mode = .ground
            isAlt = true
            take(byte, into: &result)
            if utf8.isEmpty { isAlt = false }
        case (.ground, .byte(0x1B)):
            utf8 = []
            mode = .escape
        case (.ground, .byte(let byte)):
            take(byte, into: &result)
        case (_, .key(var key)):
            if mode == .escape { key.modifiers.insert(.alt) }
            begin(.ground)
            result.append(.key(key))
        case (_, .mouse):
            begin(.mouse)
        case (_, .pasteBegin):
            begin(.paste)
        case (_, .pasteEnd), (_, .unknown):
            begin(.ground)
        }
    }

    private mutating func begin(_ mode: Mode) {
        self.mode = mode
        utf8 = []
        report = []
        pasted = []
        isAlt = false
    }

    // MARK: - Characters

    private mutating func take(_ byte: UInt8, into result: inout [TerminalInput]) {
        if byte < 0x80 {
            utf8 = []
            if let key = Self.key(ascii: byte) { append(key, to: &result) }
            return
        }
        // A lead byte starts a new character; an incomplete character before it is dropped.
        if byte >= 0xC0 { utf8 = [] }
        utf8.append(byte)
        guard let lead = utf8.first, lead >= 0xC0 else {
            utf8 = []
            return
        }
        let length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2
        guard utf8.count == length else { return }
        let text = String(decoding: utf8, as: UTF8.self)
        utf8 = []
        // Invalid bytes decode as U+FFFD; a C1 control is not a key.
        if let scalar = text.unicodeScalars.first, text.unicodeScalars.count == 1, scalar != "\u{FFFD}",
            scalar.value >= 0xA0
        {
            append(.character(Character(scalar)), to: &result)
        }
        isAlt = false
    }

    private mutating func append(_ key: Key, to result: inout [TerminalInput]) {
        var key = key
        if isAlt { key.modifiers.insert(.alt) }
        result.append(.key(key))
    }

    private static func key(ascii byte: UInt8) -> Key? {
        switch byte {
        case 0x00: .control(" ")
        case 0x08, 0x7F: .backspace
        case 0x09: .tab
        case 0x0A, 0x0D: .enter
        case 0x01...0x1A: .control(Character(Unicode.Scalar(byte + 0x60)))
        case 0x1B: .escape
        case 0x1C...0x1F: .control(Character(Unicode.Scalar(byte + 0x40)))
        default: .character(Character(Unicode.Scalar(byte)))
        }
    }

    // MARK: - Paste

    private mutating func endPaste(_ result: inout [TerminalInput]) {
        // Terminals send a carriage return for the end of a line.
        let text = String(decoding: pasted, as: UTF8.self)
            .replacing("\r\n", with: "\n").replacing("\r", with: "\n")
        begin(.ground)
        lastPaste = nil
        if !text.isEmpty { result.append(.paste(text)) }
    }

    // MARK: - Mouse

    /// xterm's report 1006: `button ; column ; row`, then `M` for a press and `m` for a release, from 1 on.
    private mutating func takeReport(
        _ byte: UInt8, at now: ContinuousClock.Instant, into result: inout [TerminalInput]
    ) {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: ";"):
            report.append(byte)
            if report.count > 32 { begin(.ground) }
        case UInt8(ascii: "M"), UInt8(ascii: "m"):
            let numbers = report.split(separator: UInt8(ascii: ";"), omittingEmptySubsequences: false)
                .compactMap { Int(String(decoding: $0, as: UTF8.self)) }
            begin(.ground)
            guard numbers.count == 3, numbers[1] >= 1, numbers[2] >= 1 else { return }
            let point = Point(x: numbers[1] - 1, y: numbers[2] - 1)
            let isPress = byte == UInt8(ascii: "M")
            if let kind = mouseKind(numbers[0], isPress: isPress, point: point, at: now) {
                result.append(.mouse(MouseEvent(point: point, kind: kind)))
            }
        default:
            begin(.ground)
        }
    }

    /// The bits of the button: 0 and 1 are its number, bits 2 to 4 modifiers, bit 5 motion, bit 6 the wheel.
    private mutating func mouseKind(
        _ bits: Int, isPress: Bool, point: Point, at now: ContinuousClock.Instant
    ) -> MouseEvent.Kind? {
        let isMotion = bits & 32 != 0
        if isMotion || bits >= 128 { return nil }
        if bits & 64 != 0 {
            guard isPress else { return nil }
            return switch bits & 3 {
            case 0: .scrollUp
            case 1: .scrollDown
            default: nil
            }
        }
        let button: MouseEvent.Button
        switch bits & 3 {
        case 0: button = .left
        case 1: button = .middle
        case 2: button = .right
        default: return nil
        }
        guard isPress else { return .release(button) }
        defer { if button != .left { lastPress = nil } }
        guard button == .left else { return .press(button) }
        if let last = lastPress, last.point == point, now - last.at <= Self.doubleClickTime {
            lastPress = nil
            return .doubleClick
        }
        lastPress = (point, now)
        return .press(.left)
    }
}
