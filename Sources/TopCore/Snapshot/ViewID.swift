import Faults

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
    case lab

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
        case .lab: "Lab"
        }
    }

    /// The digit key of this view.
    public var digit: Character {
        // Ten views and ten digits: the last one's is 0.
        Character(String((Self.allCases.firstIndex(of: self)! + 1) % 10))
    }
}

extension ViewID {
    /// The type of the view's rows.
    private var rowType: any TableRow.Type {
        switch self {
        case .overview: OverviewRow.self
        case .queues: QueueRow.self
        case .connections: ConnectionRow.self
        case .channels: ChannelRow.self
        case .consumers: ConsumerRow.self
        case .exchanges: ExchangeRow.self
        case .nodes: NodeRow.self
        case .events: LedgerEntry.self
        case .client: ClientRow.self
        case .lab: LabRow.self
        }
    }

    /// The names that `--columns` and `--sort` take in this view.
    public var columnNames: [String] { rowType.columnNames }

    /// The names that a condition on the view's rows can use.
    public var conditionNames: [ConditionName] { rowType.conditionNames }

    /// What the documentation says of the view's columns.
    public var columnGuide: [ColumnGuide] { rowType.columnGuide }
}
