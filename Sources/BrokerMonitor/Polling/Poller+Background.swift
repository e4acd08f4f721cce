import Foundation
import Names
import RabbitMQManagement
import TopCore

// Whole lists for the rules and the history, whatever is on the screen.
extension Poller {
    func pollWhole(_ list: WatchedList) async throws(ManagementError) {
        switch list {
        case .queues: try await pollWholeQueues()
        case .connections: try await pollWholeConnections()
        case .channels:
            // The broker builds the list of channels or connections whole for each page.
            var part = try await lists.channels(.all)
            part.isWhole = part.undecodable == 0
            wholeChannels = part
            post(channels: part)
        case .consumers:
            var part = try await lists.consumers(vhost: nil)
            part.isWhole = part.undecodable == 0
            learnStreamConsumers(part.rows)
            post(consumers: part)
        case .exchanges: try await pollWholeExchanges()
        }
    }

    private func pollWholeQueues() async throws(ManagementError) {
        let begun = clock.date()
        let hasNodeDown = facts.hasNodeDown
        let lacksBulk = facts.lacksBulk
        var down: Set<EntityID> = []
        var depths: [QueueDepth] = []
        var items: [ConfigurationItem] = []
        var vhosts: Set<Name> = []
        var pages = QueuePages(lists.client, count: facts.queueCount, lacksStatistics: facts.lacksStatistics)
        while let rows = try await pages.next() {
            take(rows, isWhole: true)
            items += rows.compactMap(ConfigurationItem.init)
            vhosts.formUnion(rows.map(\.vhost))
            if lacksBulk { depths += rows.map(QueueDepth.init) }
            guard hasNodeDown else { continue }
            for row in rows where Self.isDown(row.state) { down.insert(EntityID(vhost: row.vhost, name: row.name)) }
        }
        if hasNodeDown { takeDown(down) }
        try await noteVhosts(vhosts, of: .whole(.queues))
        queueArguments = items
        guard lacksBulk else { return }
        // Nothing else tells which queues are gone. A queue declared meanwhile may be missing, so the list is as old as
        // its request.
        inbox.post(.queueDepths(QueueDepthsPart(at: begun, source: .management, depths: withoutOwn(depths))))
    }

    private func pollWholeConnections() async throws(ManagementError) {
        var (part, namesByID) = try await lists.connections(.all)
        // Without statistics 4.x lists no connections, but counts them.
        let counted = facts.lacksStatistics ? facts.connectionCount ?? 0 : 0
        part.total = max(part.rows.count, counted)
        part.isWhole = part.undecodable == 0 && part.total == part.rows.count
        wholeConnections = part
        clientNames = part.clientNames
        self.namesByID = namesByID
        post(connections: part)
        await onNames?(part.rows.map { ($0.name, $0) })
    }

    private func pollWholeExchanges() async throws(ManagementError) {
        let infos = try await lists.exchangeInfos()
        try await noteVhosts(Set(infos.items.map(\.vhost)), of: .whole(.exchanges))
        exchangeItems = infos.items.map(ConfigurationItem.init)
        var part = ListPart(
            at: clock.date(), rows: infos.items.map { ExchangeRow($0, bindingsOut: nil) },
            undecodable: infos.undecodable, isWhole: infos.undecodable == 0)
        if let allBindingsOut { part.complete(allBindingsOut) }
        inbox.post(.exchanges(part))
    }

    // MARK: Suspects

