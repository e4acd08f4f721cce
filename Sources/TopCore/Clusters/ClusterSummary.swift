public import Foundation
public import Names
import Screen

/// How a cluster of the configuration is, as far as two small requests tell.
public struct ClusterSummary: Sendable, Equatable {
    /// Its name in the configuration.
    public var name: Name
    /// When it answered last; nil if it has not yet.
    public var at: Date?
    /// The version of RabbitMQ.
    public var version: String?
    /// The number of nodes; nil if not known.
    public var nodes: Int?
    /// The number of nodes that run; nil if not known.
    public var runningNodes: Int?
    /// The number of messages; nil if not known.
    public var messages: Int?
    /// The number of alarms in force; nil if not known.
    public var alarms: Int?
    /// The number of critical findings among nodes and alarms; nil if not known.
    public var critical: Int?
    /// The number of warnings among nodes and alarms; nil if not known.
    public var warnings: Int?
    /// Why nothing newer is known; nil while it answers.
    public var problem: String?

    /// Creates a summary of which nothing is known.
    public init(name: Name) {
        self.name = name
    }

    /// Creates the summary of a report.
    public init(name: Name, _ part: ClusterPart) {
        self.name = name
        at = part.at
        version = part.version
        nodes = part.overview.nodes
        runningNodes = part.overview.nodesRunning
        messages = part.overview.messages
        alarms = part.overview.alarms?.count
        guard !part.nodes.isEmpty else { return }
        var state = State(size: Size(width: 80, height: 24), now: part.at)
        _ = update(&state, .snapshot(.cluster(part)), at: part.at)
        critical = state.diagnosis.findings.count { $0.severity == .critical }
        warnings = state.diagnosis.findings.count { $0.severity == .warning }
    }

    /// Health in words.
    var health: String {
        guard let critical, let warnings else { return "health unknown" }
        let parts = [
            critical > 0 ? "\(critical) critical" : nil,
            warnings > 0 ? "\(warnings) warning\(warnings == 1 ? "" : "s")" : nil,
        ].compactMap(\.self)
        return parts.isEmpty ? "ok" : parts.joined(separator: ", ")
    }
}

/// What became of a wish to show another cluster.
public enum ClusterChange: Sendable, Equatable {
    /// It can be shown.
    case ready(Name)
    /// It cannot, for this reason.
    case refused(Name, why: String)
}
