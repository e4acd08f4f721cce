import Foundation
import RabbitMQManagement
import TopCore

// The management API's rows as the views have them. Both modules call them alike, so each is named in full.

extension TopCore.OverviewRow {
    init(_ overview: Overview, nodes: [RabbitMQManagement.NodeRow]) {
        self.init()
        ready = overview.messagesReady.value.map(Int.init(clamping:))
        unacked = overview.messagesUnacknowledged.value.map(Int.init(clamping:))
        messages = overview.messages.value.map(Int.init(clamping:))
        let stats = overview.stats
        // A broker that has not seen a message yet says nothing of rates.
        let none: Double? = overview.isStatisticsDisabled ? nil : 0
        publishRate = stats?.publish.rate ?? none
        deliverRate = stats?.deliverGet.rate ?? none
        ackRate = stats?.ack.rate ?? none
        connections = overview.connections
        channels = overview.channels
        queues = overview.queues
        consumers = overview.consumers
        exchanges = overview.exchanges
        connectionOpenRate = overview.churn.connectionsCreated.rate
        connectionCloseRate = overview.churn.connectionsClosed.rate
        channelOpenRate = overview.churn.channelsCreated.rate
        channelCloseRate = overview.churn.channelsClosed.rate
        unroutableRate = stats.map { ($0.returnUnroutable.rate ?? 0) + ($0.dropUnroutable.rate ?? 0) }
        guard !nodes.isEmpty else { return }
        alarms = nodes.flatMap { node in
            (node.hasMemoryAlarm == true ? ["memory on \(node.name)"] : [])
                + (node.hasDiskAlarm == true ? ["disk on \(node.name)"] : [])
        }
        nodesRunning = nodes.count { $0.isRunning ?? true }
        self.nodes = nodes.count
    }
}

extension TopCore.NodeRow {
    init(_ node: RabbitMQManagement.NodeRow) {
        self.init(name: node.name, running: node.isRunning ?? true)
        version = node.version
        memory = node.memoryUsed.value.map(Int.init(clamping:))
        memoryLimit = node.memoryLimit.map(Int.init(clamping:))
        memoryAlarm = node.hasMemoryAlarm
        diskFree = node.diskFree.value.map(Int.init(clamping:))
        diskFreeLimit = node.diskFreeLimit.map(Int.init(clamping:))
        diskAlarm = node.hasDiskAlarm
        fileDescriptors = node.fileDescriptorsUsed.value.map(Int.init(clamping:))
        fileDescriptorLimit = node.fileDescriptorsTotal.map(Int.init(clamping:))
        sockets = node.socketsUsed.value.map(Int.init(clamping:))
        processes = node.processesUsed.value.map(Int.init(clamping:))
        uptime = node.uptime.map { Double($0) / 1000 }
        type = node.type
        partitions = node.partitions
    }
}

extension TopCore.QueueDepth {
    init(_ queue: RabbitMQManagement.QueueRow) {
        self.init(
            id: EntityID(vhost: queue.vhost, name: queue.name),
            messages: queue.messages.value.map(Int.init(clamping:)),
            ready: queue.messagesReady.value.map(Int.init(clamping:)),
            unacked: queue.messagesUnacknowledged.value.map(Int.init(clamping:)), consumers: queue.consumers)
    }

    init(_ gauge: QueueGauge) {
        // Gauges below zero occur while a queue is being counted; nobody has less than no messages.
        func count(_ value: Int64?) -> Int? { value.map { Int(clamping: max(0, $0)) } }
        self.init(
            id: EntityID(vhost: gauge.vhost, name: gauge.name), messages: count(gauge.messages),
            ready: count(gauge.ready), unacked: count(gauge.unacknowledged), consumers: count(gauge.consumers))
    }
}

