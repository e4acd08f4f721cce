/// One column of one row: a character with up to three combining marks, and its style.
///
/// A value of fixed size: creating, copying and comparing cells does not allocate.
public struct Cell: Hashable, Sendable {
    private var marks: UInt64
    private var baseValue: UInt32
    private var columns: UInt8
    /// The colours and attributes of the cell.
    public var style: Style

    /// Creates a blank cell.
    public init(style: Style = .plain) {
        self.init(Glyph(base: 0x20), style: style)
    }

    init(_ glyph: Glyph, style: Style) {
        marks = glyph.marks
        baseValue = glyph.base
        columns = glyph.width
        self.style = style
    }

    private init(continuationOf style: Style) {
        marks = 0
        baseValue = 0
        columns = 0
        self.style = style
    }

    /// Returns the right half of a character two columns wide.
    static func continuation(style: Style) -> Cell { Cell(continuationOf: style) }

    /// The width of the character in columns: 1 or 2, or 0 for the right half of the wide character to its left.
    public var width: Int { Int(columns) }

    /// Whether the cell is the right half of the wide character to its left.
    public var isContinuation: Bool { columns == 0 }

    /// The scalar of the character without its marks; 0 in a continuation.
    public var base: UInt32 { baseValue }

    /// The combining marks, 21 bits each, the first in the lowest bits; 0 for none.
    public var combiningMarks: UInt64 { marks }

    /// Whether the cell shows only its background.
    public var isBlank: Bool { baseValue == 0x20 && marks == 0 }

    /// The character with its marks; empty in a continuation.
    public var text: String {
        var text = ""
        append(to: &text)
        return text
    }

    func append(to text: inout String) {
        if columns == 0 { return }
        Glyph(base: baseValue, marks: marks).append(to: &text)
    }
}
