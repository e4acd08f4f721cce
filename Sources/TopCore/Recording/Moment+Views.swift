extension Moment {
    /// Whether anything of a view was known.
    public func knows(_ view: ViewID) -> Bool {
        switch view {
        case .overview, .nodes: cluster != nil
        case .queues: queues != nil
        case .connections: connections != nil
        case .channels: channels != nil
        case .consumers: consumers != nil
        case .exchanges: exchanges != nil
        case .client: client != nil
        case .events: true
        case .lab, .named: false
        }
    }
}
