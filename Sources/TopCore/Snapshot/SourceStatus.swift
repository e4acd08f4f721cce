public import Foundation
public import Names

/// Where figures come from.
public enum SourceName: String, Sendable, CaseIterable, Codable {
    /// RabbitMQ's management HTTP API.
    case management
    /// The Prometheus endpoint of one node.
    case prometheus
    /// Passive declares over AMQP.
    case amqp
    case logExchange = "log exchange"
    case eventExchange = "event exchange"
    case logFile = "log file"
    /// The client library of this process.
    case client
    /// The client library of another process, which serves its report.
    case attached = "attached client"
}

/// How one source does, as its panel says it.
public struct SourceStatus: Sendable, Equatable {
    public var name: SourceName
    /// The node it speaks for, where it speaks for one only.
    public var node: Name?
    public var state: State
    /// The last time it answered in full; its age is counted from here.
    public var lastSuccess: Date?
    /// What happened, in one line: `connection refused by 127.0.0.1:15672`.
    public var problem: String?
    /// What to do about it, in one line.
    public var advice: String?
    /// How often it is asked, in seconds; an answer older than three of these is stale.
    public var interval: Double

    public enum State: String, Sendable, Codable {
        /// Not asked yet, or the first answer is still out.
        case connecting
        case live
        /// It answered before and does not any more.
        case stale
        /// It was never reached.
        case unreachable
        /// The broker refuses it to this user.
        case denied
        /// It is switched off, or its plugin is not enabled.
        case notEnabled = "not enabled"
        /// Not asked, because nothing on the screen needs it or an option forbids it.
        case off
    }

    public init(
        name: SourceName, node: Name? = nil, state: State, lastSuccess: Date? = nil, problem: String? = nil,
        advice: String? = nil, interval: Double = 5
    ) {
        self.name = name
        self.node = node
        self.state = state
        self.lastSuccess = lastSuccess
        self.problem = problem
        self.advice = advice
        self.interval = interval
    }

    /// Seconds since it last answered.
    public func age(at now: Date) -> Double? {
        lastSuccess.map { max(0, now.timeIntervalSince($0)) }
    }

    /// Whether what it feeds may be shown as current.
    public func isFresh(at now: Date) -> Bool {
        guard state == .live, let age = age(at: now) else { return false }
        return age <= max(3 * interval, 3)
    }
}
