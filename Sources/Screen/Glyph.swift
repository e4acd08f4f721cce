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
