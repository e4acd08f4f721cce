public import Faults
public import Foundation
public import Names
public import Screen

/// Everything that the screen shows. Only `update` changes it, in place.
public struct State: Sendable {
    /// The size of the screen, in cells.
    public internal(set) var size: Size
    /// The settings given at start.
    public internal(set) var options: Options
    /// The time that is shown: of the last event, or the earlier one that was gone back to. Views compute ages from it
    /// and never read the clock.
    public internal(set) var now: Date
    /// The time of the last event.
    public internal(set) var clock: Date

    /// The view that is shown.
    public internal(set) var view: ViewID = .overview
    /// What the view is narrowed to by a drill-down; `nil` for everything.
    public internal(set) var scope: Scope?
    /// The navigation history that Esc goes back through, the latest entry last.
    public internal(set) var trail: [NavigationEntry] = []
    /// The vhost shown, `nil` for all.
    public internal(set) var vhost: Name?
    /// The vhosts to choose from.
    public internal(set) var vhosts: [Name] = []
    /// Whether the details pane of the selected row is open.
    public internal(set) var isDetailOpen = false
    /// Whether the details were opened by the key that led here, so that one Esc returns.
    var isDetailOfLead = false
    /// The number of lines that the details pane is scrolled by.
    public internal(set) var detailScroll = 0
    /// The latest details of a row, which may no longer be the selected one.
    public internal(set) var detail: DetailPart?
    /// The polling interval of live figures, in seconds.
    public internal(set) var interval: Double
    /// When the screen was frozen; `nil` when it is not. While frozen, snapshots do not change the tables.
    public internal(set) var frozenAt: Date?
    /// The number of table rows that the last frame had room for.
    public internal(set) var tableRows = 0
    /// How far the parts of the screen can be scrolled.
    public internal(set) var scrollLimits = ScrollLimits()

    /// The latest state of the cluster.
    public internal(set) var cluster: ClusterPart?
    /// The cluster's message totals, as shown in every part of the screen.
    public internal(set) var totals: MessageTotals?
    /// The status of each source.
    public internal(set) var sources: [SourceStatus] = []
    /// The latest cost of polling.
    public internal(set) var cost: PollingCost?
    /// Figures over time.
    public internal(set) var history = History()
    /// The span of charts; `nil` while it is automatic.
    public internal(set) var chosenSpan: ChartSpan?
    /// The row that is marked to be compared with others in charts.
    public internal(set) var compared: RowID?
    /// When the store of the history was asked for curves; `nil` after its answer.
    var curvesAskedAt: Date?
    /// What the history holds, and what is recorded.
    public internal(set) var recording = RecordingStatus()
    /// The earlier time that is shown; `nil` while the present is, and before a recording's first moment.
    public internal(set) var past: Past?
    /// How a recording is replayed; `nil` when a broker is watched.
    public internal(set) var playback: Playback?
    /// What was known when the mark was set; `nil` without a mark.
    public internal(set) var mark: Moment?
    /// The policies, bindings, feature flags and versions; `nil` while they are not known.
    public internal(set) var configuration: ConfigurationPart?
    /// The ledger of events.
    public internal(set) var ledger = Ledger()
    /// The problems found by the rules in the data received so far.
    public internal(set) var diagnosis = Diagnosis()

    /// The selected line of the overview.
    public internal(set) var overview = OverviewSelection()
    /// The table of queues.
    public internal(set) var queues = Table<QueueRow>()
    /// The table of connections.
    public internal(set) var connections = Table<ConnectionRow>()
    /// The table of channels.
    public internal(set) var channels = Table<ChannelRow>()
    /// The table of consumers.
    public internal(set) var consumers = Table<ConsumerRow>()
    /// The table of exchanges.
    public internal(set) var exchanges = Table<ExchangeRow>()
    /// The table of nodes.
    public internal(set) var nodes = Table<NodeRow>()
    /// The table of ledger entries.
    public internal(set) var events = Table<LedgerEntry>()
    /// The table of client connections and channels.
    public internal(set) var client = Table<ClientRow>()
    /// The table of experiments.
    public internal(set) var lab = Table<LabRow>()
    /// The tables of the views that are reached by their names.
    public internal(set) var named = NamedTables()

