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
}
