import Faults
import Names

extension State {
    /// Handles Enter in the details of a row: leads on towards the cause of what is seen there.
    mutating func openFurther() -> [Action] {
        switch view {
        case .overview: break
        case .lab where isPresent: return carryOut(labForm())
        case .lab: tell(whyNoAction)
        case .events:
            if let entry = events.selected { followUp(entry) }
        case .consumers:
            guard let id = consumers.selected?.id else { break }
            if let channel = id.channel {
                leadOn(to: .row(.channel(channel)))
            } else if let connection = id.connection {
                leadOn(to: .row(.connection(connection)))
            } else {
                tell("The broker does not report the channel of this consumer yet")
            }
        case .queues, .connections, .channels, .exchanges, .nodes, .client, .named:
            if let next = nextLead { leadOn(to: next) } else { tell("This leads nowhere: Esc goes back") }
        }
        return []
    }

    /// Where Enter leads to from the details of a row that is neither an event nor a consumer.
    private var nextLead: Lead? {
        switch view {
        case .queues: queues.selected.map { .view(.consumers, .queue($0.id)) }
        case .channels: channels.selected.map { .row(.connection($0.id.connection)) }
        case .connections: connections.selected.map { .view(.channels, .connection($0.name)) }
        case .exchanges: exchanges.selected.map { .view(.named(.bindings), .exchange($0.id)) }
        case .nodes: nodes.selected.map { .view(.connections, .node($0.name)) }
        case .client:
            client.selected.map { row in
                guard let number = row.channel else { return .row(.connection(row.connection)) }
                return .row(.channel(ChannelID(connection: row.connection, number: number)))
            }
        case .named(let view): nextLead(in: view)
        case .overview, .consumers, .events, .lab: nil
        }
    }

    private func nextLead(in view: NamedView) -> Lead? {
        switch view {
        case .bindings: named.bindings.selected.map { .row($0.target) }
        case .policies:
            named.policies.selected.map { row in
                let isOfExchanges = row.queues == 0 && (row.exchanges ?? 0) > 0
                return .rows(of: isOfExchanges ? .exchanges : .queues, where: "policy", isOneOf: [row.name])
            }
        case .users: named.users.selected.map { .rows(of: .connections, where: "user", isOneOf: [$0.name]) }
        case .vhosts: named.vhosts.selected.map { .vhost($0.name) }
        case .flags: nil
        case .topology: named.topology.selected.map { .row($0.target) }
        case .streams: named.streams.selected.map { .view(.consumers, .queue($0.id)) }
        case .shovels: named.shovels.selected.flatMap { row in ends(of: row).first.map(Lead.row) }
        }
    }

    /// The queues or exchanges here that a shovel or a federation link takes messages from or to.
    func ends(of link: LinkRow) -> [RowID] {
        guard let vhost = link.vhost else { return [] }
        return [link.source, link.destination].compactMap(\.self).compactMap { name in
            let id = EntityID(vhost: vhost, name: name)
            if queues.row(.queue(id)) != nil { return .queue(id) }
            return exchanges.row(.exchange(id)) != nil ? .exchange(id) : nil
        }
    }

    /// Goes from an event to what it is about: the row of a finding, the queue that it names, its channel or its
    /// connection, if that still exists.
    private mutating func followUp(_ entry: LedgerEntry) {
        // A fault leads to all its effects.
        if entry.kind == .fault, let fault = entry.fault { return apply(.filter(.text(Name(fault))), to: .events) }
        if case .row(let row)? = destination(of: entry) { return leadOn(to: .row(row)) }
        if entry.kind == .finding { return tell("What this finding was about is not known any more") }
        if let connection = entry.connection { return tell("\(connection) is gone") }
        tell(entry.queue.map { "queue \($0) is not known" } ?? "This entry names neither connection nor queue")
    }

    /// The row that a finding's event is about, while the finding lasts.
    func row(ofFinding entry: LedgerEntry) -> RowID? {
        guard entry.kind == .finding else { return nil }
        let finding = marks.findings.first { finding in
            entry.application == finding.rule.rawValue && entry.text.hasBytePrefix(finding.where + " ")
        }
        return finding.flatMap(rowID)
    }
}
