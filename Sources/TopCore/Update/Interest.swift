public import Names

/// What is on the screen, and therefore what is polled. Nothing else is polled.
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
    /// Whether the screen is frozen. Only what the header needs is polled while it is.
    public var frozen = false

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
