/// A list that is polled in the background.
public enum PolledList: String, Sendable, Codable, CaseIterable, Comparable {
    case depths, connections, channels, consumers, queues, suspects, exchanges, configuration

    /// What is polled, for the screen.
    public var words: String {
        switch self {
        case .depths: "depths"
        case .queues: "queue details"
        case .suspects: "suspects"
        case .connections, .channels, .consumers, .exchanges, .configuration: rawValue
        }
    }

    public static func < (one: Self, other: Self) -> Bool { one.place < other.place }

    private var place: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}

/// How often a list is polled in the background.
public struct PollingPace: Sendable, Equatable {
    /// The list.
    public var list: PolledList
    /// The seconds between two requests.
    public var seconds: Double
    /// Whether the budget makes it slower than wanted, because the list is dear for the broker.
    public var isLimited: Bool

    /// The share of one core of the broker that polling may take.
    public static let budget = 0.05

    /// Creates a pace.
    public init(list: PolledList, seconds: Double, isLimited: Bool) {
        self.list = list
        self.seconds = seconds
        self.isLimited = isLimited
    }
}
