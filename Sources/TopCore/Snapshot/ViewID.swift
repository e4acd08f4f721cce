import Faults
import Names

/// The views of the dashboard: first those with a key, in the order of their keys, then those reached by their names.
public enum ViewID: RawRepresentable, Hashable, Sendable, CaseIterable, Codable {
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
    /// A view without a key of its own.
    case named(NamedView)

    /// The views with a key and a tab.
    public static let tabs: [ViewID] = [
        .overview, .queues, .connections, .channels, .consumers, .exchanges, .nodes, .events, .client, .lab,
    ]

    public static let allCases: [ViewID] = tabs + NamedView.allCases.map(ViewID.named)

    /// The name for scripts: `queues`.
    public var rawValue: String {
        switch self {
        case .overview: "overview"
        case .queues: "queues"
        case .connections: "connections"
        case .channels: "channels"
        case .consumers: "consumers"
        case .exchanges: "exchanges"
        case .nodes: "nodes"
        case .events: "events"
        case .client: "client"
        case .lab: "lab"
        case .named(let view): view.rawValue
        }
    }

    /// Creates the view of this name; `nil` if there is none.
    public init?(rawValue: String) {
        guard let view = Self.allCases.first(where: { $0.rawValue.hasSameBytes(as: rawValue) }) else { return nil }
        self = view
    }

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
        case .named(let view): view.title
        }
    }

    /// The digit key of this view; `nil` for one that is reached by its name.
    public var digit: Character? {
        // Ten views and ten digits: the last one's is 0.
        Self.tabs.firstIndex(of: self).map { Character(String(($0 + 1) % 10)) }
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
        case .named(let view): view.rowType
        }
    }

    /// The names that `--columns` and `--sort` take in this view.
    public var columnNames: [String] { rowType.columnNames }

    /// The names that a condition on the view's rows can use.
    public var conditionNames: [ConditionName] { rowType.conditionNames }

    /// What the documentation says of the view's columns.
    public var columnGuide: [ColumnGuide] { rowType.columnGuide }
}
