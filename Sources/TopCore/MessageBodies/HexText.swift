/// Bytes as hexadecimal digits.
enum HexText {
    static func digits(_ bytes: some Sequence<UInt8>) -> String {
        var text = ""
        for byte in bytes {
            if byte < 16 { text += "0" }
            text += String(byte, radix: 16)
        }
        return text
    }

    /// Returns lines of 16 bytes, or of another number: the offset, the digits, and the characters of ASCII.
    static func dump(_ bytes: [UInt8], perLine: Int = 16) -> String {
        stride(from: 0, to: bytes.count, by: perLine).map { start in
            let line = bytes[start..<min(start + perLine, bytes.count)]
            let offset = String(start, radix: 16)
            let pairs = line.map { HexText.digits(CollectionOfOne($0)) }
            let left = pairs.prefix(perLine / 2).joined(separator: " ")
            let right = pairs.dropFirst(perLine / 2).joined(separator: " ")
            let digits = (right.isEmpty ? left : left + "  " + right)
            let plain = line.map { byte -> UInt8 in (0x20..<0x7F).contains(byte) ? byte : UInt8(ascii: ".") }
            let zeros = String(repeating: "0", count: max(0, 8 - offset.count))
            let blanks = String(repeating: " ", count: max(0, 3 * perLine - digits.count))
            return "\(zeros)\(offset)  \(digits)\(blanks)  \(String(decoding: plain, as: UTF8.self))"
        }.joined(separator: "\n")
    }
}
