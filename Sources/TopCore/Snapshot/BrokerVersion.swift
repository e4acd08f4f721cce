/// RabbitMQ's version, as far as behaviour depends on it.
public struct BrokerVersion: Sendable, Hashable, Comparable {
    public var major: Int
    public var minor: Int

    public init(major: Int, minor: Int) {
        self.major = major
        self.minor = minor
    }

    /// Reads `4.3.6` and the like; nil when it is no version.
    public init?(_ text: String?) {
        guard let parts = text?.split(separator: "."), let major = parts.first.flatMap({ Int($0) }) else { return nil }
        self.init(major: major, minor: parts.dropFirst().first.flatMap { Int($0) } ?? 0)
    }

    public static func < (left: Self, right: Self) -> Bool {
        (left.major, left.minor) < (right.major, right.minor)
    }

    /// Whether putting a message back that was looked at counts towards a quorum queue's delivery limit.
    ///
    /// Up to 4.2 each requeue does; from 4.3 on it grows `x-acquired-count` alone. Measured on 3.10.8, 4.0.5 and 4.3.6.
    public var countsLooks: Bool { self < BrokerVersion(major: 4, minor: 3) }

    /// Whether each HTTP request is a line of the broker's log, and of its log exchange.
    public var logsEveryRequest: Bool { self >= BrokerVersion(major: 4, minor: 3) }
}
