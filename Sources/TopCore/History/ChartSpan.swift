/// The lengths of time that charts can be set to show.
public enum ChartSpan: Int, Sendable, CaseIterable {
    case minute = 60
    case fiveMinutes = 300
    case quarter = 900
    case hour = 3_600
    case sixHours = 21_600
    case day = 86_400
    case threeDays = 259_200
    case week = 604_800

    /// The length, in seconds.
    public var seconds: Double { Double(rawValue) }
    /// The length in words: `5 min`, `24 h`.
    public var label: String { ChartWindow.label(seconds) }

    /// The lengths that are chosen automatically, in seconds: as long as there are figures for.
    static let automatic: [Double] = [60, 120, 300, 600, 900]

    /// Returns the automatic length for figures of the last `age` seconds.
    static func automatic(for age: Double) -> Double { automatic.first { $0 >= age } ?? 900 }

    /// Returns the next longer length than `seconds`, or the next shorter one for a negative step.
    static func next(to seconds: Double, step: Int) -> ChartSpan? {
        step > 0
            ? allCases.first { $0.seconds > seconds + 0.5 } : allCases.last { $0.seconds < seconds - 0.5 }
    }
}