    /// Where the message of the form for publishing would go, as last asked.
    var routeAnswer: RouteAnswer?
    /// Where the messages of a queue or an exchange come from, as last asked.
    var incoming: IncomingPart?
    /// The overlays that are open.
    var overlays = OverlayStack()
    /// Filters that were typed in this session, in any view.
    public internal(set) var filterHistory = LineHistory()
    /// Lines that were typed on the command line in this session.
    public internal(set) var commandHistory = LineHistory()
    /// Operations that run or have just ended.
    public internal(set) var activities: [Activity] = []
    /// The faults that were injected, by a key or by another user of the same fault registry, the newest last.
    public internal(set) var faults: [FaultRecord] = []
    /// One line about the result of the last key, and when it disappears.
    public internal(set) var notice: Notice?
    /// The number of the next operation.
    public internal(set) var nextOperation: UInt64 = 1
    /// Incremented to redraw the whole screen, whatever is on it.
    public internal(set) var redraws: UInt64 = 0
    /// The interest of the last `Action.watch`.
    public internal(set) var interest: Interest?

    /// The present, which goes on aside while an earlier time is shown: one state, otherwise none.
    var present: [State] = []
    /// What is being looked up in the history.
    var lookup = MomentLookup()
    /// How far the keys go in time.
    var pace = SeekPace()
    /// Whether events that only report reconnections are folded.
    public internal(set) var foldsEvents = true
    /// The ledger's entries as the Events view shows them.
    var eventFolding = EventFolding()

    /// What is known of the clusters of the configuration.
    var clusterSummaries: [Name: ClusterSummary] = [:]
    /// Whether the clusters are being asked.
    var watchesClusters = false

    /// The row that was created last, until it is selected.
    var created: RowID?

    var queueReporters = QueueReporters()
    /// When each node last reported all its queues; the empty name stands for the whole cluster.
    var wholeReports: [Name: Date] = [:]
    /// When a table was last filled with a part of its list: one page, one vhost, the rows of a drill-down.
    var partialLists: [ViewID: Date] = [:]
    /// When the whole list of a view was last taken.
    var wholeLists: [ViewID: Date] = [:]
    /// Connections that ended recently.
    var endedConnections = EndedConnections()
    /// Whether what was saved for the cluster is still to be restored.
    var restoresScreen = true
    /// Whether the user has pressed a key before that.
    var isUsed = false
    /// The screen as it was before the user arranged anything, or as it was saved last.
    var knownSetup = ScreenSetup()
    /// What the rules of the user found.
    var ruleCheck = RuleCheck()

    /// The overlay that is shown; `nil` when the view has the keys.
    public internal(set) var overlay: Overlay? {
        get { overlays.top }
        set { overlays.top = newValue }
    }

    /// Creates the initial state.
    public init(size: Size, options: Options = Options(), now: Date) {
        self.size = size
        self.options = options
        self.now = now
        clock = now
        playback = options.replay.map(Playback.init)
        self.interval = options.interval
        self.view = options.initialView
        self.vhost = options.vhost
        events.isTimeline = true
        narrowTables()
        knownSetup = screenSetup
        if let notice = options.notice { tell(notice, .warning) }
        // It is not said again by a state that is made from these options.
        self.options.notice = nil
    }

    /// The settings given at start.
    public struct Options: Sendable, Equatable {
        /// The broker's address, shown in the header until the broker has reported its name: `localhost:15672`.
        public var target = ""
        /// The options that lead another `rabbittop` to the same broker, without secrets: `-N production`.
        public var connectionArguments: [String] = []
        /// The initial polling interval of live figures, in seconds.
        public var interval: Double = 1
        /// Whether the whole broker is watched in the background, whatever is on the screen.
        public var watchesAll = true
        /// Whether the queues are kept as rows of their table. Who only records what arrives saves their memory.
        public var keepsQueues = true
        /// Whether operations that change the broker are refused (`--read-only`).
        public var readOnly = false
        /// Whether only ASCII characters are drawn.
        public var ascii = false
        /// Whether colours are used.
        public var color = true
        /// The name of the theme.
        public var theme = "dark"
        /// Whether the mouse is used.
        public var mouse = true
        /// The file that what is arranged on the screen is saved to; `nil` where it is not saved.
        public var screenFile: String?
        /// What was saved for each cluster.
        public var screens = SavedScreens()
        /// Whether what is arranged on the screen is saved at the end, too, and not only by a key.
        public var savesScreen = true
        /// Rules of the user that a dashboard applies: the rows for which one holds are findings.
        public var rules: [ViewRule] = []
        /// What was given by an option or the environment and wins over what was saved.
        public var given: Set<ScreenSetup.Part> = []
        /// The keys of the commands.
        public var keys = KeyMap.standard
        /// Whether any channel can be closed through rabbitmqctl.
        public var hasRabbitmqctl = false
        /// Whether faults may be injected, and which.
        public var faults = FaultPermission(injectionPoints: [], isLoopback: true, isAllowed: false, isReadOnly: false)
        /// The view shown first.
        public var initialView: ViewID = .overview
        /// The initial vhost; `nil` for all.
        public var vhost: Name?

