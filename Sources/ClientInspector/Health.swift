import Foundation
import RabbitMQClient

/// The content of `/health`: whether this process can communicate with its broker, and the results of the application's
/// checks.
///
/// - A connection is healthy while it is open or, unless the rules say otherwise, blocked. It is not healthy while it
///   connects or recovers, and after it has ended by an error, until another one of the same name and virtual host that
///   was opened later is open, or the registry has removed it (`keptSeconds`). A connection that its application closed
///   is ignored.
/// - Without any connection the process is not healthy.
/// - If one of the application's checks fails or does not finish in time, the overall status is not healthy; its result
///   is reported separately from the broker.
struct Health: Encodable, Equatable {
    enum Status: String, Encodable {
        case ok
        case unavailable
    }

    struct Part: Encodable, Equatable {
        var status: Status
        /// What is wrong; nil if it is healthy.
        var why: String?

        init(why: String?) {
            status = why == nil ? .ok : .unavailable
            self.why = why
        }

        private enum CodingKeys: String, CodingKey { case status, why }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(status, forKey: .status)
            try container.encode(why, forKey: .why)
        }
    }

    struct Connection: Encodable, Equatable {
        var id: UInt64
        var name: String
        var clientName: String?
        var vhost: String
        var state: String
        var status: Status
        var why: String?

        private enum CodingKeys: String, CodingKey {
            case id, name, vhost, state, status, why
            case clientName = "client_name"
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(id, forKey: .id)
            try container.encode(name, forKey: .name)
            try container.encode(clientName, forKey: .clientName)
            try container.encode(vhost, forKey: .vhost)
            try container.encode(state, forKey: .state)
            try container.encode(status, forKey: .status)
            try container.encode(why, forKey: .why)
        }
    }

    var status: Status
    /// The time of the report, as RFC 3339 in UTC.
    var at: String
    var broker: Part
    var connections: [Connection]
    /// The results of the checks, by the names that the application gave them.
    var checks: [String: Part]

    /// - Parameter checks: the result of each of the application's checks: nil if it is in order.
    init(_ report: ClientReport, rules: HealthRules = HealthRules(), checks: [String: String?] = [:]) {
        at = Date(timeIntervalSince1970: report.madeAt).formatted(.iso8601)
        connections = Self.judged(report, rules)
        let troubles = connections.compactMap { connection in
            connection.why.map { "\(connection.clientName ?? connection.name): \($0)" }
        }
        if !troubles.isEmpty {
            broker = Part(why: troubles.joined(separator: "; "))
        } else if !report.connections.contains(where: { $0.closedAt == nil }), !rules.allowsNone {
            broker = Part(why: report.connections.isEmpty ? "there is no connection" : "all connections are closed")
        } else {
            broker = Part(why: nil)
        }
        self.checks = checks.mapValues(Part.init(why:))
        let isWell = broker.status == .ok && self.checks.values.allSatisfy { $0.status == .ok }
        status = isWell ? .ok : .unavailable
    }

    private static func judged(_ report: ClientReport, _ rules: HealthRules) -> [Connection] {
        let open = report.connections.filter { $0.state == .open || $0.state == .blocked }
        return report.connections.compactMap { connection in
            let why: String?
            switch connection.state {
            case .open: why = nil
            case .blocked:
                why =
                    rules.allowsBlocked
                    ? nil : "blocked by the broker: \(connection.blockedReason ?? "no reason given")"
            case .opening:
                let isNew = report.madeAt - connection.openedAt < rules.openingSeconds
                why = isNew && !open.isEmpty ? nil : "connecting"
            case .recovering:
                let attempt = connection.recovery.map { ", attempt \($0.number): \($0.error)" } ?? ""
                why = "recovering\(attempt)"
            case .closing:
                why = nil
            case .closed:
                // An earlier error belongs to a loss from which the connection recovered.
                guard let error = connection.lastError, !error.isOrderly, error.at >= connection.closedAt ?? 0
                else { return nil }
                let isReplaced = open.contains { other in
                    other.clientName == connection.clientName && other.virtualHost == connection.virtualHost
                        && other.openedAt >= connection.closedAt ?? .infinity
                }
                if isReplaced { return nil }
                why = "closed: \(CloseReason.words(code: Int(error.code), name: error.name, text: error.text))"
            }
            return Connection(
                id: connection.id, name: connection.name, clientName: connection.clientName,
                vhost: connection.virtualHost, state: connection.state.rawValue,
                status: why == nil ? .ok : .unavailable, why: why)
        }
    }
}

extension ErrorReport {
    /// Whether it is a regular close by the application.
    fileprivate var isOrderly: Bool { initiator == .local && code == 200 }
}

/// The rules by which `/health` decides.
public struct HealthRules: Sendable, Hashable {
    /// Whether a connection that the broker has blocked (a memory or disk alarm) is healthy: its application can still
    /// consume, and a restart would not help.
    public var allowsBlocked: Bool
    /// Whether a process without any connection is healthy: for applications that connect only now and then.
    public var allowsNone: Bool
    /// How long a further connection may take to open for the first time while another one is open, in seconds.
    public var openingSeconds: Double

    /// Creates rules.
    public init(allowsBlocked: Bool = true, allowsNone: Bool = false, openingSeconds: Double = 5) {
        self.allowsBlocked = allowsBlocked
        self.allowsNone = allowsNone
        self.openingSeconds = max(0, openingSeconds)
    }
}
