#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

// `==`, `hasPrefix`, `contains` and `split` of a String use Characters and canonical equivalence. These functions use
// bytes: "\r\n" is two bytes, and a comma before a combining accent is still a comma.

extension StringProtocol {
    /// Calls `body` with the UTF-8 bytes, which are valid only during the call.
    @inlinable
    public func withBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        let quick = try utf8.withContiguousStorageIfAvailable { try body(UnsafeRawBufferPointer($0)) }
        return try quick ?? Array(utf8).withUnsafeBytes(body)
    }

    /// Returns whether both texts have the same bytes.
    @inlinable
    public func hasSameBytes(as other: some StringProtocol) -> Bool {
        utf8.count == other.utf8.count && withBytes { bytes in other.withBytes { bytes.order(to: $0) == 0 } }
    }

    /// Returns whether the text comes before the other in the order of their bytes.
    @inlinable
    public func precedesByBytes(_ other: some StringProtocol) -> Bool {
        withBytes { bytes in other.withBytes { bytes.order(to: $0) < 0 } }
    }

    /// Returns whether the text begins with the bytes of `prefix`.
    @inlinable
    public func hasBytePrefix(_ prefix: some StringProtocol) -> Bool {
        utf8.starts(with: prefix.utf8)
    }

    /// Returns whether the text ends with the bytes of `suffix`.
    @inlinable
    public func hasByteSuffix(_ suffix: some StringProtocol) -> Bool {
        utf8.count >= suffix.utf8.count && utf8.suffix(suffix.utf8.count).elementsEqual(suffix.utf8)
    }

    /// Returns whether the text contains the bytes of `part`.
    @inlinable
    public func containsBytes(of part: some StringProtocol) -> Bool {
        withBytes { bytes in part.withBytes { bytes.firstOffset(of: $0) != nil } }
    }
}

extension StringProtocol where SubSequence == Substring {
    /// Returns the parts between occurrences of one ASCII character. Every occurrence separates, whatever follows it.
    public func parts(
        separatedBy separator: Unicode.Scalar, maxSplits: Int = .max, omittingEmptyParts: Bool = false
    ) -> [Substring] {
        precondition(separator.isASCII)
        let byte = UInt8(ascii: separator)
        var parts: [Substring] = []
        var start = startIndex
        func end(at index: Index) {
            if index > start || !omittingEmptyParts { parts.append(self[start..<index]) }
        }
        for index in utf8.indices where utf8[index] == byte {
            guard parts.count < maxSplits else { break }
            end(at: index)
            start = utf8.index(after: index)
        }
        end(at: endIndex)
        return parts
    }

    /// The lines without their ends, which are "\r\n", "\n" and "\r". A line end at the end of the text does not begin
    /// another line.
    public var lineList: [Substring] {
        var lines: [Substring] = []
        var start = startIndex
        var index = start
        while index < endIndex {
            let byte = utf8[index]
            var next = utf8.index(after: index)
            if byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") {
                lines.append(self[start..<index])
                if byte == UInt8(ascii: "\r"), next < endIndex, utf8[next] == UInt8(ascii: "\n") {
                    next = utf8.index(after: next)
                }
                start = next
            }
            index = next
        }
        if start < endIndex { lines.append(self[start...]) }
        return lines
    }
}

extension String {
    /// Returns the longest prefix of whole scalars within this number of bytes: for AMQP's short strings of at most 255
    /// bytes.
    public func prefix(ofBytes limit: Int) -> String {
        guard utf8.count > limit else { return self }
        var end = utf8.index(startIndex, offsetBy: limit)
        while end.samePosition(in: unicodeScalars) == nil { end = utf8.index(before: end) }
        return String(self[..<end])
    }
}

extension UnsafeRawBufferPointer {
    /// Compares byte by byte. The result is negative if these bytes come first, and zero if both are equal.
    @inlinable
    func order(to other: UnsafeRawBufferPointer) -> Int {
        if let base = baseAddress, let otherBase = other.baseAddress {
            let difference = memcmp(base, otherBase, Swift.min(count, other.count))
            if difference != 0 { return Int(difference) }
        }
        return count - other.count
    }

    /// Returns the offset of the first occurrence of these bytes.
    @usableFromInline
    package func firstOffset(of part: UnsafeRawBufferPointer) -> Int? {
        guard let first = part.first else { return 0 }
        guard count >= part.count else { return nil }
        for offset in 0...(count - part.count) where self[offset] == first {
            if self[offset..<(offset + part.count)].elementsEqual(part) { return offset }
        }
        return nil
    }
}

extension String {
    /// Decodes bytes that may not be UTF-8: each byte that is not valid appears as `\xNN`.
    @usableFromInline
    init(showing bytes: [UInt8]) {
        self.init()
        var parser = Unicode.UTF8.ForwardParser()
        var rest = bytes.makeIterator()
        var position = 0
        while true {
            switch parser.parseScalar(from: &rest) {
            case .valid(let encoded):
                unicodeScalars.append(Unicode.UTF8.decode(encoded))
                position += encoded.count
            case .error(let length):
                for byte in bytes[position..<(position + length)] {
                    let digits = String(byte, radix: 16, uppercase: true)
                    self += byte < 16 ? "\\x0\(digits)" : "\\x\(digits)"
                }
                position += length
            case .emptyInput:
                return
            }
        }
    }
}