        /// The clusters of the configuration, in the order shown.
        public var clusters: [Name] = []
        /// The cluster of the configuration that is shown; `nil` for another broker.
        public var cluster: Name?
        /// What is said first.
        public var notice: String?

        /// The recording that is replayed; `nil` when a broker is watched.
        public var replay: Replay?
        /// The time zone of the times that are typed.
        public var timeZone = TimeZone.current

        /// Creates the default settings.
        public init() {}
    }

    /// A place that Esc goes back to.
    public struct NavigationEntry: Sendable, Equatable {
        /// The view.
        public var view: ViewID
        /// What the view was narrowed to.
        public var scope: Scope?
        /// Whether the details pane was open.
        public var isDetailOpen: Bool
        /// The row that was selected.
        public var selection: RowID?
        /// Whether the details were opened by the key that led there.
        var isDetailOfLead = false

        /// Creates an entry.
        public init(view: ViewID, scope: Scope?, isDetailOpen: Bool, selection: RowID? = nil) {
            self.view = view
            self.scope = scope
            self.isDetailOpen = isDetailOpen
            self.selection = selection
        }
    }

    /// One line about the result of a key.
    public struct Notice: Sendable, Equatable {
        /// The kind of result.
        public enum Severity: Sendable { case info, success, warning, failure }
        /// The text of the notice.
        public var text: String
        /// How serious it is.
        public var severity: Severity
        /// When the notice disappears.
        public var until: Date

        /// Creates a notice.
        public init(_ text: String, _ severity: Severity, until: Date) {
            self.text = text
            self.severity = severity
            self.until = until
        }
    }
}

/// One operation that runs or has just ended, with its progress.
public struct Activity: Sendable, Equatable, Identifiable {
    /// The state of an operation.
    public enum Phase: Sendable { case running, cancelling, finished, failed }
    public var id: OperationID
    /// The operation that was started.
    public var operation: Operation?
    /// The title.
    public var title: String
    /// The progress or result, in words.
    public var progress: String
    /// The completed fraction, when it is known.
    public var fraction: Double?
    /// The state of the operation.
    public var phase: Phase
    /// When the operation started.
    public var startedAt: Date
    /// When the operation ended; `nil` while it runs.
    public var endedAt: Date?

    /// Creates the activity of an operation that starts.
    public init(id: OperationID, title: String, startedAt: Date, operation: Operation? = nil) {
        self.id = id
        self.operation = operation
        self.title = title
        self.progress = ""
        self.phase = .running
        self.startedAt = startedAt
    }

    /// The result, as shown in a notice.
    public var outcome: String { "\(title): \(progress)" }
}

/// How far the parts of the screen can be scrolled, as determined by the last frame.
public struct ScrollLimits: Sendable, Equatable {
    /// Lines of the details pane.
    public var detail = Int.max
    /// Lines of the topmost overlay.
    public var overlay = Int.max
    /// Columns of the table.
    public var columns = Int.max
    /// The lines of the overview's lists, in reading order, that the selection moves among.
    public var overview: [OverviewItem] = []

    /// Creates limits, by default without restriction.
    public init(
        detail: Int = .max, overlay: Int = .max, columns: Int = .max, overview: [OverviewItem] = []
    ) {
        self.detail = detail
        self.overlay = overlay
        self.columns = columns
        self.overview = overview
    }
}
