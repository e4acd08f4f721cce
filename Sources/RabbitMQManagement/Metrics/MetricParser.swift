import NIOCore
import Names

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Parses the Prometheus text format line by line from the parts in which a response arrives.
///
/// Source: <https://prometheus.io/docs/instrumenting/exposition_formats/>.
protocol MetricParser: AnswerSink {
    var lines: MetricLines { get set }
    /// The number of samples read, of any metric.
    var samples: Int { get set }
    /// The number of lines that were neither sample nor comment.
    var undecodable: Int { get set }
    mutating func takeLine(_ line: UnsafeRawBufferPointer)
}

extension MetricParser {
    /// Reads a line and counts it; `nil` for an empty line, a comment, and one that cannot be read. A comment counts,
    /// too: a response of comments alone has metrics without samples.
    mutating func sample(_ bytes: UnsafeRawBufferPointer) -> MetricLine? {
        guard let first = bytes.first, first != 0x0D else { return nil }
        let isComment = first == UInt8(ascii: "#")
        let line = isComment ? nil : MetricLine(bytes)
        if isComment || line != nil { samples += 1 } else { undecodable += 1 }
        return line
    }

    mutating func take(_ buffer: ByteBuffer) {
        var lines = self.lines
        // Moved out of self, so that the rest of a line is not copied for every part.
        self.lines = MetricLines()
        lines.take(buffer) { takeLine($0) }
        self.lines = lines
    }

    /// Processes a last line without a line end.
    mutating func finishLines() {
        let rest = lines.finish()
        rest.withUnsafeBytes { if !$0.isEmpty { takeLine($0) } }
        undecodable += lines.tooLong
    }

    /// Whether there was text, but no metric in it.
    var isForeign: Bool { samples == 0 && undecodable > 0 }
}

/// Splits parts into lines; only a line that spans two parts is copied.
struct MetricLines: Sendable {
    /// The maximum length of a line, in bytes; longer lines are dropped and counted.
    static let maximumLength = 1 << 16

    private var rest: [UInt8] = []
    private var isDropping = false
    private(set) var tooLong = 0

    mutating func take(_ buffer: ByteBuffer, _ body: (UnsafeRawBufferPointer) -> Void) {
        buffer.withUnsafeReadableBytes { bytes in
            var start = 0
            while start < bytes.count, let base = bytes.baseAddress,
                let found = memchr(base + start, 0x0A, bytes.count - start)
            {
                let end = UnsafeRawPointer(found) - base
                let line = UnsafeRawBufferPointer(rebasing: bytes[start..<end])
                start = end + 1
                if isDropping {
                    isDropping = false
                } else if rest.count + line.count > Self.maximumLength {
                    rest.removeAll()
                    tooLong += 1
                } else if rest.isEmpty {
                    body(line)
                } else {
                    rest.append(contentsOf: line)
                    rest.withUnsafeBytes(body)
                    rest.removeAll(keepingCapacity: true)
                }
            }
            guard !isDropping else { return }
            if rest.count + bytes.count - start > Self.maximumLength {
                rest.removeAll()
                isDropping = true
                tooLong += 1
            } else {
                rest.append(contentsOf: bytes[start...])
            }
        }
    }

    mutating func finish() -> [UInt8] {
        defer { rest = [] }
        return isDropping ? [] : rest
    }
}

/// The parts of a sample's line, as ranges of bytes.
struct MetricLine {
    let bytes: UnsafeRawBufferPointer
    let name: Range<Int>
    private let labelsStart: Int?
    private let labelsEnd: Int
    private let valueStart: Int

    /// Returns nil if the line is not a sample.
    init?(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
        var position = 0
        while position < bytes.count, bytes[position] != UInt8(ascii: "{"), bytes[position] != 0x20,
            bytes[position] != 0x09
        {
            position += 1
        }
        guard position > 0, position < bytes.count, bytes[0] > 0x40 || bytes[0] == UInt8(ascii: ":") else { return nil }
        name = 0..<position
        if bytes[position] == UInt8(ascii: "{") {
            labelsStart = position + 1
            var isQuoted = false
            position += 1
            while position < bytes.count {
                let byte = bytes[position]
                if isQuoted, byte == UInt8(ascii: "\\") {
                    position += 1
                } else if byte == UInt8(ascii: "\"") {
                    isQuoted.toggle()
                } else if byte == UInt8(ascii: "}"), !isQuoted {
                    break
                }
                position += 1
            }
            guard position < bytes.count else { return nil }
            labelsEnd = position
            position += 1
        } else {
            labelsStart = nil
            labelsEnd = position
        }
        while position < bytes.count, bytes[position] == 0x20 || bytes[position] == 0x09 { position += 1 }
        guard position < bytes.count else { return nil }
        valueStart = position
    }

