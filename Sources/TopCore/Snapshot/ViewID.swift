/// The views of the dashboard, in the order of their keys.
public enum ViewID: String, Sendable, CaseIterable, Codable {
    case overview
    case queues
    case connections
    case channels
    case consumers
    case exchanges
    case nodes
    case events
    case client

    /// The heading on the screen.
    public var title: String {
        switch self {
        case .overview: "Overview"
        case .queues: "Queues"
        case .connections: "Connections"
        case .channels: "Channels"
        case .consumers: "Consumers"
        case .exchanges: "Exchanges"
        case .nodes: "Nodes"
        case .events: "Events"
        case .client: "Client"
        }
    }

    /// The digit that leads to this view.
    public var digit: Character {
        Character(String(Self.allCases.firstIndex(of: self)! + 1))
    }
}
