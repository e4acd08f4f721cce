import Foundation

/// The development of the lag of a stream's consumers.
struct LagTrend: Sendable {
    /// A lag may become a little smaller while it grows: a consumer takes many messages at once.
    private static let slack = 0.1

    /// The latest lag.
    private(set) var latest: DiagnosisFacts.ConsumerLagFacts
    /// Since when it has grown, and from how many messages.
    private(set) var since: Date
    private(set) var messagesThen: Int
    /// The time at which it was the greatest so far, and how many messages it was.
    private(set) var greatestAt: Date
    private(set) var greatest: Int

    init(_ lag: DiagnosisFacts.ConsumerLagFacts) {
        latest = lag
        since = lag.at
        messagesThen = lag.messages
        greatestAt = lag.at
        greatest = lag.messages
    }

    mutating func take(_ lag: DiagnosisFacts.ConsumerLagFacts) {
        // The same answer is in several lists.
        guard lag.at != latest.at else { return }
        let allowed = Double(greatest - messagesThen) * Self.slack
        guard lag.at > latest.at, Double(lag.messages) >= Double(greatest) - max(allowed, 10) else {
            self = Self(lag)
            return
        }
        latest = lag
        guard lag.messages > greatest else { return }
        greatest = lag.messages
        greatestAt = lag.at
    }

    /// The messages by which it has grown.
    var growth: Int { greatest - messagesThen }
}
