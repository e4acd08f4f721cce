/// RabbitMQ's version, for behaviour that depends on it.
public struct BrokerVersion: Sendable, Hashable, Comparable {
    /// The major version number.
    public var major: Int
    /// The minor version number.
    public var minor: Int

    /// Creates a version.
    public init(major: Int, minor: Int) {
        self.major = major
        self.minor = minor
    }

    /// Parses versions such as `4.3.6`; `nil` when the text is not a version.
    public init?(_ text: String?) {
        guard let parts = text?.split(separator: "."), let major = parts.first.flatMap({ Int($0) }) else { return nil }
        self.init(major: major, minor: parts.dropFirst().first.flatMap { Int($0) } ?? 0)
    }

    public static func < (left: Self, right: Self) -> Bool {
        (left.major, left.minor) < (right.major, right.minor)
    }

    /// Whether requeuing a message that was looked at counts towards a quorum queue's delivery limit.
    ///
    /// Up to 4.2 each requeue does; from 4.3 on it only increments `x-acquired-count`. Measured on 3.10.8, 4.0.5 and
    /// 4.3.6.
    public var countsLooks: Bool { self < BrokerVersion(major: 4, minor: 3) }

    /// Whether each HTTP request is written to the broker's log, and published to its log exchange.
    public var logsEveryRequest: Bool { self >= BrokerVersion(major: 4, minor: 3) }
}
