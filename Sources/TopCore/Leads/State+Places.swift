import Faults
import Names

/// The places that something leads to, as the choices of a list.
struct PlaceList {
    private(set) var choices: [Picker.Choice] = []

    /// Adds a place; one without a lead says why it leads nowhere.
    mutating func add(_ label: String, _ lead: Lead?, hint: String = "", unless why: String = "not known") {
        choices.append(
            Picker.Choice(
                label: label, hint: lead == nil ? why : hint, disabled: lead == nil ? why : nil,
                effect: lead.map(Picker.Effect.leads) ?? .leadsNowhere))
    }

    /// Adds a place that has so many rows; none are a reason not to go there.
    mutating func add(_ label: String, _ lead: Lead, count: Int?, none: String) {
        guard count != 0 else { return add(label, nil, unless: none) }
        add(label, lead, hint: count.map { ValueFormat().count($0) } ?? "")
    }

    /// Adds the events of an object.
    mutating func addEvents(of scope: Scope, in state: State) {
        let count = state.ledger.entries.reduce(0) { $0 + ($1.belongs(to: scope) ? 1 : 0) }
        add("events", .view(.events, scope), count: count, none: "nothing happened to it since rabbittop started")
    }

    mutating func addConnection(_ name: Name?) {
        add(
            "connection", name.map { .row(.connection($0)) }, hint: name?.text ?? "",
            unless: "the broker does not tell it")
    }

    mutating func addUser(_ name: Name?) {
        add("user", name.map { .row(.named(NamedRowID(.users, name: $0))) }, hint: name?.text ?? "")
    }

    mutating func addNode(_ name: Name?) {
        add("node", name.map { .row(.node($0)) }, hint: name?.text ?? "")
    }

    mutating func addVhost(_ name: Name?) {
        add("vhost", name.map { .row(.named(NamedRowID(.vhosts, vhost: $0, name: $0))) }, hint: name?.text ?? "")
    }

    mutating func addPolicy(_ name: Name?, of vhost: Name) {
        add(
            "policy", name.map { .row(.named(NamedRowID(.policies, vhost: vhost, name: $0))) }, hint: name?.text ?? "",
            unless: "no policy is in force on it")
    }

    mutating func addExchange(_ label: String, _ id: EntityID?, unless why: String) {
        add(label, id.map { .row(.exchange($0)) }, hint: id.map(\.exchangeName) ?? "", unless: why)
    }
}

extension EntityID {
    /// The exchange's name on the screen.
    var exchangeName: String { name.isEmpty ? "(default)" : name.text }
}

extension State {
    /// Lists all places that the selected row leads to.
    func placeList() -> OverlayOutcome {
        guard let row = selectedID else { return .says("Nothing is selected", .info) }
        let choices = places(of: row)
        guard !choices.isEmpty else { return .says("This leads nowhere", .info) }
        let first = choices.firstIndex { $0.disabled == nil } ?? 0
        return .lists(
            Picker(
                title: "What \(row.place) leads to", choices: choices, selected: first, filter: LineEditor(),
                kind: .places(row)))
    }

    /// The places that a row leads to, as far as they are known now.
    func places(of row: RowID) -> [Picker.Choice] {
        var list = PlaceList()
        addPlaces(of: row, to: &list)
        return list.choices
    }

    private func addPlaces(of row: RowID, to list: inout PlaceList) {
        switch row {
        case .queue(let id): addPlaces(ofQueue: id, to: &list)
        case .exchange(let id): addPlaces(ofExchange: id, to: &list)
        case .connection(let name): addPlaces(ofConnection: name, to: &list)
        case .channel(let id): addPlaces(ofChannel: id, to: &list)
        case .consumer(let id):
            list.add("queue", .row(.queue(id.queue)), hint: id.queue.name.text)
            list.add("channel", id.channel.map { .row(.channel($0)) }, unless: "the broker does not report it")
            list.addConnection(id.connection)
            let row = consumers.row(row)
            list.addUser(row?.user ?? row?.ofChannel?.user)
            list.addVhost(id.queue.vhost)
            if let connection = id.connection { list.addEvents(of: .connection(connection), in: self) }
        case .node(let name):
            list.add("connections", .view(.connections, .node(name)))
            list.add("queues", .rows(of: .queues, where: "node", isOneOf: [name]))
        case .event(let number): addPlaces(ofEvent: number, to: &list)
        case .client:
            guard let row = client.selected else { return }
            list.addConnection(row.connection)
            list.add(
                "channel", row.channel.map { .row(.channel(ChannelID(connection: row.connection, number: $0))) },
                unless: "the row is that of the connection")
            list.addEvents(of: .connection(row.connection), in: self)
        case .named(let id): addPlaces(ofNamed: id, to: &list)
        case .overview, .lab: break
        }
    }

