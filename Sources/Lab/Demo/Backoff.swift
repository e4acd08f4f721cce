/// The wait before another attempt: doubled from `base` up to `cap`, and randomized so that not all clients return
/// together.
struct Backoff: Sendable {
    var base: Double
    var cap: Double
    private(set) var failures = 0

    init(base: Double = 0.2, cap: Double = 1) {
        self.base = base
        self.cap = cap
    }

    /// Returns the seconds until the next attempt: between half and all of the delay for the number of failures.
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
