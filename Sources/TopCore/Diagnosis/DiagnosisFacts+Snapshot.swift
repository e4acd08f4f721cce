public import Faults
public import Foundation

extension DiagnosisFacts {
    /// Creates the facts that a snapshot contains for the rules; `nil` when it contains none.
    ///
    /// - Parameters:
    ///   - snapshot: The snapshot.
    ///   - now: The current time.
    ///   - isWhole: Whether a list has all rows that its total counts, rather than only those of a filter or a
    ///     drill-down. A list that says itself that it is whole always has.
    public init?(_ snapshot: Snapshot, at now: Date, isWhole: Bool = true) {
        self.init(at: now)
        switch snapshot {
        case .cluster(let part): take(part)
        case .queueDepths(let part):
            let isComplete = part.isComplete && part.node == nil && part.vhost == nil
            queues = Listing(
                part.depths.map { QueueFacts(QueueKey($0.id), ready: $0.ready, consumers: $0.consumers) },
                isComplete: isComplete && isWhole)
        case .queuesRich(let part):
            queueDetails = Listing(part.queues.map { QueueDetailFacts($0.depth, $0.details) }, isComplete: false)
            goneQueues = part.gone.map(QueueKey.init)
        case .queuesLive(let part):
            guard !part.gone.isEmpty else { return nil }
            goneQueues = part.gone.map(QueueKey.init)
        case .connections(let part):
            connections = Listing(part.rows.map(ConnectionFacts.init), isComplete: part.isComplete(isWhole))
        case .channels(let part):
            // The proxy's figures are updated more often than the broker's own list.
            channels = Listing(
                part.rows.map(ChannelFacts.init), isComplete: part.isComplete(isWhole), madeAt: part.at)
            proxied = Listing(
                part.rows.compactMap(ClientChannelFacts.init), isComplete: part.isWhole || isWhole)
        case .consumers(let part):
            consumers = Listing(part.rows.compactMap(ConsumerFacts.init), isComplete: part.isComplete(isWhole))
        case .client(let part):
            clients = Listing(part.rows.compactMap(ClientChannelFacts.init), isComplete: part.isComplete(isWhole))
        case .sources(let statuses): sources = Listing(statuses.map { SourceFacts($0) })
        case .exchanges, .lab, .vhosts, .detail, .cost, .faults, .configuration, .route, .incoming, .named: return nil
        }
    }

    private mutating func take(_ part: ClusterPart) {
        if !part.nodes.isEmpty { nodes = Listing(part.nodes.map(NodeFacts.init)) }
        let overview = part.overview
        churn = ChurnFacts(
            connectionsOpened: overview.connectionOpenRate, connectionsClosed: overview.connectionCloseRate,
            channelsOpened: overview.channelOpenRate, channelsClosed: overview.channelCloseRate)
        unroutableRate = overview.unroutableRate
        unroutableExchanges = (part.unroutable ?? []).map {
            ExchangeKey(vhost: $0.exchange.vhost, name: $0.exchange.name)
        }
        if let stopped = part.stoppedVhosts {
            stoppedVhosts = Listing(stopped.map { VhostFacts(name: $0.vhost, node: $0.node, state: $0.state) })
        }
    }
}

extension ListPart {
    /// Returns whether what is missing in the list does not exist.
    ///
    /// - Parameter isUnrestricted: Whether the view that the list is for has no filter and no drill-down.
    fileprivate func isComplete(_ isUnrestricted: Bool) -> Bool { isWhole || (total <= rows.count && isUnrestricted) }
}

extension DiagnosisFacts.ChannelKey {
    init(_ id: ChannelID) { self.init(connection: id.connection, number: id.number) }
}

extension DiagnosisFacts.QueueKey {
    init(_ id: EntityID) { self.init(vhost: id.vhost, name: id.name) }
}

