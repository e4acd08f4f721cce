/// How long to wait before another try: doubled from `base` up to `cap`, and spread so that many do not come at once.
struct Backoff: Sendable {
    var base: Double
    var cap: Double
    private(set) var failures = 0

    init(base: Double = 0.2, cap: Double = 1) {
        self.base = base
        self.cap = cap
    }

    /// Seconds until the next try; between half and all of what the number of failures calls for.
    mutating func next(spread: Double = .random(in: 0...1)) -> Double {
        var delay = base
        for _ in 0..<min(failures, 16) where delay < cap { delay *= 2 }
        failures += 1
        return min(cap, delay) * (0.5 + min(max(spread, 0), 1) / 2)
    }

    mutating func reset() {
        failures = 0
    }
}
