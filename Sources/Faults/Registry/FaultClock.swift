import Foundation

/// The clock by which a registry undoes faults.
public struct FaultClock: Sendable {
    /// Returns the seconds since 1970.
    public var now: @Sendable () -> Double
    /// Returns after this many seconds; throws when its task is cancelled before.
    public var sleep: @Sendable (_ seconds: Double) async throws -> Void

    /// Creates a clock.
    public init(
        now: @escaping @Sendable () -> Double, sleep: @escaping @Sendable (_ seconds: Double) async throws -> Void
    ) {
        self.now = now
        self.sleep = sleep
    }

    /// The system clock.
    public static let system = FaultClock(
        now: { Date().timeIntervalSince1970 },
        sleep: { try await Task.sleep(for: .seconds($0)) })
}
