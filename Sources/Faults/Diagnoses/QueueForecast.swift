/// What becomes of a queue if it goes on as in the last minutes.
public struct QueueForecast: Sendable, Hashable {
    /// What the queue reaches.
    public enum End: Sendable, Hashable {
        /// It is empty after this many seconds.
        case empty(Double)
        /// It has its maximum length after this many seconds.
        case full(Double)
        /// It grows, and no limit of it is known.
        case open
    }

    /// The change in ready messages per second: less than 0 when the queue drains.
    public var perSecond: Double
    /// What it reaches.
    public var end: End

    /// Creates a forecast.
    public init(perSecond: Double, end: End) {
        self.perSecond = perSecond
        self.end = end
    }

    /// The forecast in words: `empty in about 12 min`.
    public var words: String {
        switch end {
        case .empty(let seconds): "empty in about \(Diagnosis.words(seconds))"
        case .full(let seconds): "at its limit in about \(Diagnosis.words(seconds))"
        case .open: "\(Diagnosis.figure(perSecond)) more a second"
        }
    }
}

extension Diagnosis {
    /// Returns what becomes of a queue if it goes on as in the last minutes; `nil` while that is not steady, and when it
    /// is not known.
    public func forecast(of queue: DiagnosisFacts.QueueKey) -> QueueForecast? {
        memory.queues[queue].flatMap { Self.forecast(of: $0, limit: memory.notable[queue]?.fact.maxLength) }
    }

    /// Returns what becomes of a queue.
    ///
    /// - Parameter limit: The highest number of ready messages that it keeps, where that is known.
    static func forecast(of trend: QueueTrend, limit: Int?) -> QueueForecast? {
        guard let slope = trend.steady.slope, abs(slope) > Limit.rate else { return nil }
        let ready = Double(trend.ready)
        guard slope > 0 else { return QueueForecast(perSecond: slope, end: .empty(ready / -slope)) }
        guard let limit, limit > trend.ready else { return QueueForecast(perSecond: slope, end: .open) }
        return QueueForecast(perSecond: slope, end: .full((Double(limit) - ready) / slope))
    }
}