    /// Parses a line whose labels are not escaped: they end at the last brace. Returns nil if there is none.
    init?(unescaped bytes: UnsafeRawBufferPointer) {
        guard let start = bytes.firstIndex(of: UInt8(ascii: "{")), let end = bytes.lastIndex(of: UInt8(ascii: "}")),
            start > 0, start < end
        else { return nil }
        self.bytes = bytes
        name = 0..<start
        labelsStart = start + 1
        labelsEnd = end
        var position = end + 1
        while position < bytes.count, bytes[position] == 0x20 || bytes[position] == 0x09 { position += 1 }
        guard position < bytes.count else { return nil }
        valueStart = position
    }

    /// The values of `vhost` and `queue` if the line has these two labels and does not escape them.
    var unescapedQueue: (vhost: Range<Int>, queue: Range<Int>)? {
        let prefix = Array("vhost=\"".utf8)
        let middle = Array("\",queue=\"".utf8)
        guard let labelsStart, bytes[labelsStart..<labelsEnd].starts(with: prefix) else { return nil }
        let vhostStart = labelsStart + prefix.count
        guard vhostStart < labelsEnd, bytes[labelsEnd - 1] == UInt8(ascii: "\"") else { return nil }
        var position = vhostStart
        while position + middle.count < labelsEnd {
            if bytes[position...].starts(with: middle) {
                return (vhostStart..<position, position + middle.count..<labelsEnd - 1)
            }
            position += 1
        }
        return nil
    }

    /// The bytes of the value, without a timestamp that may follow.
    var value: Range<Int> {
        var end = valueStart
        while end < bytes.count, bytes[end] > 0x20 { end += 1 }
        return valueStart..<end
    }

    /// Calls `body` with each label's name and raw (escaped) value; returns false if the labels are malformed.
    func forEachLabel(_ body: (_ name: Range<Int>, _ value: Range<Int>) -> Void) -> Bool {
        guard var position = labelsStart else { return true }
        while true {
            while position < labelsEnd, bytes[position] == UInt8(ascii: ",") || bytes[position] == 0x20 {
                position += 1
            }
            guard position < labelsEnd else { return true }
            let nameStart = position
            while position < labelsEnd, bytes[position] != UInt8(ascii: "=") { position += 1 }
            let name = nameStart..<position
            position += 1
            guard position < labelsEnd, bytes[position] == UInt8(ascii: "\"") else { return false }
            position += 1
            let valueStart = position
            while position < labelsEnd, bytes[position] != UInt8(ascii: "\"") {
                position += bytes[position] == UInt8(ascii: "\\") ? 2 : 1
            }
            guard position < labelsEnd else { return false }
            body(name, valueStart..<position)
            position += 1
        }
    }

    func equals(_ range: Range<Int>, _ text: StaticString) -> Bool {
        guard range.count == text.utf8CodeUnitCount else { return false }
        for offset in 0..<range.count where bytes[range.lowerBound + offset] != text.utf8Start[offset] { return false }
        return true
    }

    /// The value as a whole number (rounded towards zero); nil for NaN, infinities and anything that is not a number.
    var integer: Int64? {
        let range = value
        var position = range.lowerBound
        var isNegative = false
        if position < range.upperBound, bytes[position] == UInt8(ascii: "-") {
            isNegative = true
            position += 1
        }
        var number: Int64 = 0
        // 18 digits cannot overflow.
        guard position < range.upperBound, range.upperBound - position <= 18 else { return slowInteger }
        while position < range.upperBound {
            guard case UInt8(ascii: "0")...UInt8(ascii: "9") = bytes[position] else { return slowInteger }
            number = number * 10 + Int64(bytes[position] - UInt8(ascii: "0"))
            position += 1
        }
        return isNegative ? -number : number
    }

    private var slowInteger: Int64? {
        Int64(text(value)) ?? number.flatMap { Int64(exactly: $0.rounded(.towardZero)) }
    }

    /// The value; nil if it is not a number. `NaN`, `+Inf` and `-Inf` are numbers.
    var number: Double? {
        switch text(value) {
        case "NaN", "nan", "Nan": .nan
        case "+Inf", "Inf", "+inf", "inf": .infinity
        case "-Inf", "-inf": -.infinity
        case let text: Double(text)
        }
    }

    func text(_ range: Range<Int>) -> String {
        String(decoding: UnsafeRawBufferPointer(rebasing: bytes[range]), as: UTF8.self)
    }

    /// Decodes the escapes of a label value: `\\`, `\"` and `\n`.
    static func unescaped(_ raw: some Collection<UInt8>) -> Name {
        guard raw.contains(UInt8(ascii: "\\")) else { return Name(bytes: raw) }
        var result: [UInt8] = []
        result.reserveCapacity(raw.count)
        var isEscaped = false
        for byte in raw {
            if isEscaped {
                switch byte {
                case UInt8(ascii: "n"): result.append(0x0A)
                case UInt8(ascii: "\\"), UInt8(ascii: "\""): result.append(byte)
                default: result += [UInt8(ascii: "\\"), byte]
                }
                isEscaped = false
            } else if byte == UInt8(ascii: "\\") {
                isEscaped = true
            } else {
                result.append(byte)
            }
        }
        if isEscaped { result.append(UInt8(ascii: "\\")) }
        return Name(bytes: result)
    }
}