extension TopCore.QueueDetails {
    /// - Parameter majorVersion: of the broker; quorum queues have a delivery limit of 20 by default since 4.
    init(_ queue: RabbitMQManagement.QueueRow, majorVersion: Int?) {
        self.init()
        type = queue.type
        state = queue.state
        node = queue.node
        let stats = queue.stats
        publishRate = stats?.publish.rate
        deliverRate = stats?.deliverGet.rate
        ackRate = stats?.ack.rate
        redeliverRate = stats?.redeliver.rate
        memory = queue.memory.map(Int.init(clamping:))
        policy = queue.policy ?? queue.operatorPolicy
        deadLetterExchange =
            queue.arguments["x-dead-letter-exchange"]?.text ?? queue.effectivePolicy["dead-letter-exchange"]?.text
        idleSince = queue.idleSince.flatMap { LogTime.date(Substring($0)) }
        durable = queue.isDurable
        exclusive = queue.isExclusive ?? (queue.exclusiveOwner != nil ? true : nil)
        autoDelete = queue.isAutoDelete
        expires = queue.expires.map(Int.init(clamping:))
        deliveryLimit = Self.deliveryLimit(queue, majorVersion: majorVersion)
    }

    private static func deliveryLimit(_ queue: RabbitMQManagement.QueueRow, majorVersion: Int?) -> Int? {
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

extension TopCore.ConnectionRow {
    init(_ connection: RabbitMQManagement.ConnectionRow) {
        self.init(name: connection.name)
        clientName = connection.clientName
        user = connection.user
        vhost = connection.vhost
        state = connection.state
        peer = connection.peerHost.map { host in connection.peerPort.map { "\(host):\($0)" } ?? host }
        channels = connection.channels
        heartbeat = connection.heartbeat
        receiveRate = connection.received.rate
        sendRate = connection.sent.rate
        protocolName = connection.protocolName
        node = connection.node
        connectedAt = connection.connectedAt.map { Date(timeIntervalSince1970: Double($0) / 1000) }
        tls = connection.isTLS
        let words = ["product", "version", "platform"].compactMap { connection.clientProperties[$0]?.text }
        client = words.isEmpty ? nil : words.joined(separator: " ")
        channelMax = connection.channelMax
        frameMax = connection.frameMax
    }
}

extension TopCore.ChannelRow {
    /// `nil` for a row too fresh to say where it belongs.
    init?(_ channel: RabbitMQManagement.ChannelRow) {
        guard let id = Self.id(channel.name, number: channel.number, connection: channel.connection?.name) else {
            return nil
        }
        self.init(id: id)
        user = channel.user
        vhost = channel.vhost
        state = channel.state
        prefetch = channel.prefetchCount.flatMap { $0 == 0 ? channel.globalPrefetchCount ?? 0 : $0 }
        unacked = channel.messagesUnacknowledged.map(Int.init(clamping:))
        unconfirmed = channel.messagesUnconfirmed.map(Int.init(clamping:))
        consumers = channel.consumerCount
        confirm = channel.isConfirming
        publishRate = channel.stats?.publish.rate
        deliverRate = channel.stats?.deliverGet.rate
        ackRate = channel.stats?.ack.rate
        node = channel.node
        transactional = channel.isTransactional
        idleSince = channel.idleSince.flatMap { LogTime.date(Substring($0)) }
    }

    /// A channel's identity from its name, `PEER -> HOST (1)`.
    static func id(_ name: String, number: Int?, connection: String?) -> ChannelID? {
        var number = number
        var base = connection
        if name.hasSuffix(")"), let open = name.lastIndex(of: "("), open > name.startIndex {
            number = number ?? Int(name[name.index(after: open)...].dropLast())
            base = base ?? String(name[..<name.index(before: open)])
        }
        guard let number, let base else { return nil }
        return ChannelID(connection: base, number: number)
    }
}

extension TopCore.ConsumerRow {
    init(_ consumer: RabbitMQManagement.ConsumerRow) {
        let reference = consumer.channel
        let channel = reference.flatMap {
            TopCore.ChannelRow.id($0.name, number: $0.number, connection: $0.connectionName)
        }
        self.init(
            id: ConsumerID(
                queue: EntityID(vhost: consumer.queue.vhost, name: consumer.queue.name),
                channel: channel ?? ChannelID(connection: reference?.connectionName ?? "", number: 0), tag: consumer.tag
            ))
        prefetch = consumer.prefetchCount
        ackRequired = consumer.acknowledges
        exclusive = consumer.isExclusive
        active = consumer.isActive
        activityStatus = consumer.activityStatus
        priority = consumer.arguments["x-priority"]?.integerValue.map(Int.init(clamping:))
        user = reference?.user
    }
}

extension TopCore.ExchangeRow {
    init(_ exchange: RabbitMQManagement.ExchangeRow, bindingsOut: Int?) {
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
