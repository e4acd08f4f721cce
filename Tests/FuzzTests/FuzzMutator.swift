import SeededSupport

/// Makes inputs out of the files of a corpus: the same seed makes the same inputs.
struct FuzzMutator {
    private static let numbers: [UInt64] = [
        0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF, 1 << 32,
        UInt64(Int64.max), 1 << 63, .max,
    ]
    private static let words = [
        "9223372036854775808", "18446744073709551616", "-9223372036854775809", "1e400", "-1", "NaN", "\u{0}", "\r\n",
        "\"",
        "\\", "\\u0000", "\\ud800", "e\u{301}", "\u{9B}", "[", "]", "{", "}", ":", ",", "=", "%", "%00", "@", "/", "//",
        "#",
        ";", " ", "\t", "\n", "::1", "65536", "99999999999999999999", "<0.1.0>", "true", "null",
    ]

    let corpus: [[UInt8]]
    /// The longest input, in bytes.
    let limit: Int

    /// - Parameter round: counts the inputs of a run.
    func input(seed: UInt64, round: UInt64) -> [UInt8] {
        var random = SeededRandom(seed: seed &* 0x9E37_79B9 &+ round)
        var bytes = corpus.randomElement(using: &random) ?? []
        // The files themselves come first.
        guard round >= UInt64(corpus.count) else { return corpus[Int(round)] }
        for _ in 0..<Int.random(in: 1...6, using: &random) { change(&bytes, &random) }
        return bytes.count > limit ? Array(bytes.prefix(limit)) : bytes
    }

    private func change(_ bytes: inout [UInt8], _ random: inout SeededRandom) {
        let place = Int.random(in: 0...bytes.count, using: &random)
        let length = min(bytes.count - place, 1 << Int.random(in: 0...8, using: &random))
        switch Int.random(in: 0..<10, using: &random) {
        case 0 where place < bytes.count: bytes[place] ^= 1 << UInt8.random(in: 0...7, using: &random)
        case 1 where place < bytes.count: bytes[place] = UInt8.random(in: 0...255, using: &random)
        case 2: bytes.removeSubrange(place..<place + length)
        case 3: bytes.insert(contentsOf: bytes[place..<place + length], at: place)
        case 4:
            let count = Int.random(in: 1...16, using: &random)
            bytes.insert(contentsOf: (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }, at: place)
        case 5: bytes.insert(contentsOf: Array((Self.words.randomElement(using: &random) ?? "").utf8), at: place)
        case 6:
            let other = corpus.randomElement(using: &random) ?? []
            let start = Int.random(in: 0...other.count, using: &random)
            bytes.replaceSubrange(place..., with: other[start...])
        case 7:
            // A number in network order, as wide as chance has it.
            let number = Self.numbers.randomElement(using: &random) ?? 0
            let width = [1, 2, 4, 8].randomElement(using: &random) ?? 4
            guard place + width <= bytes.count else { return }
            for index in 0..<width {
                bytes[place + index] = UInt8(truncatingIfNeeded: number >> (8 * (width - 1 - index)))
            }
        case 8: bytes.removeSubrange(place...)
        default:
            let piece = Array(bytes[place..<place + length])
            for _ in 0..<Int.random(in: 1...32, using: &random) where bytes.count < limit {
                bytes.insert(contentsOf: piece, at: place)
            }
        }
    }
}
