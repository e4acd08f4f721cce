public import Names

/// What is on the screen, and therefore polled often; and whether all else is watched in the background.
public struct Interest: Sendable, Equatable {
    /// The view that is shown.
    public var view: ViewID = .overview
    /// The vhost shown; `nil` for all vhosts.
    public var vhost: Name?
    /// The polling interval of live figures, in seconds; at least 0.2.
    public var interval: Double = 1
    /// The queues on the screen, at most 50, the selected one first.
    public var queues: [EntityID] = []
    /// The row whose details pane is open.
    public var detail: RowID?
    /// The order of the view's rows, for lists too long to be fetched completely; `nil` for the overview.
    public var order: RowOrder?
    /// The view's filter as typed; empty for none.
    public var filter: Name = ""
    /// Restricts the rows to those that belong to this object: the consumers of a queue, the channels of a connection.
    public var scope: Scope?
    /// Whether the screen is frozen. Nothing is polled for its rows while it is; the background watch goes on.
    public var frozen = false
    /// Whether the whole broker is watched in the background, whatever is on the screen: all depths, and the whole
    /// lists of queues, connections, channels, consumers and exchanges, within a budget.
    public var watchesAll = false
    /// The queues, channels and consumers of which the rules want the details, though they are not on the screen; at
    /// most ``mostSuspects`` are polled. Others tell nothing beyond their lists.
    public var suspects: [RowID] = []
    /// The message in the form for publishing, of which the form says where it would go.
    public var route: RouteQuestion?
    /// The queue or exchange of which the list of places wants to know where its messages come from.
    public var incoming: RowID?

    /// The highest number of suspects that are polled.
    public static let mostSuspects = 20

    /// Creates the interest of the overview.
    public init() {}
}

/// The object that a drill-down narrows a view to.
public enum Scope: Hashable, Sendable {
    case queue(EntityID)
    case connection(Name)
    case channel(ChannelID)
    case exchange(EntityID)
    case node(Name)
}

extension State {
    /// The maximum number of queues that are polled individually.
    static let watchedQueues = 50
    /// The number of longest queues that the overview shows.
    static let overviewQueues = 10

    /// Returns the current interest when it differs from the last one requested; otherwise `nil`.
    mutating func changedInterest() -> Interest? {
        // A recording is not watched. While an earlier time is shown, the broker is watched for the present alone.
        guard playback == nil else { return nil }
        if !present.isEmpty { return present[0].changedInterest() }
        let wanted = wantedInterest
        guard wanted != interest else { return nil }
        interest = wanted
        return wanted
    }

    private var wantedInterest: Interest {
        var wanted = Interest()
        wanted.view = view
        wanted.vhost = vhost
        wanted.interval = interval
        wanted.queues = watchedQueueIDs
        // There are no further details of a row that ended.
        if isDetailOpen, !isSelectedEnded { wanted.detail = selectedID }
        if let table = table(of: view) {
            wanted.order = table.rowOrder
            // The broker filters by name only.
            wanted.filter = table.filter.condition == nil ? Name(table.filter.typed) : ""
        }
        wanted.scope = scope
        wanted.frozen = frozenAt != nil
        wanted.route = routeQuestion
        wanted.incoming = incomingQuestion
        wanted.watchesAll = options.watchesAll
        // The order is that of the diagnosis: it does not change while the same rows are suspected.
        if options.watchesAll { wanted.suspects = diagnosis.suspects.compactMap(\.rowID) }
        return wanted
    }

    private var watchedQueueIDs: [EntityID] {
        guard frozenAt == nil else { return interest?.queues ?? [] }
        var ids: [EntityID] = []
        switch view {
        case .queues:
            let visible = queues.window(min(tableRows, Self.watchedQueues)).map(\.id)
            if let selected = queues.selected?.id {
                ids = [selected] + visible.filter { $0 != selected }
            } else {
                ids = visible
            }
        case .overview:
            ids = queues.order.prefix(Self.overviewQueues).map { queues.rows[$0].id }
        case .consumers:
            if case .queue(let id) = scope { ids = [id] }
        case .named(.streams): ids = named.streams.window(min(tableRows, Self.watchedQueues)).map(\.id)
        case .connections, .channels, .exchanges, .nodes, .events, .client, .lab, .named: break
        }
        if isDetailOpen, let selectedID, case .queue(let id)? = overlaid(on: selectedID), !ids.contains(id) {
            ids.insert(id, at: min(1, ids.count))
        }
        if case .queue(let id)? = queues.ended?.id { ids.removeAll { $0 == id } }
        return Array(ids.prefix(Self.watchedQueues))
    }
}