    private func addPlaces(ofQueue id: EntityID, to list: inout PlaceList) {
        let row = queues.row(.queue(id))
        let details = row?.details
        let scope = Scope.queue(id)
        list.add("consumers", .view(.consumers, scope), count: row?.consumers?.value, none: "it has none")
        addPublishers(of: .queue(id), in: id.vhost, to: &list)
        list.add("bindings", .view(.named(.bindings), scope))
        let target = details?.deadLetterExchange.map { EntityID(vhost: id.vhost, name: $0) }
        list.addExchange(
            "dead-letter target", target, unless: details == nil ? "not known" : "it has no dead-letter exchange")
        addDeadLetterSources(of: id, to: &list)
        list.addPolicy(details?.policy, of: id.vhost)
        list.addNode(details?.node)
        list.addVhost(id.vhost)
        list.addEvents(of: scope, in: self)
    }

    private func addPlaces(ofExchange id: EntityID, to list: inout PlaceList) {
        let row = exchanges.row(.exchange(id))
        list.add("bindings", .view(.named(.bindings), .exchange(id)), count: row?.bindingsOut, none: "it has none")
        addPublishers(of: .exchange(id), in: id.vhost, to: &list)
        list.addPolicy(row?.policy, of: id.vhost)
        list.addVhost(id.vhost)
    }

    private func addPlaces(ofConnection name: Name, to list: inout PlaceList) {
        let row = connections.row(.connection(name))
        let scope = Scope.connection(name)
        list.add("channels", .view(.channels, scope), count: row?.channels, none: "it has none open")
        list.add("consumers", .view(.consumers, scope))
        list.addUser(row?.user)
        list.addVhost(row?.vhost)
        list.addNode(row?.node)
        list.addEvents(of: scope, in: self)
    }

    private func addPlaces(ofChannel id: ChannelID, to list: inout PlaceList) {
        let row = channels.row(.channel(id))
        list.addConnection(id.connection)
        list.add("consumers", .view(.consumers, .channel(id)), count: row?.consumers, none: "it has none")
        for publish in (row?.publishes ?? []).prefix(20) {
            list.addExchange("publishes to", publish.exchange, unless: "not known")
        }
        for delivery in (row?.deliveries ?? []).prefix(20) {
            list.add("delivered from", .row(.queue(delivery.queue)), hint: delivery.queue.name.text)
        }
        list.addUser(row?.user)
        list.addVhost(row?.vhost)
        list.addNode(row?.node)
        list.addEvents(of: .channel(id), in: self)
    }

    private func addPlaces(ofEvent number: UInt64, to list: inout PlaceList) {
        guard let entry = ledger.entry(number) else { return }
        if entry.kind == .finding {
            let row = row(ofFinding: entry)
            list.add(
                "what it is about", row.map(Lead.row), hint: row?.place ?? "",
                unless: "the finding does not last any more")
        }
        let connection = Name(entry.connection)
        let vhost = Name(entry.vhost)
        let queue = Name(entry.queue)
        if let queue {
            list.add("queue", .row(.queue(EntityID(vhost: vhost ?? "/", name: queue))), hint: queue.text)
        }
        if let connection, let channel = entry.channel {
            list.add("channel", .row(.channel(ChannelID(connection: connection, number: channel))), hint: "\(channel)")
        }
        if let connection {
            list.addConnection(connection)
            list.add("other events of the connection", .view(.events, .connection(connection)))
        }
        list.add(
            "connections of the application",
            Name(entry.clientName).map { .rows(of: .connections, where: "client_name", isOneOf: [$0]) },
            hint: entry.clientName ?? "", unless: "it names none")
        if let user = Name(entry.user) { list.addUser(user) }
        if let vhost { list.addVhost(vhost) }
    }

    private func addPlaces(ofNamed id: NamedRowID, to list: inout PlaceList) {
        switch id.view {
        case .bindings:
            guard let row = named.bindings.row(.named(id)) else { return }
            list.addExchange("source", EntityID(vhost: row.vhost, name: row.source), unless: "not known")
            list.add("destination", .row(row.target), hint: row.destination.text)
            list.addVhost(row.vhost)
        case .policies:
            guard let row = named.policies.row(.named(id)) else { return }
            for (view, count) in [(ViewID.queues, row.queues), (.exchanges, row.exchanges)] {
                list.add(
                    view.rawValue, .rows(of: view, where: "policy", isOneOf: [row.name]), count: count,
                    none: "it is in force on none")
            }
            list.addVhost(row.vhost)
        case .users:
            list.add("connections", .rows(of: .connections, where: "user", isOneOf: [id.name]))
            list.add("channels", .rows(of: .channels, where: "user", isOneOf: [id.name]))
            list.add("events", .rows(of: .events, where: "user", isOneOf: [id.name]))
        case .vhosts:
            list.add("queues", .vhost(id.name))
            list.add("connections", .rows(of: .connections, where: "vhost", isOneOf: [id.name]))
            for view in [NamedView.bindings, .policies, .streams] {
                list.add(view.rawValue, .rows(of: .named(view), where: "vhost", isOneOf: [id.name]))
            }
        case .shovels:
            guard let row = named.shovels.row(.named(id)) else { return }
            for end in ends(of: row) { list.add("end", .row(end), hint: end.place) }
            list.addNode(row.node)
            list.addVhost(row.vhost)
        case .topology:
            guard let row = named.topology.row(.named(id)) else { return }
            list.add(row.kind.rawValue, .row(row.target), hint: row.name.text)
            addPlaces(of: row.target, to: &list)
        case .flags, .streams: break
        }
    }
}
