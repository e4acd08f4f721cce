/// How much a recording keeps.
public struct RecordingLimits: Sendable, Equatable {
    /// The seconds for which every change is kept.
    public var full: Double = 2 * 3_600
    /// The seconds for which one value a minute, with its extremes, is kept; one in ten minutes after that.
    public var minutes: Double = 24 * 3_600
    /// The seconds after which data is removed.
    public var retention: Double = 48 * 3_600
    /// The largest size of the file, in bytes. The oldest data is removed before it is exceeded.
    public var size: Int = 2_000_000_000

    /// Creates the default limits.
    public init() {}

    /// Returns one of the times in milliseconds, within what can be computed with.
    func milliseconds(_ time: KeyPath<RecordingLimits, Double>) -> Int64 {
        let seconds = self[keyPath: time]
        return seconds.isNaN ? 0 : Int64(min(max(seconds, 0), 1e9) * 1_000)
    }

    /// How long blocks of a stage may get by being merged, in milliseconds: a fraction of the time for which they stay
    /// in it, since a block is thinned and removed as a whole.
    func longestMerged(_ stage: BlockStage) -> Int64 {
        switch stage {
        case .open, .full: 0
        case .minutes: min(3_600_000, (milliseconds(\.minutes) - milliseconds(\.full)) / 4)
        case .tenMinutes: min(6 * 3_600_000, (milliseconds(\.retention) - milliseconds(\.minutes)) / 4)
        }
    }
}
