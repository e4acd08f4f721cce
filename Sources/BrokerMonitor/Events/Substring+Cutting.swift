import Names

// The broker's separators are ASCII and are searched for among bytes, because a combining character after one, such as
// an accent, would make a different `Character` of it.
extension Substring {
    func firstRange(of mark: String) -> Range<Index>? { place(of: mark, from: utf8.indices) }
    func lastRange(of mark: String) -> Range<Index>? { place(of: mark, from: utf8.indices.reversed()) }

    /// Returns the text without its first bytes.
    func dropFirst(bytes count: Int) -> Substring { Substring(utf8.dropFirst(count)) }
    func dropLast(bytes count: Int) -> Substring { Substring(utf8.dropLast(count)) }

    func begins(with mark: Unicode.Scalar) -> Bool { utf8.first == UInt8(ascii: mark) }
    func ends(with mark: Unicode.Scalar) -> Bool { utf8.last == UInt8(ascii: mark) }

    func droppingSpaces() -> Substring {
        let space = UInt8(ascii: " ")
        return Substring(utf8.drop { $0 == space })
    }

    func prefix(upTo mark: Unicode.Scalar) -> Substring {
        utf8.firstIndex(of: UInt8(ascii: mark)).map { self[..<$0] } ?? self
    }

    /// Returns the index at which the suffix `end` begins.
    func end(without end: String) -> Index { utf8.index(endIndex, offsetBy: -end.utf8.count) }

    private func place(of mark: String, from places: some Sequence<Index>) -> Range<Index>? {
        guard let first = mark.utf8.first else { return nil }
        for index in places where utf8[index] == first && utf8[index...].starts(with: mark.utf8) {
            return index..<utf8.index(index, offsetBy: mark.utf8.count)
        }
        return nil
    }
}
