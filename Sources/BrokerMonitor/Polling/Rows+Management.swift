import Foundation
import Names
import RabbitMQManagement
import TopCore

// The management API's rows converted to the rows of the views. Both modules use the same names, so each is qualified.

extension Int {
    /// Creates a count of messages, consumers or the like. The broker may report a negative count while it adds up
    /// changes; such a count becomes zero.
    init?(count: Int64?) {
        guard let count else { return nil }
        self.init(clamping: Swift.max(0, count))
    }

    /// Creates a size in bytes, or another figure that is never negative on a healthy broker; a negative one is
    /// unknown.
    init?(size: Int64?) {
        guard let size, size >= 0 else { return nil }
        self.init(clamping: size)
    }
}

extension TopCore.OverviewRow {
    /// - Parameter nodes: nil if the nodes could not be listed.
    init(_ overview: Overview, nodes: [NodeInfo]?) {
        self.init()
        ready = Int(count: overview.messagesReady.value)
        unacked = Int(count: overview.messagesUnacknowledged.value)
        messages = Int(count: overview.messages.value)
        let stats = overview.stats
        // A broker that has not handled a message yet reports no rates.
        let none: Double? = overview.isStatisticsDisabled ? nil : 0
        publishRate = stats?.publish.rate ?? none
        deliverRate = stats?.deliverGet.rate ?? none
        ackRate = stats?.ack.rate ?? none
        connections = Int(count: overview.connections.map(Int64.init))
        channels = Int(count: overview.channels.map(Int64.init))
        queues = Int(count: overview.queues.map(Int64.init))
        consumers = Int(count: overview.consumers.map(Int64.init))
        exchanges = Int(count: overview.exchanges.map(Int64.init))
        connectionOpenRate = overview.churn.connectionsCreated.rate
        connectionCloseRate = overview.churn.connectionsClosed.rate
        channelOpenRate = overview.churn.channelsCreated.rate
        channelCloseRate = overview.churn.channelsClosed.rate
        unroutableRate = stats.map { ($0.returnUnroutable.rate ?? 0) + ($0.dropUnroutable.rate ?? 0) }
        guard let nodes, !nodes.isEmpty else { return }
        let alarms = nodes.flatMap { node in
            (node.hasMemoryAlarm == true ? ["memory on \(node.name)"] : [])
                + (node.hasDiskAlarm == true ? ["disk on \(node.name)"] : [])
        }
        // A node that has just started, or collects no statistics, reports no alarms; then there may be some.
        let isTold = nodes.allSatisfy { $0.isRunning == false || $0.hasMemoryAlarm != nil && $0.hasDiskAlarm != nil }
        self.alarms = alarms.isEmpty && !isTold ? nil : alarms
        nodesRunning = nodes.count { $0.isRunning ?? true }
        self.nodes = nodes.count
    }
}

extension TopCore.OverviewRow {
    /// Subtracts what rabbittop's watching connections add, because it says nothing about the applications.
    mutating func leaveOut(_ own: OwnConnections) {
        let open = own.watching.report().connections.filter { $0.closedAt == nil }
        let openChannels = open.flatMap(\.channels).filter { $0.closedAt == nil }
        let consuming = openChannels.reduce(0) { $0 + $1.consumers.count }
        func less(_ count: Int?, _ ours: Int) -> Int? { count.map { max(0, $0 - ours) } }
        func less(_ rate: Double?, _ kind: OwnTraffic.Kind) -> Double? {
            rate.map { max(0, $0 - own.traffic.rate(kind)) }
        }
        connections = less(connections, open.count)
        channels = less(channels, openChannels.count)
        consumers = less(consumers, consuming)
        // For each exchange that is listened to there is a queue with one consumer.
        queues = less(queues, consuming)
        deliverRate = less(deliverRate, .delivered)
        connectionOpenRate = less(connectionOpenRate, .connectionsOpened)
        connectionCloseRate = less(connectionCloseRate, .connectionsClosed)
        channelOpenRate = less(channelOpenRate, .channelsOpened)
        channelCloseRate = less(channelCloseRate, .channelsClosed)
    }
}

extension NodeRow {
    init(_ node: NodeInfo) {
        self.init(name: node.name, running: node.isRunning ?? true)
        version = node.version
        memory = Int(size: node.memoryUsed.value)
        memoryLimit = Int(size: node.memoryLimit)
        memoryAlarm = node.hasMemoryAlarm
        diskFree = Int(size: node.diskFree.value)
        diskFreeLimit = Int(size: node.diskFreeLimit)
        diskAlarm = node.hasDiskAlarm
        fileDescriptors = Int(size: node.fileDescriptorsUsed.value)
        fileDescriptorLimit = Int(size: node.fileDescriptorsTotal)
        sockets = Int(size: node.socketsUsed.value)
        processes = Int(size: node.processesUsed.value)
        uptime = node.uptime.flatMap { $0 < 0 ? nil : Double($0) / 1000 }
        maintenance = node.isBeingDrained
        partitions = node.partitions
    }
}

