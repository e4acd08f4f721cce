public import Names

/// Something that the broker does not report, so that its absence from the data proves nothing.
public enum ClusterGap: String, Sendable, Codable, CaseIterable {
    /// The user is not permitted to list nodes.
    case nodes
    /// The broker shows the user only the user's own connections, channels and consumers.
    case otherConnections
    /// The broker collects no statistics.
    case statistics

    /// Returns what is not known, as a clause.
    public func words(user: Name?) -> String {
        let who = user.map { "user \($0)" } ?? "this user"
        return switch self {
        case .nodes: "\(who) may not ask for the nodes: alarms, nodes down and partitions are not known"
        case .otherConnections: "only the connections, channels and consumers of \(who) are shown and counted"
        case .statistics: "the broker keeps no statistics: alarms, rates, channels and consumers are not known"
        }
    }

    /// Returns what to do about it, as a clause.
    public func advice(user: Name?) -> String {
        switch self {
        case .nodes, .otherConnections: "rabbitmqctl set_user_tags \(user ?? "USER") monitoring shows all"
        case .statistics:
            "see management_agent.disable_metrics_collector, management.disable_stats and "
                + "deprecated_features.permit.management_metrics_collection in rabbitmq.conf"
        }
    }

    /// Whether the gap affects the figures of a view.
    public func concerns(_ view: ViewID) -> Bool {
        switch (self, view) {
        case (.nodes, .overview), (.nodes, .nodes): true
        case (.otherConnections, .overview), (.otherConnections, .connections), (.otherConnections, .channels),
            (.otherConnections, .consumers):
            true
        case (.statistics, .lab), (.statistics, .events), (.statistics, .client), (.statistics, .named): false
        case (.statistics, _): true
        case (.nodes, _), (.otherConnections, _): false
        }
    }

    /// Whether the gap leaves a view without any rows.
    public func empties(_ view: ViewID) -> Bool {
        switch self {
        case .nodes: view == .nodes
        case .statistics: view == .channels || view == .consumers
        case .otherConnections: false
        }
    }
}
