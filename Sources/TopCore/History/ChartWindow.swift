public import Foundation

/// The time that charts show.
public struct ChartWindow: Sendable, Equatable {
    /// The end of the time.
    public var end: Date
    /// The length of the time, in seconds.
    public var seconds: Double
    /// Whether the end is now, so that the figures recorded in memory belong to it.
    public var isLive: Bool

    /// Creates a window.
    public init(end: Date, seconds: Double, isLive: Bool = true) {
        self.end = end
        self.seconds = seconds
        self.isLive = isLive
    }

    /// The beginning of the time.
    public var start: Date { end.addingTimeInterval(-seconds) }

    /// The length in words: `5 min`, `24 h`.
    public var label: String { Self.label(seconds) }

    /// The length as short as on a chart's time axis: `5m`, `24h`.
    public var shortLabel: String { label.replacing(" min", with: "m").replacing(" ", with: "") }

    static func label(_ seconds: Double) -> String {
        let whole = ValueFormat.whole(seconds)
        if whole >= 172_800, whole.isMultiple(of: 86_400) { return "\(whole / 86_400) d" }
        if whole >= 3_600, whole.isMultiple(of: 3_600) { return "\(whole / 3_600) h" }
        return whole.isMultiple(of: 60) ? "\(whole / 60) min" : "\(whole) s"
    }
}
