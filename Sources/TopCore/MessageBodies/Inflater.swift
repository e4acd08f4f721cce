/// Unpacks DEFLATE (RFC 1951), with the frames of zlib (RFC 1950) and gzip (RFC 1952), up to a limit.
struct Inflater {
    enum Failure: Error, Equatable {
        /// The bytes are not of this format.
        case malformed
        /// They end too early.
        case truncated
    }

    /// What was unpacked.
    struct Result: Equatable {
        var bytes: [UInt8]
        /// Whether there is more than the limit allows.
        var isCut: Bool
    }

    private let input: [UInt8]
    private var position: Int
    private var bits: UInt32 = 0
    private var bitCount = 0
    private var output: [UInt8] = []
    private let limit: Int

    private init(_ input: [UInt8], from position: Int, limit: Int) {
        self.input = input
        self.position = position
        self.limit = limit
    }

    /// Unpacks gzip, one member after the other.
    static func gunzip(_ input: [UInt8], limit: Int) throws(Failure) -> Result {
        var all: [UInt8] = []
        var position = 0
        repeat {
            position = try endOfGzipHeader(input, from: position)
            var inflater = Inflater(input, from: position, limit: limit - all.count)
            let isWhole = try inflater.run()
            all += inflater.output
            if !isWhole { return Result(bytes: all, isCut: true) }
            // Checksum and size follow.
            position = inflater.position + 8
            if position > input.count { throw .truncated }
        } while position < input.count && input[position] == 0x1F
        return Result(bytes: all, isCut: false)
    }

    /// Unpacks what HTTP calls deflate: zlib, or as many programs write it, bare DEFLATE.
    static func inflate(_ input: [UInt8], limit: Int) throws(Failure) -> Result {
        let isZlib =
            input.count >= 2 && input[0] & 0x0F == 8 && (Int(input[0]) << 8 | Int(input[1])) % 31 == 0
            && input[1] & 0x20 == 0
        var inflater = Inflater(input, from: isZlib ? 2 : 0, limit: limit)
        let isWhole = try inflater.run()
        return Result(bytes: inflater.output, isCut: !isWhole)
    }

    private static func endOfGzipHeader(_ input: [UInt8], from start: Int) throws(Failure) -> Int {
        guard input.count >= start + 10 else { throw .truncated }
        guard input[start] == 0x1F, input[start + 1] == 0x8B, input[start + 2] == 8 else { throw .malformed }
        let flags = input[start + 3]
        var position = start + 10
        if flags & 4 != 0 {
            guard input.count >= position + 2 else { throw .truncated }
            position += 2 + Int(input[position]) + Int(input[position + 1]) << 8
        }
        // The name and the comment end with a zero.
        for flag in [UInt8(8), 16] where flags & flag != 0 {
            guard position < input.count, let end = input[position...].firstIndex(of: 0) else { throw .truncated }
            position = end + 1
        }
        if flags & 2 != 0 { position += 2 }
        guard position <= input.count else { throw .truncated }
        return position
    }

    // MARK: Blocks

    /// Unpacks all blocks.
    ///
    /// - Returns: false if the limit was reached before the end.
    private mutating func run() throws(Failure) -> Bool {
        while true {
            let isLast = try take(1) == 1
            switch try take(2) {
            case 0: guard try stored() else { return false }
            case 1: guard try packed(Self.fixedLiterals, Self.fixedDistances) else { return false }
            case 2:
                let (literals, distances) = try tables()
                guard try packed(literals, distances) else { return false }
            default: throw .malformed
            }
            if isLast {
                // Whole bytes that were read ahead belong to what follows.
                position -= bitCount / 8
                return true
            }
        }
    }

    private mutating func take(_ count: Int) throws(Failure) -> Int {
        while bitCount < count {
            guard position < input.count else { throw .truncated }
            bits |= UInt32(input[position]) << UInt32(bitCount)
            position += 1
            bitCount += 8
        }
        let value = Int(bits & ((1 << UInt32(count)) - 1))
        bits >>= UInt32(count)
        bitCount -= count
        return value
    }

    private mutating func stored() throws(Failure) -> Bool {
        position -= bitCount / 8
        bits = 0
        bitCount = 0
        guard position + 4 <= input.count else { throw .truncated }
        let count = Int(input[position]) | Int(input[position + 1]) << 8
        guard count ^ 0xFFFF == Int(input[position + 2]) | Int(input[position + 3]) << 8 else { throw .malformed }
        position += 4
        guard position + count <= input.count else { throw .truncated }
        let room = limit - output.count
        output += input[position..<position + min(count, room)]
        position += count
        return count <= room
    }

