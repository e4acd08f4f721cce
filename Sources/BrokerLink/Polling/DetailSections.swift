import RabbitMQManagement
import TopCore

/// An object of the broker as titled groups of labelled values.
enum DetailSections {
    /// The most bindings, consumers or deliveries of one object that are shown.
    static let listLimit = 100

    static func queue(_ detail: QueueDetail, bindings: [BindingRow]) -> [DetailSection] {
        let queue = detail.queue
        var sections = [
            section(
                "Queue",
                [
                    ("type", queue.type), ("state", queue.state), ("node", queue.node),
                    ("durable", text(queue.isDurable)), ("auto delete", text(queue.isAutoDelete)),
                    ("exclusive", queue.exclusiveOwner ?? text(queue.isExclusive)), ("leader", queue.leader),
                    ("members", list(queue.members)), ("online", list(queue.online)), ("idle since", queue.idleSince),
                    ("single active consumer", queue.singleActiveConsumerTag),
                ]),
            section(
                "Messages",
                [
                    ("ready", text(queue.messagesReady.value)), ("unacked", text(queue.messagesUnacknowledged.value)),
                    ("total", text(queue.messages.value)), ("bytes", text(queue.messageBytes)),
                    ("persistent", text(queue.messagesPersistent)), ("in memory", text(queue.messagesRAM)),
                    ("being dead-lettered", text(queue.messagesDeadLettering)), ("consumers", text(queue.consumers)),
                    ("consumer capacity", queue.consumerCapacity.map { "\(Int(($0 * 100).rounded())) %" }),
                    ("process memory", text(queue.memory)), ("reductions per second", rate(queue.reductions)),
                    ("delivery limit", limit(queue.deliveryLimit)),
                ]),
            arguments(queue.arguments),
            section(
                "Policy",
                [
                    ("policy", queue.policy), ("operator policy", queue.operatorPolicy),
                ] + pairs(queue.effectivePolicy)),
            stats("Rates", queue.stats),
            section(
                "Bindings",
                bindings.prefix(listLimit).map { binding in
                    (binding.source.isEmpty ? "(default)" : binding.source, Optional(key(binding)))
                }),
            section("Consumers", detail.consumers.prefix(listLimit).map { ($0.tag, Optional(summary($0))) }),
            section(
                "Published by",
                detail.incoming.prefix(listLimit).map { row in
                    (row.exchange?.name ?? "?", row.stats.flatMap { rate($0.publish) })
                }),
            section(
                "Delivered to",
                detail.deliveries.prefix(listLimit).map { row in
                    (row.channel?.name ?? "?", row.stats.flatMap { rate($0.deliverGet) })
                }),
        ]
        sections.removeAll { $0.fields.isEmpty }
        return sections
    }

    static func connection(_ connection: RabbitMQManagement.ConnectionRow) -> [DetailSection] {
        var properties = connection.clientProperties
        let capabilities = properties.removeValue(forKey: "capabilities")?.members ?? [:]
        let able = capabilities.filter { $0.value.boolValue == true }.keys.sorted()
        let sections = [
            section(
                "Connection",
                [
                    ("name", connection.name), ("client name", connection.clientName), ("user", connection.user),
                    ("vhost", connection.vhost), ("state", connection.state), ("node", connection.node),
                    ("protocol", connection.protocolName), ("authentication", connection.authMechanism),
                    (
                        "TLS",
                        connection.isTLS == true
                            ? list([connection.tlsProtocol, connection.tlsCipher].compactMap { $0 }) : "no"
                    ),
                    ("certificate", connection.peerCertificateSubject),
                    ("peer", connection.peerHost.map { "\($0):\(connection.peerPort ?? 0)" }),
                    ("listener", connection.host.map { "\($0):\(connection.port ?? 0)" }),
                ]),
            section(
                "Limits",
                [
                    ("channels", text(connection.channels)), ("channel max", text(connection.channelMax)),
                    ("frame max", text(connection.frameMax)), ("heartbeat", connection.heartbeat.map { "\($0) s" }),
                ]),
            section(
                "Traffic",
                [
                    ("received", text(connection.received.value)), ("received per second", rate(connection.received)),
                    ("sent", text(connection.sent.value)), ("sent per second", rate(connection.sent)),
                    ("waiting to be sent", text(connection.sendPending)),
                    ("reductions per second", rate(connection.reductions)),
                ]),
            section("Client", pairs(properties)),
            section("Capabilities", able.map { ($0, Optional("yes")) }),
        ]
        return sections.filter { !$0.fields.isEmpty }
    }

