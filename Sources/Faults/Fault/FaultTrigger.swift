/// Decides for each occasion whether a fault takes effect, by the selector's number of passes, interval, percentage and
/// number of times.
public struct FaultTrigger: Sendable {
    private let selector: FaultSelector
    private var random: SeededRandom
    private var occasions = 0
    private var candidates = 0
    /// How often the fault has taken effect.
    public private(set) var hits = 0

    /// Creates the trigger of a fault, with its selector and seed.
    public init(_ fault: Fault) {
        selector = fault.selector
        random = SeededRandom(seed: fault.seed)
    }

    /// Whether the fault takes effect only a given number of times.
    public var isLimited: Bool { selector.times != nil }

    /// Whether the fault never takes effect again.
    public var isSpent: Bool { selector.times.map { hits >= $0 } ?? false }

    /// Returns whether the fault takes effect on this occasion, and counts it.
    ///
    /// - Parameters:
    ///   - passed: The messages or frames of the kind that passed on this connection before this one.
    ///   - bytes: The bytes that passed on this connection before it, in its direction.
    public mutating func strikes(passed: Int, bytes: UInt64) -> Bool {
        occasions += 1
        if let after = selector.afterMessages, passed < after { return false }
        if let after = selector.afterBytes, bytes < UInt64(clamping: after) { return false }
        if isSpent { return false }
        candidates += 1
        if let every = selector.every, candidates % every != 0 { return false }
        if let percentage = selector.percentage, Double.random(in: 0..<100, using: &random) >= percentage {
            return false
        }
        hits += 1
        return true
    }
}