    private mutating func packed(_ literals: Codes, _ distances: Codes) throws(Failure) -> Bool {
        while true {
            let symbol = try next(literals)
            switch symbol {
            case ..<256:
                guard output.count < limit else { return false }
                output.append(UInt8(symbol))
            case 256: return true
            default:
                guard symbol - 257 < Self.lengths.count else { throw .malformed }
                let (base, extra) = Self.lengths[symbol - 257]
                let length = base + (try take(extra))
                let code = try next(distances)
                guard code < Self.distances.count else { throw .malformed }
                let (far, farExtra) = Self.distances[code]
                let distance = far + (try take(farExtra))
                guard distance <= output.count else { throw .malformed }
                for _ in 0..<length {
                    guard output.count < limit else { return false }
                    output.append(output[output.count - distance])
                }
            }
        }
    }

    /// Reads the codes of a block that brings its own.
    private mutating func tables() throws(Failure) -> (literals: Codes, distances: Codes) {
        let literalCount = try take(5) + 257
        let distanceCount = try take(5) + 1
        let lengthCount = try take(4) + 4
        guard literalCount <= 286, distanceCount <= 30 else { throw .malformed }
        var small = [UInt8](repeating: 0, count: 19)
        for place in Self.lengthOrder.prefix(lengthCount) { small[place] = UInt8(try take(3)) }
        let codes = try Codes(small)
        var lengths: [UInt8] = []
        while lengths.count < literalCount + distanceCount {
            let symbol = try next(codes)
            switch symbol {
            case ..<16: lengths.append(UInt8(symbol))
            case 16:
                guard let last = lengths.last else { throw .malformed }
                lengths += [UInt8](repeating: last, count: 3 + (try take(2)))
            case 17: lengths += [UInt8](repeating: 0, count: 3 + (try take(3)))
            default: lengths += [UInt8](repeating: 0, count: 11 + (try take(7)))
            }
        }
        guard lengths.count == literalCount + distanceCount else { throw .malformed }
        return (try Codes(Array(lengths[..<literalCount])), try Codes(Array(lengths[literalCount...])))
    }

    private mutating func next(_ codes: Codes) throws(Failure) -> Int {
        var code = 0
        var first = 0
        var index = 0
        for length in 1...15 {
            code |= try take(1)
            let count = codes.counts[length]
            if code - first < count { return codes.symbols[index + code - first] }
            index += count
            first = (first + count) << 1
            code <<= 1
        }
        throw .malformed
    }

    /// Prefix codes: how many there are of each length, and their symbols in the order of the codes.
    private struct Codes {
        var counts = [Int](repeating: 0, count: 16)
        var symbols: [Int] = []

        init(_ lengths: [UInt8]) throws(Failure) {
            for length in lengths where length > 0 { counts[Int(length)] += 1 }
            var free = 1
            for length in 1...15 {
                free = free * 2 - counts[length]
                if free < 0 { throw .malformed }
            }
            for length in 1...15 {
                for (symbol, own) in lengths.enumerated() where Int(own) == length { symbols.append(symbol) }
            }
        }

        init(fixed lengths: [UInt8]) {
            for length in lengths { counts[Int(length)] += 1 }
            for length in 1...15 {
                for (symbol, own) in lengths.enumerated() where Int(own) == length { symbols.append(symbol) }
            }
        }
    }

    private static let fixedLiterals = Codes(
        fixed: (0..<288).map { $0 < 144 ? 8 : $0 < 256 ? 9 : $0 < 280 ? 7 : 8 })
    private static let fixedDistances = Codes(fixed: [UInt8](repeating: 5, count: 30))
    private static let lengthOrder = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]

    /// The lengths of copies and the distances of their sources: base and number of extra bits (RFC 1951, 3.2.5).
    private static let lengths: [(Int, Int)] =
        (0..<8).map { (3 + $0, 0) }
        + (1...5).flatMap { bits in (0..<4).map { (3 + (4 + $0) << bits, bits) } } + [(258, 0)]
    private static let distances: [(Int, Int)] =
        (0..<4).map { (1 + $0, 0) } + (1...13).flatMap { bits in (0..<2).map { (1 + (2 + $0) << bits, bits) } }
}