extension TopCore.QueueDepth {
    init(_ queue: QueueInfo) {
        let id = EntityID(vhost: queue.vhost, name: queue.name)
        guard !Poller.isDown(queue.state) else {
            // No process counts this queue's contents; an old figure, or 0, would be misleading.
            self.init(id: id)
            return
        }
        self.init(
            id: id, messages: Int(count: queue.messages.value),
            ready: Int(count: queue.messagesReady.value), unacked: Int(count: queue.messagesUnacknowledged.value),
            consumers: Int(count: queue.consumers.map(Int64.init)))
    }

    init(_ gauge: QueueGauge) {
        self.init(
            id: EntityID(vhost: gauge.vhost, name: gauge.name), messages: Int(count: gauge.messages),
            ready: Int(count: gauge.ready), unacked: Int(count: gauge.unacknowledged),
            consumers: Int(count: gauge.consumers))
    }
}

extension TopCore.QueueDetails {
    /// - Parameter majorVersion: the broker's; quorum queues have a delivery limit of 20 by default since RabbitMQ 4.
    package init(_ queue: QueueInfo, majorVersion: Int?) {
        self.init()
        type = queue.type
        state = queue.state
        node = queue.node
        let stats = queue.stats
        publishRate = stats?.publish.rate
        deliverRate = stats?.deliverGet.rate
        ackRate = stats?.ack.rate
        redeliverRate = stats?.redeliver.rate
        memory = Int(size: queue.memory)
        policy = queue.policy ?? queue.operatorPolicy
        deadLetterExchange =
            Name(queue.arguments["x-dead-letter-exchange"]?.text ?? queue.effectivePolicy["dead-letter-exchange"]?.text)
        deadLetterKey =
            Name(
                queue.arguments["x-dead-letter-routing-key"]?.text
                    ?? queue.effectivePolicy["dead-letter-routing-key"]?.text)
        idleSince = queue.idleSince.flatMap { LogTime.date(Substring($0)) }
        exclusive = queue.isExclusive ?? (queue.exclusiveOwner != nil ? true : nil)
        expires = queue.expires.map(Int.init(clamping:))
        deliveryLimit = Self.deliveryLimit(queue, majorVersion: majorVersion)
        singleActiveConsumer = queue.hasSingleActiveConsumer
        headMessageAt = queue.headMessageTimestamp.flatMap(Self.timestamp)
        messageBytes = Int(size: queue.messageBytes)
        maxLength = Int(size: queue.maximumLength)
        maxLengthBytes = Int(size: queue.maximumLengthBytes)
        overflow = queue.overflow
        members = queue.members
        onlineMembers = queue.online
        leader = queue.leader
        consumerCapacity = queue.consumerCapacity
        consumerTimeout = queue.consumerTimeout.map { Double($0) / 1000 }
    }

    /// Returns the time that a publisher meant: AMQP's timestamps are seconds, but some clients write milliseconds.
    private static func timestamp(_ value: Int64) -> Date? {
        // As seconds this is the year 5138.
        guard value > 0 else { return nil }
        if value < 100_000_000_000 { return Date(timeIntervalSince1970: Double(value)) }
        guard value < 100_000_000_000_000 else { return nil }
        return Date(timeIntervalSince1970: Double(value) / 1000)
    }

    private static func deliveryLimit(_ queue: QueueInfo, majorVersion: Int?) -> Int? {
        switch queue.deliveryLimit {
        case .unlimited?: return nil
        case .deliveries(let limit)?: return Int(clamping: limit)
        case nil: break
        }
        let own = queue.arguments["x-delivery-limit"]?.integerValue
        let policies = queue.effectivePolicy["delivery-limit"]?.integerValue
        if let limit = [own, policies].compactMap({ $0 }).min() { return limit < 0 ? nil : Int(clamping: limit) }
        return queue.type == "quorum" && (majorVersion ?? 0) >= 4 ? 20 : nil
    }
}

extension QueuesRichPart {
    init(at: Date, _ queues: [QueueInfo], majorVersion: Int?) {
        self.init(
            at: at,
            queues: queues.map { (QueueDepth($0), TopCore.QueueDetails($0, majorVersion: majorVersion)) })
    }
}

extension ConnectionRow {
    init(_ connection: ConnectionInfo) {
        self.init(name: connection.name)
        clientName = connection.clientName
        user = connection.user
        vhost = connection.vhost
        state = connection.state
        peer = connection.peer
        channels = Int(count: connection.channels.map(Int64.init))
        heartbeat = connection.heartbeat
        receiveRate = connection.received.rate
        sendRate = connection.sent.rate
        protocolName = connection.protocolName
        node = connection.node
        connectedAt = connection.connectedAt.map { Date(timeIntervalSince1970: Double($0) / 1000) }
    }
}

