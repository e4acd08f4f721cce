/// Turns a wave into whole numbers of messages, losing none between two calls.
struct Pacer: Sendable {
    /// A pause longer than this, in seconds, is forgotten: nobody wants a flood after the broker was away.
    static let longestStep = 1.0

    var wave: Wave
    private var last: Double
    private var rest = 0.0

    /// - Parameter time: seconds since the start of everything.
    init(_ wave: Wave, at time: Double) {
        self.wave = wave
        last = time
    }

    /// How many messages are due at `time`.
    mutating func due(at time: Double) -> Int {
        let step = min(max(0, time - last), Self.longestStep)
        last = max(last, time)
        // The middle of the step stands for all of it.
        rest += wave.rate(at: time - step / 2) * step
        let whole = rest.rounded(.down)
        rest -= whole
        return Int(whole)
    }
}
