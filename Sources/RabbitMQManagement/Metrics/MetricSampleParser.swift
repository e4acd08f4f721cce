import Names

/// Parses every sample into a value of its own.
struct MetricSampleParser: MetricParser {
    var lines = MetricLines()
    var samples = 0
    var undecodable = 0
    private let limit: Int
    /// The approximate maximum size of the stored samples, in bytes.
    private static let room = 64 << 20
    private var kept = 0
    private var result: [MetricSample] = []

    /// - Parameter limit: the number of samples to store; the rest is only counted.
    init(limit: Int = 100_000) { self.limit = limit }

    mutating func takeLine(_ bytes: UnsafeRawBufferPointer) {
        guard let first = bytes.first, first != UInt8(ascii: "#"), first != 0x0D else { return }
        var labels: [Name: Name] = [:]
        guard let line = MetricLine(bytes), let value = line.number,
            line.forEachLabel({ labels[Name(line.text($0))] = MetricLine.unescaped(line.bytes[$1]) })
        else {
            undecodable += 1
            return
        }
        samples += 1
        kept += 128 + labels.count * 112 + line.bytes.count
        if result.count < limit, kept < Self.room {
            result.append(MetricSample(name: line.text(line.name), labels: labels, value: value))
        }
    }

    mutating func finish() -> [MetricSample] {
        finishLines()
        return result
    }
}