extension DiagnosisFacts.QueueDetailFacts {
    init(_ depth: QueueDepth, _ details: QueueDetails) {
        self.init(DiagnosisFacts.QueueKey(depth.id))
        ready = depth.ready
        consumers = depth.consumers
        type = details.type.flatMap(DiagnosisFacts.QueueType.init)
        state = details.state
        idleSince = details.idleSince
        deliverRate = details.deliverRate
        ackRate = details.ackRate
        redeliverRate = details.redeliverRate
        hasSingleActiveConsumer = details.singleActiveConsumer
        maxLength = details.maxLength
        maxLengthBytes = details.maxLengthBytes
        messageBytes = details.messageBytes
        overflow = details.overflow.flatMap(DiagnosisFacts.Overflow.init) ?? .dropHead
        members = details.members
        onlineMembers = details.onlineMembers
        memberLags = details.memberLags?.map {
            DiagnosisFacts.MemberLagFacts(node: $0.node, entries: $0.entries, since: $0.since)
        }
        consumerLag = details.consumerLag.map {
            DiagnosisFacts.ConsumerLagFacts(messages: $0.messages, connection: $0.connection, at: $0.at)
        }
        headMessageAt = details.headMessageAt
        consumerTimeout = details.consumerTimeout
    }
}

extension DiagnosisFacts.NodeFacts {
    init(_ row: NodeRow) {
        self.init(name: row.name.text, isRunning: row.running)
        memoryAlarm = row.memoryAlarm
        diskAlarm = row.diskAlarm
        partitions = row.partitions.map(\.text)
        memory = row.memory
        memoryLimit = row.memoryLimit
        diskFree = row.diskFree
        diskFreeLimit = row.diskFreeLimit
        isInMaintenance = row.maintenance
    }
}

extension DiagnosisFacts.ConnectionFacts {
    init(_ row: ConnectionRow) {
        self.init(name: row.name.text)
        clientName = row.clientName?.text
        user = row.user?.text
        state = row.state
        connectedAt = row.connectedAt
    }
}

extension DiagnosisFacts.ChannelFacts {
    init(_ row: ChannelRow) {
        self.init(DiagnosisFacts.ChannelKey(row.id))
        clientName = row.clientName?.text
        prefetch = row.prefetch
        unacked = row.unacked
        consumers = row.consumers
        deliverRate = row.deliverRate
        ackRate = row.ackRate
        idleSince = row.idleSince
        vhost = row.vhost
        returnedRate = row.returnedRate
        droppedRate = row.droppedRate
        redeliverRate = row.redeliverRate
        exchanges = (row.publishes ?? []).map {
            DiagnosisFacts.ExchangeKey(vhost: $0.exchange.vhost, name: $0.exchange.name)
        }
    }
}

extension DiagnosisFacts.ConsumerFacts {
    /// Returns `nil` for a consumer without a channel: the broker does not report its unacked messages and deliveries.
    init?(_ row: ConsumerRow) {
        guard let channel = row.id.channel else { return nil }
        self.init(
            tag: row.id.tag, channel: DiagnosisFacts.ChannelKey(channel),
            queue: DiagnosisFacts.QueueKey(row.id.queue))
        clientName = row.clientName?.text
        prefetch = row.prefetch
        ackRequired = row.ackRequired
        isActive = row.active
        priority = row.priority
        timeout = row.timeout
    }
}

extension DiagnosisFacts.ClientChannelFacts {
    /// Returns `nil` for a row of a connection, or of a channel that only the broker has.
    init?(_ row: ClientRow) {
        guard let channel = row.channel, row.isHeld else { return nil }
        self.init(
            DiagnosisFacts.ChannelKey(connection: row.connection, number: channel), clientName: row.name?.text,
            isOpen: row.channelState == "open",
            isKnownToBroker: row.brokerState != nil ? true : row.brokerAgrees == false ? false : nil)
    }
}

extension DiagnosisFacts.ClientChannelFacts {
    /// Returns `nil` for a channel that does not pass through the proxy.
    init?(_ row: ChannelRow) {
        guard row.proxySession != nil else { return nil }
        self.init(
            DiagnosisFacts.ChannelKey(row.id), clientName: row.clientName?.text, isOpen: row.isKnownToBroker != nil,
            isKnownToBroker: row.isKnownToBroker)
    }
}

extension DiagnosisFacts.SourceFacts {
    init(_ status: SourceStatus) {
        let isVital = status.name == .management
        let isMissing =
            switch status.state {
            case .stale, .unreachable: true
            case .denied: isVital
            case .connecting, .live, .notEnabled, .off: false
            }
        self.init(
            name: status.node.map { "\(status.name.rawValue) of \($0)" } ?? status.name.rawValue,
            isMissing: isMissing, isVital: isVital, problem: status.problem, advice: status.advice,
            lastSuccess: status.lastSuccess)
    }
}
