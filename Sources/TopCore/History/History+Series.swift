public import Foundation

extension History {
    /// The points of one figure, oldest first, at most `capacity` recorded ones.
    ///
    /// Between two points the value changes evenly, unless the second one follows a gap: there nothing is known. A value
    /// that does not change has two points, its first and its latest one.
    public struct Series: Sendable, Equatable {
        /// The maximum number of recorded points.
        public static let capacity = 600
        /// Points closer together than this, in seconds, are merged.
        public static let spacing = 0.15
        /// A point this many seconds before the last one means that the clock was set back.
        static let clockStep = 60.0

        /// A value at a time.
        public typealias Point = Curve.Point

        /// The points, oldest first.
        public internal(set) var points: [Point] = []
        /// Until when the last value is known to hold.
        public internal(set) var knownUntil: Date?
        /// Whether the next point follows a gap.
        private var isInterrupted = false
        /// Seconds between the last two points, which are expected again.
        private var pace = 5.0

        /// Creates an empty series.
        public init() {}

        init(points: [Point], knownUntil: Date?) {
            self.points = points
            self.knownUntil = knownUntil
        }

        /// The newest value; `nil` without points.
        public var last: Double? { points.last?.value }

        /// Returns the value at a time; `nil` when it was not known.
        public func value(at time: Date) -> Double? {
            guard let place = points.lastIndex(where: { $0.at <= time }) else { return nil }
            let before = points[place]
            guard place + 1 < points.count else {
                return before.at == time || time <= knownUntil ?? before.at ? before.value : nil
            }
            let after = points[place + 1]
            if after.followsGap { return before.at == time ? before.value : nil }
            let share = time.timeIntervalSince(before.at) / after.at.timeIntervalSince(before.at)
            return before.value + (after.value - before.value) * share
        }

        /// Whether the points reach back to a time without a gap.
        func isWhole(since time: Date) -> Bool {
            guard let first = points.first, first.at <= time else { return false }
            return !points.reversed().prefix { $0.at > time }.contains(where: \.followsGap)
        }

        /// Adds a point, and returns the change of the number of points.
        ///
        /// - Parameter patience: Seconds after which a figure was unknown before it was measured again, unless it is
        ///   measured less often.
        @discardableResult
        mutating func append(_ value: Double, at: Date, patience: Double = 15) -> Int {
            let before = points.count
            guard let last = points.last else {
                points = [Point(at: at, value: value)]
                knownUntil = at.addingTimeInterval(patience)
                return 1
            }
            let elapsed = at.timeIntervalSince(last.at)
            if elapsed < -Self.clockStep {
                points.removeAll { $0.at >= at }
                isInterrupted = true
            } else if elapsed < Self.spacing {
                // The last point always has the newest value, which the rest of the screen shows too.
                points[before - 1] = Point(at: last.at, value: value, followsGap: last.followsGap)
                return 0
            }
            let isGap = isInterrupted || elapsed > max(patience, 3 * pace)
            let isUnchanged =
                !isGap && before > 1 && !last.followsGap && last.value == value && points[before - 2].value == value
            if isUnchanged {
                points[before - 1].at = at
            } else {
                // Points are removed in blocks, so that the rest is not moved for each new point.
                if points.count >= Self.capacity { points.removeFirst(Self.capacity / 10) }
                points.append(Point(at: at, value: value, followsGap: isGap && !points.isEmpty))
            }
            // After a long silence the next points are expected as often as before, or about once a minute.
            if !isInterrupted { pace = min(max(elapsed, Self.spacing), Self.clockStep) }
            isInterrupted = false
            knownUntil = at.addingTimeInterval(max(patience, 3 * pace))
            return points.count - before
        }

        /// Ends the time for which the last value is known.
        mutating func interrupt() {
            guard let last = points.last else { return }
            isInterrupted = true
            knownUntil = last.at
        }
    }
}