    /// Requests the details of the rows that the rules ask for, except those that are known from a list just polled.
    func pollSuspects() async throws(ManagementError) {
        let suspects = interest.suspects.prefix(Interest.mostSuspects)
        let now = clock.uptime()
        var due: [EntityID] = []
        var channels: [ChannelID] = []
        for suspect in suspects {
            switch suspect {
            case .queue(let id):
                let isKnown = now - (queues[id]?.at ?? -.infinity) <= 4 || downQueues.contains(id)
                if !isKnown, mayOpen(id.vhost), refusals.mayAsk(id.vhost, .http, at: now) { due.append(id) }
            case .channel(let id): channels.append(id)
            case .consumer(let id): if let channel = id.channel { channels.append(channel) }
            case .overview, .connection, .exchange, .node, .event, .client, .lab, .named: break
            }
        }
        // Of a broker whose queues are not listed, the details of those with a member that is behind.
        if !facts.mayList(.queues) {
            due += lags.members.queues.sorted().prefix(Interest.mostSuspects)
                .filter { !due.contains($0) && mayOpen($0.vhost) && refusals.mayAsk($0.vhost, .http, at: now) }
        }
        let found = needsChannelDetails ? try await details(of: Set(channels)) : [:]
        suspectChannels = found
        if facts.logsEveryRequest {
            try await pollRichPages(due)
        } else {
            try await pollRichOneByOne(due)
        }
        if !found.isEmpty { postSuspects() }
    }

    /// Returns the details of channels, without those that were closed.
    private func details(of channels: Set<ChannelID>) async throws(ManagementError) -> [ChannelID: ChannelRow] {
        var found: [ChannelID: ChannelRow] = [:]
        for id in channels {
            do throws(ManagementError) {
                if let row = ChannelRow(try await management.channel(id.name)) { found[id] = row }
            } catch {
                guard error.code == .notFound else { throw error }
            }
        }
        return found
    }

    /// Whether a channel's own resource tells more than the lists: which exchanges and queues it works with, or
    /// anything at all.
    private var needsChannelDetails: Bool {
        overview?.ratesMode == "detailed" || !facts.mayList(.channels)
    }

    private func postSuspects() {
        if let part = shownChannels { return post(channels: part) }
        // The list is too long to be polled, so these are all that is known.
        let rows = suspectChannels.values.sorted { $0.id.name < $1.id.name }
        post(channels: ListPart(at: clock.date(), rows: rows, total: max(rows.count, facts.channelCount ?? 0)))
    }

    /// Adds to the rows of a list what their details tell.
    func withSuspects(_ part: ListPart<ChannelRow>) -> ListPart<ChannelRow> {
        guard !suspectChannels.isEmpty else { return part }
        var part = part
        for index in part.rows.indices {
            guard let known = suspectChannels[part.rows[index].id] else { continue }
            part.rows[index].publishes = known.publishes
            part.rows[index].deliveries = known.deliveries
        }
        return part
    }

    // MARK: The latest lists

    /// The channels as the screen needs them: its own list while it polls one, else the whole list.
    var shownChannels: ListPart<ChannelRow>? {
        plan.wants(.channels) ? channels ?? wholeChannels : wholeChannels ?? channels
    }

    /// The connections as the screen needs them.
    var shownConnections: ListPart<ConnectionRow>? {
        plan.wants(.connections) ? connections ?? wholeConnections : wholeConnections ?? connections
    }

    /// The pace of each list, for the screen; of several nodes the slowest.
    var paces: [PollingPace] {
        var paces: [PolledList: PollingPace] = [:]
        for (ask, seconds, isSlowed) in plan.paces {
            guard let list = PolledList(ask) else { continue }
            let before = paces[list]
            paces[list] = PollingPace(
                list: list, seconds: max(before?.seconds ?? 0, seconds),
                isLimited: isSlowed || before?.isLimited == true)
        }
        return paces.values.sorted { $0.list < $1.list }
    }
}

extension PolledList {
    fileprivate init?(_ ask: Ask) {
        switch ask {
        case .bulk: self = .depths
        case .whole(.queues): self = .queues
        case .whole(.connections): self = .connections
        case .whole(.channels): self = .channels
        case .whole(.consumers): self = .consumers
        case .whole(.exchanges): self = .exchanges
        case .suspects: self = .suspects
        case .configuration: self = .configuration
        case .pulse, .cluster, .vhosts, .cheap, .rich, .page, .downQueues, .live, .connections, .channels, .consumers,
            .exchanges, .bindings, .client, .attached, .detail, .route, .incoming, .named, .logs,
            .unroutable, .streamConsumers:
            return nil
        }
    }
}