extension ChannelRow {
    /// Creates a row; `nil` if the channel is too new to name its connection.
    init?(_ channel: ChannelInfo) {
        guard let id = Self.id(channel.name, number: channel.number, connection: channel.connection?.name) else {
            return nil
        }
        self.init(id: id)
        user = channel.user
        vhost = channel.vhost
        state = channel.state
        prefetch = channel.prefetchCount.flatMap { $0 == 0 ? channel.globalPrefetchCount ?? 0 : $0 }
        unacked = Int(count: channel.messagesUnacknowledged)
        unconfirmed = Int(count: channel.messagesUnconfirmed)
        consumers = Int(count: channel.consumerCount.map(Int64.init))
        confirm = channel.isConfirming
        publishRate = channel.stats?.publish.rate
        deliverRate = channel.stats?.deliverGet.rate
        ackRate = channel.stats?.ack.rate
        redeliverRate = channel.stats?.redeliver.rate
        returnedRate = channel.stats?.returnUnroutable.rate
        droppedRate = channel.stats?.dropUnroutable.rate
        returned = Int(count: channel.stats?.returnUnroutable.value)
        dropped = Int(count: channel.stats?.dropUnroutable.value)
        globalPrefetch = channel.globalPrefetchCount
        node = channel.node
        idleSince = channel.idleSince.flatMap { LogTime.date(Substring($0)) }
    }

    /// Creates a row with what only a channel's details tell; `nil` if the channel is too new to name its connection.
    init?(_ detail: ChannelDetail) {
        self.init(detail.channel)
        let publishes = detail.publishes.compactMap { publish in
            publish.exchange.map {
                ExchangePublishes(
                    exchange: EntityID(vhost: $0.vhost, name: $0.name), rate: publish.stats?.publish.rate)
            }
        }
        let deliveries = detail.deliveries.compactMap { delivery in
            delivery.queue.map {
                QueueDeliveries(queue: EntityID(vhost: $0.vhost, name: $0.name), rate: delivery.stats?.deliverGet.rate)
            }
        }
        // Empty lists say nothing: without detailed rates every channel has them.
        self.publishes = publishes.isEmpty ? nil : publishes
        self.deliveries = deliveries.isEmpty ? nil : deliveries
    }

    /// Returns a channel's identity from its name, `PEER -> HOST (1)`.
    static func id(_ name: Name, number: Int?, connection: Name?) -> ChannelID? {
        var number = number
        var base = connection
        let bytes = name.bytes
        if bytes.last == UInt8(ascii: ")"), let open = bytes.lastIndex(of: UInt8(ascii: "(")), open > 0 {
            number = number ?? Int(String(decoding: bytes[(open + 1)...].dropLast(), as: UTF8.self))
            base = base ?? Name(bytes: bytes[..<(open - 1)])
        }
        // A consumer of the stream protocol is said to be on channel 0, which no client can open.
        guard let number, number > 0, let base else { return nil }
        return ChannelID(connection: base, number: number)
    }
}

extension ConsumerRow {
    /// Returns the rows of a list; consumers that the broker describes alike are distinguished by their order.
    static func rows(of consumers: [ConsumerInfo]) -> [Self] {
        var met: [ConsumerID: Int] = [:]
        return consumers.map { consumer in
            var row = Self(consumer)
            let before = met[row.id, default: 0]
            met[row.id] = before + 1
            row.id.ordinal = before
            return row
        }
    }

    private init(_ consumer: ConsumerInfo) {
        let reference = consumer.channel
        self.init(
            id: ConsumerID(
                queue: EntityID(vhost: consumer.queue.vhost, name: consumer.queue.name),
                channel: reference.flatMap {
                    ChannelRow.id($0.name, number: $0.number, connection: $0.connectionName)
                }, tag: consumer.tag, connection: reference?.connectionName))
        user = reference?.user
        prefetch = consumer.prefetchCount
        ackRequired = consumer.acknowledges
        exclusive = consumer.isExclusive
        active = consumer.isActive
        activityStatus = consumer.activityStatus
        priority = consumer.arguments["x-priority"]?.integerValue.map(Int.init(clamping:))
        timeout = consumer.timeout.flatMap { $0 > 0 ? Double($0) / 1000 : nil }
    }
}

extension ExchangeRow {
    init(_ exchange: ExchangeInfo, bindingsOut: Int?) {
        self.init(id: EntityID(vhost: exchange.vhost, name: exchange.name))
        type = exchange.type
        durable = exchange.isDurable
        autoDelete = exchange.isAutoDelete
        isInternal = exchange.isInternal
        self.bindingsOut = bindingsOut
        publishInRate = exchange.stats?.publishIn.rate
        publishOutRate = exchange.stats?.publishOut.rate
        policy = exchange.policy
    }
}
