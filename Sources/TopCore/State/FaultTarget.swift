public import Faults
public import Names

/// The row that a fault is aimed at: its kind, and the names and numbers that a fault can select it by.
public struct FaultTarget: Sendable, Equatable {
    /// The kinds of target that the row is in the catalogue.
    public var kinds: Set<FaultDescription.Target>
    /// The target's name in titles: `channel 3 of orders-service`.
    public var title: String
    /// The connection's name as RabbitMQ shows it.
    public var connection: Name?
    /// A name that selects only this connection, and the one that replaces it when the application reconnects.
    public var steadyName: Name?
    /// The channel number.
    public var channel: Int?
    /// The user of the connection.
    public var user: Name?
    /// The vhost of the connection, queue or exchange.
    public var vhost: Name?
    /// The name of the queue.
    public var queue: Name?
    /// The name of the exchange.
    public var exchange: Name?
    /// The name of the node.
    public var node: Name?

    init(_ kinds: Set<FaultDescription.Target>, title: String) {
        self.kinds = kinds
        self.title = title
    }

    /// Returns the initial text of a selector field; empty matches anything.
    func prefilled(_ field: FaultSelector.Field, of description: FaultDescription) -> String {
        let byConnection = description.selects.contains(.connection) && connection != nil
        switch field {
        case .connection:
            // A lasting fault also applies after the application reconnects; a fault that takes effect once applies to
            // this connection.
            return (description.undo == nil ? connection : steadyName ?? connection)?.text ?? ""
        case .channel: return channel.map(String.init) ?? ""
        case .user: return byConnection ? "" : user?.text ?? ""
        case .vhost: return byConnection ? "" : vhost?.text ?? ""
        case .queue: return byConnection ? "" : queue?.text ?? ""
        case .exchange: return exchange?.text ?? ""
        case .percentage, .every, .afterMessages, .afterBytes, .times: return ""
        }
    }

    /// Returns the initial text of a parameter that names something; `nil` uses the catalogue's default.
    func prefilled(_ parameter: FaultParameter) -> String? {
        let name: String? =
            switch parameter.name {
            case "connection": connection?.text
            case "channel": channel.map(String.init)
            case "user": user?.text
            case "vhost": vhost?.text
            case "queue": queue?.text
            case "exchange": exchange?.text
            case "node": node?.text
            default: nil
            }
        if case .choice(let choices) = parameter.kind, let name, !choices.contains(name) { return nil }
        return name
    }
}

extension State {
    /// Whether `f` has a target. Evaluated for each frame, so it does not look at other rows.
    public var hasFaultTarget: Bool {
        if isSelectedEnded { return false }
        return switch selectedID {
        case .overview, .lab, .named, nil: false
        case .event: events.selected.map { $0.connection != nil || $0.queue != nil } ?? false
        case .queue, .connection, .channel, .consumer, .exchange, .node, .client: true
        }
    }

    /// The target of `f`: the selected row.
    public var faultTarget: FaultTarget? {
        switch selectedID {
        case .queue(let id):
            var target = FaultTarget([.queue], title: "queue \(id.name)")
            target.queue = id.name
            target.vhost = id.vhost
            return target
        case .exchange(let id):
            var target = FaultTarget([.exchange], title: "exchange \(id.name.isEmpty ? "(default)" : id.name)")
            target.exchange = id.name
            target.vhost = id.vhost
            return target
        case .node(let name):
            var target = FaultTarget([.node], title: "node \(name)")
            target.node = name
            return target
        case .connection(let name): return faultTarget([.connection], connection: name, channel: nil)
        case .channel(let id): return faultTarget([.channel], connection: id.connection, channel: id.number)
        case .consumer(let id):
            var target =
                id.connection.map { faultTarget([.consumer], connection: $0, channel: id.channel?.number) }
                ?? FaultTarget([.consumer], title: "")
            target.queue = id.queue.name
            target.vhost = id.queue.vhost
            target.title = "consumer on \(id.queue.name)"
            return target
        case .client:
            return client.selected.map { row in
                faultTarget(
                    [.client, row.channel == nil ? .connection : .channel], connection: row.connection,
                    channel: row.channel)
            }
        case .event:
            guard let entry = events.selected else { return nil }
            guard let connection = Name(entry.connection) else {
                return Name(entry.queue).map { queue in
                    var target = FaultTarget([.queue], title: "queue \(queue)")
                    target.queue = queue
                    target.vhost = Name(entry.vhost)
                    return target
                }
            }
            let kind: FaultDescription.Target = entry.channel == nil ? .connection : .channel
            return faultTarget([kind], connection: connection, channel: entry.channel)
        case .overview, .lab, .named, nil: return nil
        }
    }

    func faultTarget(_ kinds: Set<FaultDescription.Target>, connection: Name, channel: Int?) -> FaultTarget {
        let row = connections.row(.connection(connection))
        let channelRow =
            channel.flatMap { channels.row(.channel(ChannelID(connection: connection, number: $0))) }
            ?? channels.rows.first { $0.id.connection == connection }
        let ours = client.rows.first { $0.connection == connection }
        let clientName = row?.clientName ?? channelRow?.clientName ?? ours?.name
        let who = clientName ?? connection
        var target = FaultTarget(kinds, title: channel.map { "channel \($0) of \(who)" } ?? who.text)
        target.connection = connection
        target.channel = channel
        target.steadyName = clientName.flatMap { isUnique($0, connection) ? $0 : nil }
        target.user = row?.user ?? channelRow?.user
        target.vhost = row?.vhost ?? channelRow?.vhost ?? ours?.vhost
        return target
    }

    /// Whether a client name is known to belong to this connection and to no other.
    private func isUnique(_ clientName: Name, _ connection: Name) -> Bool {
        !clientName.contains("*")
            && !connections.rows.contains { $0.clientName == clientName && $0.name != connection }
            && !channels.rows.contains { $0.clientName == clientName && $0.id.connection != connection }
    }
}