    static func channel(_ detail: ChannelDetail) -> [DetailSection] {
        let channel = detail.channel
        let sections = [
            section(
                "Channel",
                [
                    ("name", channel.name), ("user", channel.user), ("vhost", channel.vhost), ("state", channel.state),
                    ("node", channel.node), ("confirms", text(channel.isConfirming)),
                    ("transactional", text(channel.isTransactional)), ("idle since", channel.idleSince),
                ]),
            section(
                "Messages",
                [
                    ("prefetch", text(channel.prefetchCount)),
                    ("prefetch of the channel", text(channel.globalPrefetchCount)),
                    ("unacked", text(channel.messagesUnacknowledged)),
                    ("unconfirmed", text(channel.messagesUnconfirmed)),
                    ("uncommitted", text(channel.messagesUncommitted)),
                    ("acks uncommitted", text(channel.acksUncommitted)),
                    ("pending raft commands", text(channel.pendingRaftCommands)),
                    ("reductions per second", rate(channel.reductions)),
                ]),
            stats("Rates", channel.stats),
            section(
                "Consumers",
                detail.consumers.prefix(listLimit).map { consumer in
                    (consumer.queue.name, Optional("\(consumer.tag), \(summary(consumer))"))
                }),
            section(
                "Publishes to",
                detail.publishes.prefix(listLimit).map { row in
                    (
                        row.exchange.map { $0.name.isEmpty ? "(default)" : $0.name } ?? "?",
                        row.stats.flatMap { rate($0.publish) }
                    )
                }),
            section(
                "Delivered from",
                detail.deliveries.prefix(listLimit).map { row in
                    (row.queue?.name ?? "?", row.stats.flatMap { rate($0.deliverGet) })
                }),
        ]
        return sections.filter { !$0.fields.isEmpty }
    }

    static func consumer(_ consumer: RabbitMQManagement.ConsumerRow) -> [DetailSection] {
        let sections = [
            section(
                "Consumer",
                [
                    ("tag", consumer.tag), ("queue", consumer.queue.name), ("vhost", consumer.queue.vhost),
                    ("channel", consumer.channel?.name), ("prefetch", text(consumer.prefetchCount)),
                    ("acknowledges", text(consumer.acknowledges)), ("exclusive", text(consumer.isExclusive)),
                    ("active", text(consumer.isActive)), ("activity", consumer.activityStatus),
                    ("acknowledgement timeout", consumer.timeout.map { "\($0) ms" }),
                ]),
            arguments(consumer.arguments),
        ]
        return sections.filter { !$0.fields.isEmpty }
    }

    static func exchange(_ detail: ExchangeDetail, out: [BindingRow], into: [BindingRow]) -> [DetailSection] {
        let exchange = detail.exchange
        let sections = [
            section(
                "Exchange",
                [
                    ("type", exchange.type), ("durable", text(exchange.isDurable)),
                    ("auto delete", text(exchange.isAutoDelete)),
                    ("internal", text(exchange.isInternal)), ("policy", exchange.policy),
                ]),
            arguments(exchange.arguments),
            stats("Rates", exchange.stats),
            section(
                "Routes to",
                out.prefix(listLimit).map { binding in
                    ("\(binding.destinationKind.rawValue) \(binding.destination)", Optional(key(binding)))
                }),
            section(
                "Fed by",
                into.prefix(listLimit).map { binding in
                    (binding.source.isEmpty ? "(default)" : binding.source, Optional(key(binding)))
                }),
        ]
        return sections.filter { !$0.fields.isEmpty }
    }

