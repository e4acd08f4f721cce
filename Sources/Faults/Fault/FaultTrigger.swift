/// Decides on each occasion whether a fault strikes: what passes first, every nth, so many in a hundred, so many times.
public struct FaultTrigger: Sendable {
    private let selector: FaultSelector
    private var random: SeededRandom
    private var occasions = 0
    private var candidates = 0
    /// How often it struck.
    public private(set) var hits = 0

    public init(_ fault: Fault) {
        selector = fault.selector
        random = SeededRandom(seed: fault.seed)
    }

    /// Whether it strikes a given number of times.
    public var isLimited: Bool { selector.times != nil }

    /// Whether it never strikes again.
    public var isSpent: Bool { selector.times.map { hits >= $0 } ?? false }

    /// - Parameters:
    ///   - passed: messages or frames of the kind that passed on this connection before this one.
    ///   - bytes: bytes that passed on this connection before it, in its direction.
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
