/// Converts a wave into whole numbers of messages, without losing any between two calls.
struct Pacer: Sendable {
    /// The longest pause, in seconds, that is made up for, so that no flood follows an outage of the broker.
    static let longestStep = 1.0

    var wave: Wave
    private var last: Double
    private var rest = 0.0

    /// - Parameter time: the seconds since the start of the workload.
    init(_ wave: Wave, at time: Double) {
        self.wave = wave
        last = time
    }

    /// Returns how many messages are due at `time`.
    mutating func due(at time: Double) -> Int {
        let step = min(max(0, time - last), Self.longestStep)
        last = max(last, time)
        // The rate in the middle of the step is used for all of it.
        rest += wave.rate(at: time - step / 2) * step
        let whole = rest.rounded(.down)
        rest -= whole
        return Int(whole)
    }
}
