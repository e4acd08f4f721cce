/// One character as a terminal shows it: a base scalar with its combining marks.
struct Glyph: Equatable {
    var base: UInt32
    /// At most three combining marks, 21 bits each, the first in the lowest bits.
    var marks: UInt64 = 0
    /// The width: 1 or 2 columns.
    var width: UInt8 = 1

    static let markLimit = 3
    static let markBits: UInt64 = 21

    /// Appends the scalars of the glyph, base first.
    func append(to text: inout String) {
        if let scalar = Unicode.Scalar(base) { text.unicodeScalars.append(scalar) }
        var rest = marks
        while rest != 0 {
            if let scalar = Unicode.Scalar(UInt32(truncatingIfNeeded: rest & 0x1F_FFFF)) {
                text.unicodeScalars.append(scalar)
            }
            rest >>= Self.markBits
        }
    }
}

/// Converts UTF-8 to glyphs that a terminal may show: characters that it can draw, and visible escapes for the rest.
///
/// - A pictograph sequence (with U+200D, U+FE0F, a skin tone, flag tags) is shown as its first pictograph, because
///   terminals disagree about the width of the whole sequence.
/// - Combining marks stay with their base, three at most; without a base they are escaped.
/// - Scalars that are invisible, reorder text, or are unassigned are escaped, so that two different names never look
///   the same and no byte from outside controls the terminal.
struct GlyphIterator {
    private let bytes: UnsafeBufferPointer<UInt8>
    private var index: Int
    private var escaped: Escape?
    private var escapePosition = 0

    init(_ bytes: UnsafeBufferPointer<UInt8>) {
        self.bytes = bytes
        index = 0
    }

    mutating func next() -> Glyph? {
        if let escaped {
            if let character = escaped.character(at: escapePosition) {
                escapePosition += 1
                return Glyph(base: UInt32(character))
            }
            self.escaped = nil
        }
        guard index < bytes.count else { return nil }
        let first = bytes[index]
        if first >= 0x20, first < 0x7F {
            index += 1
            // ASCII follows, or nothing: there are no combining marks.
            if index == bytes.count || bytes[index] < 0x80 { return Glyph(base: UInt32(first)) }
            return glyph(base: UInt32(first), width: 1)
        }
        let scalar = decode()
        switch ColumnClass.of(scalar) {
        case .narrow: return glyph(base: scalar, width: 1)
        case .wide: return glyph(base: scalar, width: 2)
        case .escape, .mark:
            escaped = Escape(scalar)
            escapePosition = 1
            return Glyph(base: UInt32(UInt8(ascii: "\\")))
        }
    }

    /// Returns the glyph of a base with what belongs to it: its marks, and the rest of a pictograph sequence.
    private mutating func glyph(base: UInt32, width: UInt8) -> Glyph {
        var glyph = Glyph(base: base, width: width)
        var marks = 0
        let isPictograph = ColumnClass.isPictograph(base)
        while index < bytes.count, bytes[index] >= 0x80 {
            let before = index
            let scalar = decode()
            if ColumnClass.of(scalar) == .mark {
                if marks < Glyph.markLimit {
                    glyph.marks |= UInt64(scalar) << (UInt64(marks) * Glyph.markBits)
                    marks += 1
                }
                continue
            }
            if belongsToSequence(scalar, base: base, isPictograph: isPictograph, isWide: width == 2) { continue }
            if scalar == 0x200D, isPictograph, index < bytes.count, bytes[index] >= 0x80,
                ColumnClass.isPictograph(decode())
            {
                continue
            }
            index = before
            break
        }
        return glyph
    }

    private func belongsToSequence(_ scalar: UInt32, base: UInt32, isPictograph: Bool, isWide: Bool) -> Bool {
        switch scalar {
        case 0xFE0E, 0xFE0F: isPictograph || (0x30...0x39).contains(base) || base == 0x23 || base == 0x2A
        case 0xFE00...0xFE0D, 0xE0100...0xE01EF: isWide
        case 0x1F3FB...0x1F3FF: isPictograph
        case 0xE0020...0xE007F: base == 0x1F3F4
        default: false
        }
    }

    /// Returns the scalar at `index`, and advances past it. A string's bytes are valid UTF-8; U+FFFD otherwise.
    private mutating func decode() -> UInt32 {
        let first = UInt32(bytes[index])
        index += 1
        let more: Int
        var scalar: UInt32
        switch first {
        case 0..<0x80: return first
        case 0xC0..<0xE0: (more, scalar) = (1, first & 0x1F)
        case 0xE0..<0xF0: (more, scalar) = (2, first & 0x0F)
        case 0xF0..<0xF8: (more, scalar) = (3, first & 0x07)
        default: return 0xFFFD
        }
        guard index + more <= bytes.count else {
            index = bytes.count
            return 0xFFFD
        }
        for _ in 0..<more {
            scalar = scalar << 6 | UInt32(bytes[index] & 0x3F)
            index += 1
        }
        return scalar
    }
}

/// The visible form of a scalar that must not reach a terminal: `\n`, `\x1b`, `\u{202e}`.
struct Escape {
    private let scalar: UInt32
    private let digits: Int

    init(_ scalar: UInt32) {
        self.scalar = scalar
        digits = scalar > 0xFFFFF ? 6 : scalar > 0xFFFF ? 5 : 4
    }

    /// Returns the character at a position; `nil` after the last one.
    func character(at position: Int) -> UInt8? {
        if position == 0 { return UInt8(ascii: "\\") }
        switch scalar {
        case 0x09: return position == 1 ? UInt8(ascii: "t") : nil
        case 0x0A: return position == 1 ? UInt8(ascii: "n") : nil
        case 0x0D: return position == 1 ? UInt8(ascii: "r") : nil
        case 0..<0x80:
            if position == 1 { return UInt8(ascii: "x") }
            return position < 4 ? digit(4 - position - 1) : nil
        default:
            if position == 1 { return UInt8(ascii: "u") }
            if position == 2 { return UInt8(ascii: "{") }
            let place = digits - (position - 3) - 1
            if place >= 0 { return digit(place) }
            return place == -1 ? UInt8(ascii: "}") : nil
        }
    }

    private func digit(_ place: Int) -> UInt8 {
        let value = UInt8(truncatingIfNeeded: scalar >> UInt32(place * 4) & 0xF)
        return value < 10 ? 0x30 + value : 0x57 + value
    }
}

/// The width of text on a terminal, in columns, including the escapes that replace characters that must not reach it.
public enum TextWidth {
    /// Returns the columns that `Frame.write` uses for this text.
    public static func columns(of text: String) -> Int {
        var text = text
        return text.withUTF8 { bytes in
            var glyphs = GlyphIterator(bytes)
            var columns = 0
            while let glyph = glyphs.next() { columns += Int(glyph.width) }
            return columns
        }
    }

    /// Returns the columns of one character.
    public static func columns(of character: Character) -> Int {
        columns(of: String(character))
    }
}
