public import Faults
public import Foundation
public import Names
public import Screen

/// Everything the screen shows. Only `update` changes it, in place.
public struct State: Sendable {
    public internal(set) var size: Size
    public internal(set) var options: Options
    /// The present, as of the last event: views count ages from here and never ask the clock.
    public internal(set) var now: Date

    public internal(set) var view: ViewID = .overview
    public internal(set) var scope: Scope?
    /// Where Esc leads back to, the last place last.
    public internal(set) var trail: [NavigationEntry] = []
    /// The vhost shown, `nil` for all.
    public internal(set) var vhost: Name?
    /// The vhosts to choose from.
    public internal(set) var vhosts: [Name] = []
    /// Whether the pane with the selected row's details is open.
    public internal(set) var isDetailOpen = false
    public internal(set) var detailScroll = 0
    public internal(set) var detail: DetailPart?
    /// Seconds between two looks at what is live.
    public internal(set) var interval: Double
    /// While frozen, snapshots are kept back from the tables; `frozenAt` says since when.
    public internal(set) var frozenAt: Date?
    public internal(set) var tableRows = 0
    public internal(set) var scrollLimits = ScrollLimits()

    public internal(set) var cluster: ClusterPart?
    /// The cluster's messages, as every part of the screen shows them.
    public internal(set) var totals: MessageTotals?
    public internal(set) var sources: [SourceStatus] = []
    public internal(set) var cost: PollingCost?
    public internal(set) var history = History()
    public internal(set) var ledger = Ledger()
    /// What is wrong, by rules over what has come.
    public internal(set) var diagnosis = Diagnosis()

    public internal(set) var queues = Table<QueueRow>()
    public internal(set) var connections = Table<ConnectionRow>()
    public internal(set) var channels = Table<ChannelRow>()
    public internal(set) var consumers = Table<ConsumerRow>()
    public internal(set) var exchanges = Table<ExchangeRow>()
    public internal(set) var nodes = Table<NodeRow>()
    public internal(set) var events = Table<LedgerEntry>()
    public internal(set) var client = Table<ClientRow>()
    public internal(set) var lab = Table<LabRow>()

    public internal(set) var overlay: Overlay?
    /// Filters that were typed in this session, in whichever view, the newest first.
    public internal(set) var filterHistory: [String] = []
    public internal(set) var activities: [Activity] = []
    /// Faults that were injected, by a key or by anybody else who reaches the same bench, the newest last.
    public internal(set) var faults: [FaultRecord] = []
    /// One line of news about what a key just did, and when it goes.
    public internal(set) var notice: Notice?
    public internal(set) var nextOperation: UInt64 = 1
    /// Grows when the whole screen is to be drawn anew, whatever is on it.
    public internal(set) var redraws: UInt64 = 0
    /// What the last `Action.watch` asked for.
    public internal(set) var interest: Interest?

    var queueReporters = QueueReporters()
    /// When each node last told of all its queues; under the empty name the whole cluster.
    var wholeReports: [Name: Date] = [:]
    /// Connections that ended a moment ago.
    var endedConnections = EndedConnections()
    /// How often the message at the head of a queue was delivered, as far as looking at it has told.
    var deliveries: [EntityID: Int] = [:]
    /// Overlays that wait until the one on top is closed.
    var waitingOverlays: [Overlay] = []

    public init(size: Size, options: Options = Options(), now: Date) {
        self.size = size
        self.options = options
        self.now = now
        self.interval = options.interval
        self.view = options.initialView
        self.vhost = options.vhost
        narrowTables()
    }

    public struct Options: Sendable, Equatable {
        /// Which broker, for the header before it has told its name: `localhost:15672`.
        public var target = ""
        public var interval: Double = 1
        public var readOnly = false
        public var ascii = false
        public var color = true
        public var theme = "dark"
        public var mouse = true
        /// Whether any channel can be closed by way of rabbitmqctl.
        public var hasRabbitmqctl = false
        /// Whether faults may be injected, and which.
        public var faults = FaultPermission(injectionPoints: [], isLoopback: true, isAllowed: false, isReadOnly: false)
        public var initialView: ViewID = .overview
        /// The vhost to begin with; `nil` for all.
        public var vhost: Name?

        public init() {}
    }

    public struct NavigationEntry: Sendable, Equatable {
        public var view: ViewID
        public var scope: Scope?
        public var isDetailOpen: Bool
        public var selection: RowID?

        public init(view: ViewID, scope: Scope?, isDetailOpen: Bool, selection: RowID? = nil) {
            self.view = view
            self.scope = scope
            self.isDetailOpen = isDetailOpen
            self.selection = selection
        }
    }

    public struct Notice: Sendable, Equatable {
        public enum Severity: Sendable { case info, success, warning, failure }
        public var text: String
        public var severity: Severity
        public var until: Date

        public init(_ text: String, _ severity: Severity, until: Date) {
            self.text = text
            self.severity = severity
            self.until = until
        }
    }
}

/// One operation that runs, or has just ended, with its line of progress.
public struct Activity: Sendable, Equatable, Identifiable {
    public enum Phase: Sendable { case running, cancelling, finished, failed }
    public var id: OperationID
    /// What was started.
    public var operation: Operation?
    public var title: String
    public var progress: String
    public var fraction: Double?
    public var phase: Phase
    public var startedAt: Date
    public var endedAt: Date?

    public init(id: OperationID, title: String, startedAt: Date, operation: Operation? = nil) {
        self.id = id
        self.operation = operation
        self.title = title
        self.progress = ""
        self.phase = .running
        self.startedAt = startedAt
    }

    /// What came of it, as a notice tells it.
    public var outcome: String { "\(title): \(progress)" }
}
