public import Faults
public import Names

extension TableRow {
    public var vhostName: Name? { nil }
    public static var tiesFollowDirection: Bool { false }
}

extension OverviewRow {
    public func belongs(to scope: Scope) -> Bool { true }
}

extension NodeRow {
    public func belongs(to scope: Scope) -> Bool {
        if case .node(let node) = scope { name == node } else { true }
    }
}

extension QueueRow {
    public var vhostName: Name? { id.vhost }

    public func belongs(to scope: Scope) -> Bool {
        switch scope {
        case .queue(let queue): id == queue
        case .node(let node): details?.node == node
        case .connection, .channel, .exchange: true
        }
    }
}

extension ConnectionRow {
    public var vhostName: Name? { vhost }

    public func belongs(to scope: Scope) -> Bool {
        switch scope {
        case .connection(let connection): name == connection
        case .channel(let channel): name == channel.connection
        case .node(let node): self.node == node
        case .queue, .exchange: true
        }
    }
}

extension ChannelRow {
    public var vhostName: Name? { vhost }

    public func belongs(to scope: Scope) -> Bool {
        switch scope {
        case .connection(let connection): id.connection == connection
        case .channel(let channel): id == channel
        case .node(let node): self.node == node
        case .queue, .exchange: true
        }
    }
}

extension ConsumerRow {
    public var vhostName: Name? { id.queue.vhost }

    public func belongs(to scope: Scope) -> Bool {
        switch scope {
        case .queue(let queue): id.queue == queue
        case .connection(let connection): id.connection == connection
        case .channel(let channel): id.channel == channel
        case .exchange, .node: true
        }
    }
}

extension ExchangeRow {
    public var vhostName: Name? { id.vhost }

    public func belongs(to scope: Scope) -> Bool {
        if case .exchange(let exchange) = scope { id == exchange } else { true }
    }
}

extension ClientRow {
    public var vhostName: Name? { vhost }

    public func belongs(to scope: Scope) -> Bool {
        switch scope {
        case .connection(let connection): self.connection == connection
        case .channel(let channel): connection == channel.connection && self.channel == channel.number
        case .queue, .exchange, .node: true
        }
    }
}

extension LedgerEntry {
    public var vhostName: Name? { Name(vhost) }
    /// Entries of the same time are shown newest first like all others.
    public static var tiesFollowDirection: Bool { true }

    public func belongs(to scope: TopCore.Scope) -> Bool {
        switch scope {
        case .queue(let id): Name(queue) == id.name && (Name(vhost) ?? id.vhost) == id.vhost
        case .connection(let name): Name(connection) == name
        case .channel(let id): Name(connection) == id.connection && channel == id.number
        case .exchange, .node: true
        }
    }
}