    static func node(_ node: RabbitMQManagement.NodeRow) -> [DetailSection] {
        let sections = [
            section(
                "Node",
                [
                    ("running", text(node.isRunning)), ("version", node.version), ("Erlang", node.erlangVersion),
                    ("type", node.type), ("process id", text(node.processID)),
                    ("being drained", text(node.isBeingDrained)),
                    ("partitions", list(node.partitions)), ("rates mode", node.ratesMode),
                ]),
            section(
                "Resources",
                [
                    ("memory", text(node.memoryUsed.value)), ("memory limit", text(node.memoryLimit)),
                    ("disk free", text(node.diskFree.value)), ("disk limit", text(node.diskFreeLimit)),
                    ("file descriptors", text(node.fileDescriptorsUsed.value)),
                    ("file descriptor limit", text(node.fileDescriptorsTotal)),
                    ("sockets", text(node.socketsUsed.value)),
                    ("Erlang processes", text(node.processesUsed.value)), ("process limit", text(node.processesTotal)),
                    ("run queue", text(node.runQueue)), ("processors", text(node.processors)),
                    ("GC runs per second", rate(node.gcRuns)), ("GC bytes per second", rate(node.gcBytesReclaimed)),
                    ("context switches per second", rate(node.contextSwitches)),
                ]),
            section(
                "Churn per second",
                [
                    ("connections opened", rate(node.churn.connectionsCreated)),
                    ("connections closed", rate(node.churn.connectionsClosed)),
                    ("channels opened", rate(node.churn.channelsCreated)),
                    ("channels closed", rate(node.churn.channelsClosed)),
                    ("queues declared", rate(node.churn.queuesDeclared)),
                    ("queues created", rate(node.churn.queuesCreated)),
                    ("queues deleted", rate(node.churn.queuesDeleted)),
                ]),
            section("Files", [("log", list(node.logFiles)), ("configuration", list(node.configFiles))]),
            section("Plugins", node.enabledPlugins.map { ($0, Optional("enabled")) }),
        ]
        return sections.filter { !$0.fields.isEmpty }
    }

    // MARK: Pieces

    private static func section(_ title: String, _ fields: [(String, String?)]) -> DetailSection {
        DetailSection(
            title: title,
            fields: fields.compactMap { label, value in
                value.flatMap { $0.isEmpty ? nil : DetailField(label, $0) }
            })
    }

    private static func arguments(_ arguments: [String: JSONValue]) -> DetailSection {
        section("Arguments", pairs(arguments))
    }

    private static func pairs(_ map: [String: JSONValue]) -> [(String, String?)] {
        map.sorted { $0.key < $1.key }.map { ($0.key, Optional($0.value.text ?? $0.value.jsonText)) }
    }

    private static func stats(_ title: String, _ stats: MessageStats?) -> DetailSection {
        guard let stats else { return section(title, []) }
        let labels: [(String, Figure)] = [
            ("published", stats.publish), ("published in", stats.publishIn), ("published out", stats.publishOut),
            ("confirmed", stats.confirm), ("delivered or fetched", stats.deliverGet),
            ("delivered, acks", stats.deliver),
            ("delivered, no acks", stats.deliverNoAck), ("fetched", stats.get), ("fetched, empty", stats.getEmpty),
            ("acknowledged", stats.ack), ("redelivered", stats.redeliver), ("returned", stats.returnUnroutable),
            ("dropped, unroutable", stats.dropUnroutable), ("disk reads", stats.diskReads),
            ("disk writes", stats.diskWrites),
        ]
        return section(
            title,
            labels.map { label, figure in
                (
                    label,
                    figure.value.map { total in rate(figure).map { "\($0)/s, \(total) in all" } ?? "\(total) in all" }
                )
            })
    }

    private static func summary(_ consumer: RabbitMQManagement.ConsumerRow) -> String {
        var words = ["prefetch \(consumer.prefetchCount ?? 0)"]
        if consumer.acknowledges == false { words.append("automatic acknowledgement") }
        if consumer.isExclusive == true { words.append("exclusive") }
        if let status = consumer.activityStatus { words.append(status) }
        if let channel = consumer.channel { words.append(channel.name) }
        return words.joined(separator: ", ")
    }

    private static func key(_ binding: BindingRow) -> String {
        let arguments = binding.arguments.isEmpty ? "" : " " + JSONValue.object(binding.arguments).jsonText
        return (binding.routingKey.isEmpty ? "(no routing key)" : binding.routingKey) + arguments
    }

    private static func text(_ flag: Bool?) -> String? { flag.map { $0 ? "yes" : "no" } }
    private static func text(_ number: (some BinaryInteger)?) -> String? { number.map { "\($0)" } }
    private static func list(_ texts: [String]?) -> String? { texts?.joined(separator: ", ") }

    private static func limit(_ limit: DeliveryLimit?) -> String? {
        switch limit {
        case .unlimited?: "unlimited"
        case .deliveries(let count)?: "\(count)"
        case nil: nil
        }
    }

    private static func rate(_ figure: Figure) -> String? {
        figure.rate.map { $0 >= 10 ? "\(Int($0.rounded()))" : "\(($0 * 10).rounded() / 10)" }
    }
}
