import Foundation
import Names

/// Natural text order: ignores case, and compares numbers in the text by value (`q2` before `q10`).
enum NaturalOrder {
    /// Returns the rank of each text; equal texts have the same rank, and `nan` stands for a missing text.
    ///
    /// With `isTotal`, texts that differ only in case or leading zeros have different ranks, ordered by their bytes.
    static func ranks(_ texts: [Name?], isTotal: Bool = false) -> [Double] {
        var bytes: [UInt8] = []
        var ends: [Int] = []
        ends.reserveCapacity(texts.count)
        bytes.reserveCapacity(texts.count * 20)
        var present: [Int32] = []
        present.reserveCapacity(texts.count)
        for (index, text) in texts.enumerated() {
            if let text {
                appendKey(of: text.text, to: &bytes)
                present.append(Int32(truncatingIfNeeded: index))
            }
            ends.append(bytes.count)
        }
        var ranks = [Double](repeating: .nan, count: texts.count)
        bytes.withUnsafeBytes { raw in
            func compare(_ left: Int32, _ right: Int32) -> Int {
                let left = Int(left)
                let right = Int(right)
                let result = order(raw, key(left, ends), key(right, ends))
                guard result == 0, isTotal, let a = texts[left], let b = texts[right] else { return result }
                return a == b ? 0 : (a < b ? -1 : 1)
            }
            present.sort { compare($0, $1) < 0 }
            var rank = 0.0
            for (index, place) in present.enumerated() {
                if index > 0, compare(present[index - 1], place) != 0 { rank += 1 }
                ranks[Int(place)] = rank
            }
        }
        return ranks
    }

    /// Whether one text precedes another in the order of total ranks.
    static func precedes(_ left: Name, _ right: Name) -> Bool {
        var bytes: [UInt8] = []
        appendKey(of: left.text, to: &bytes)
        let middle = bytes.count
        appendKey(of: right.text, to: &bytes)
        let result = bytes.withUnsafeBytes { order($0, 0..<middle, middle..<$0.count) }
        return result == 0 ? left < right : result < 0
    }

    private static func key(_ index: Int, _ ends: [Int]) -> Range<Int> {
        (index == 0 ? 0 : ends[index - 1])..<ends[index]
    }

    private static func order(_ raw: UnsafeRawBufferPointer, _ left: Range<Int>, _ right: Range<Int>) -> Int {
        let common = min(left.count, right.count)
        if common > 0, let base = raw.baseAddress {
            let result = memcmp(base + left.lowerBound, base + right.lowerBound, common)
            if result != 0 { return Int(result) }
        }
        return left.count - right.count
    }

    /// Appends bytes whose plain order is the natural order of the texts: letters in lower case, and each number
    /// preceded by its count of digits so that longer numbers sort later.
    private static func appendKey(of text: String, to key: inout [UInt8]) {
        var text = text
        let isASCII = text.utf8.allSatisfy { $0 < 0x80 }
        if !isASCII { text = text.lowercased() }
        text.withUTF8 { bytes in
            var index = 0
            while index < bytes.count {
                let byte = bytes[index]
                guard byte >= 0x30, byte <= 0x39 else {
                    key.append(byte >= 0x41 && byte <= 0x5A ? byte | 0x20 : byte)
                    index += 1
                    continue
                }
                var end = index
                while end < bytes.count, bytes[end] >= 0x30, bytes[end] <= 0x39 { end += 1 }
                while index < end - 1, bytes[index] == 0x30 { index += 1 }
                let length = min(end - index, 0xFFFF)
                key.append(0x30)
                key.append(UInt8(truncatingIfNeeded: length >> 8))
                key.append(UInt8(truncatingIfNeeded: length))
                key.append(contentsOf: bytes[index..<end])
                index = end
            }
        }
    }
}

extension RowID {
    /// The text that orders rows whose sort values are equal.
    var orderText: Name {
        switch self {
        case .overview: ""
        case .queue(let id), .exchange(let id): "\(id.name)\u{0}\(id.vhost)"
        case .connection(let name), .node(let name): name
        case .channel(let id): "\(id.connection)\u{0}\(id.number)"
        case .consumer(let id):
            "\(id.queue.name)\u{0}\(id.queue.vhost)\u{0}\(id.connection ?? "")\u{0}\(id.channel?.number ?? 0)\u{0}\(id.tag)\u{0}\(id.ordinal)"
        case .event(let id): "\(id)"
        case .lab(let id): "\(id.experiment)\u{0}\(id.variant)"
        case .named(let id): "\(id.name)\u{0}\(id.vhost ?? "")\u{0}\(id.more)"
        case .client(let id):
            "\(id.isAttached ? 1 : 0) \(id.connection) \(id.channel.map { String($0 + 1) } ?? "0") \(id.epoch)"
        }
    }
}
