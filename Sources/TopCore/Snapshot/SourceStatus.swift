public import Foundation
public import Names

/// The name of a source of figures or events, whose health is shown.
public enum SourceName: String, Sendable, CaseIterable, Codable {
    /// RabbitMQ's management HTTP API.
    case management
    /// The Prometheus endpoint of one node.
    case prometheus
    /// Passive declares over AMQP.
    case amqp
    /// The broker's log exchange, `amq.rabbitmq.log`.
    case logExchange = "log exchange"
    /// The event exchange, `amq.rabbitmq.event`.
    case eventExchange = "event exchange"
    /// The broker's log file.
    case logFile = "log file"
    /// The client library of this process.
    case client
    /// The client library of another process, which serves its report.
    case attached = "attached client"
}

/// A source of queues' depths.
public enum DepthSource: String, Sendable, Codable {
    /// An AMQP passive declare.
    case amqp
    /// The Prometheus endpoint of a node.
    case prometheus
    /// The management API.
    case management

    /// Creates the source of this name; `nil` when it reports no depths.
    public init?(_ name: SourceName) {
        switch name {
        case .amqp: self = .amqp
        case .prometheus: self = .prometheus
        case .management: self = .management
        case .logExchange, .eventExchange, .logFile, .client, .attached: return nil
        }
    }
}

/// The status of one source, as shown in its panel.
public struct SourceStatus: Sendable, Equatable, Codable {
    /// The name of the source.
    public var name: SourceName
    /// The node that the source reports on, if it is only one.
    public var node: Name?
    /// The state of the source.
    public var state: State
    /// The time of the last complete response, from which its age is counted.
    public var lastSuccess: Date?
    /// What happened, in one line: `connection refused by 127.0.0.1:15672`.
    public var problem: String?
    /// What to do about it, in one line.
    public var advice: String?
    /// The polling interval, in seconds; a response older than three intervals is stale.
    public var interval: Double

    /// The state of a source.
    public enum State: String, Sendable, Codable {
        /// Not polled yet, or waiting for the first response.
        case connecting
        /// It responds.
        case live
        /// It responded before and no longer does.
        case stale
        /// It was never reached.
        case unreachable
        /// The broker denies the user access.
        case denied
        /// It is switched off, or its plugin is not enabled.
        case notEnabled = "not enabled"
        /// Not polled, because nothing on the screen needs it or an option disables it.
        case off
    }

    /// Creates a status.
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

    /// Returns the seconds since the last response; `nil` when there was none.
    public func age(at now: Date) -> Double? {
        lastSuccess.map { max(0, now.timeIntervalSince($0)) }
    }

    /// Whether the source's figures may be shown as current.
    public func isFresh(at now: Date) -> Bool {
        guard state == .live, let age = age(at: now) else { return false }
        return age <= max(3 * interval, 3)
    }
}
