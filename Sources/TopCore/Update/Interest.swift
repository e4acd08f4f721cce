public import Names

/// What is on the screen, and so what is worth asking the broker for. Nothing else is polled.
public struct Interest: Sendable, Equatable {
    public var view: ViewID = .overview
    /// `nil` for all vhosts.
    public var vhost: Name?
    /// Seconds between two looks at what is live; 0.2 at the least.
    public var interval: Double = 1
    /// The queues on the screen, at most 50 of them, the selected one first.
    public var queues: [EntityID] = []
    /// The row whose detail pane is open.
    public var detail: RowID?
    /// The view's sort column, its direction and its filter, for lists too long to be had whole.
    public var sort: String = ""
    public var descending = false
    public var filter: Name = ""
    /// Only the rows that belong to this: the queue of consumers, the connection of channels.
    public var scope: Scope?
    /// While the screen is frozen nothing is polled beyond what the header needs.
    public var frozen = false

    public init() {}
}

/// What a drill-down narrows a view to.
public enum Scope: Hashable, Sendable {
    case queue(EntityID)
    case connection(Name)
    case channel(ChannelID)
    case exchange(EntityID)
    case node(Name)
}
