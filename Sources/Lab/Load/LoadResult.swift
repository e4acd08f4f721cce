/// What a load run measured.
public struct LoadResult: Sendable, Encodable {
    /// Milliseconds from the publish of a message until the publisher knew of its confirm.
    public struct Latency: Sendable, Encodable {
        public var p50: Double
        public var p99: Double
        public var max: Double
    }

    public var mode: LoadPlan.Mode
    /// Messages that were published, confirmed or consumed.
    public var count: Int
    /// Bytes of a body; consuming, their mean.
    public var size: Int
    /// From the first message until the last was done with.
    public var seconds: Double
    /// CPU time of this process in that time, of all threads, in user and in kernel mode; seconds.
    public var cpu: Double
    /// Nil where nothing is confirmed.
    public var latency: Latency?

    /// Messages a second.
    public var rate: Double { Double(count) / seconds }
    /// Microseconds.
    public var cpuPerMessage: Double { cpu * 1e6 / Double(count) }

    private enum CodingKeys: String, CodingKey {
        case mode, count, size, seconds, rate
        case cpuPerMessage = "cpu_us_per_message"
        case latency = "confirm_latency_ms"
    }

    /// What is not known is null.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(mode.rawValue, forKey: .mode)
        try container.encode(count, forKey: .count)
        try container.encode(size, forKey: .size)
        try container.encode(seconds, forKey: .seconds)
        try container.encode(rate, forKey: .rate)
        try container.encode(cpuPerMessage, forKey: .cpuPerMessage)
        try container.encode(latency, forKey: .latency)
    }
}

extension LoadResult.Latency {
    /// Nil for no values. Percentiles are nearest ranks.
    init?(_ values: [Duration]) {
        let sorted = values.sorted()
        guard let last = sorted.last else { return nil }
        func milliseconds(_ duration: Duration) -> Double { duration / .milliseconds(1) }
        func quantile(_ share: Double) -> Double {
            let rank = Int((share * Double(sorted.count)).rounded(.up))
            return milliseconds(sorted[Swift.min(Swift.max(rank, 1), sorted.count) - 1])
        }
        p50 = quantile(0.5)
        p99 = quantile(0.99)
        max = milliseconds(last)
    }
}
