import Foundation

/// The clock by which a broker is watched: it tells the time, and wakes who waits.
package struct MonitorClock: Sendable {
    /// Returns the seconds of a monotonic clock.
    package var uptime: @Sendable () -> Double
    /// Returns the date.
    package var date: @Sendable () -> Date
    /// Returns after this many seconds; throws when its task is cancelled before.
    package var sleep: @Sendable (_ seconds: Double) async throws -> Void

    /// Creates a clock.
    package init(
        uptime: @escaping @Sendable () -> Double, date: @escaping @Sendable () -> Date,
        sleep: @escaping @Sendable (_ seconds: Double) async throws -> Void
    ) {
        self.uptime = uptime
        self.date = date
        self.sleep = sleep
    }

    private static let origin = ContinuousClock.now

    /// The system's clock.
    package static let system = MonitorClock(
        uptime: { (ContinuousClock.now - origin) / .seconds(1) }, date: { Date() },
        sleep: { try await Task.sleep(for: .seconds($0)) })

    /// Waits until a condition holds.
    ///
    /// - Parameters:
    ///   - limit: the longest time to wait, in seconds.
    ///   - pause: the seconds between two looks.
    /// - Returns: false if the limit was reached first, or the task was cancelled.
    package func wait(
        within limit: Double, every pause: Double, isolation: isolated (any Actor)? = #isolation,
        until holds: () async -> Bool
    ) async -> Bool {
        let deadline = uptime() + limit
        while !Task.isCancelled {
            if await holds() { return true }
            guard uptime() < deadline else { return false }
            try? await sleep(pause)
        }
        return false
    }
}
