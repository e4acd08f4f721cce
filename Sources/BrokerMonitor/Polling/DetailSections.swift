import Names
import RabbitMQManagement
import TopCore

/// Describes an object of the broker as titled groups of labelled values.
enum DetailSections {
    /// The highest number of bindings, consumers or deliveries of one object that are shown.
    static let listLimit = 100

    static func queue(_ detail: QueueDetail, bindings: [BindingInfo]) -> [DetailSection] {
        let queue = detail.queue
        var sections = [
            section(
                "Queue",
                [
                    ("type", queue.type), ("state", queue.state), ("node", queue.node?.text),
                    ("durable", text(queue.isDurable)), ("auto delete", text(queue.isAutoDelete)),
                    ("exclusive", queue.exclusiveOwner?.text ?? text(queue.isExclusive)),
                    ("leader", queue.leader?.text),
                    ("members", list(queue.members)), ("online", list(queue.online)), ("idle since", queue.idleSince),
                    // RabbitMQ 4.3 names an active consumer for queues without single active consumer, too.
                    (
                        "single active consumer",
                        queue.hasSingleActiveConsumer ? queue.singleActiveConsumerTag?.text : nil
                    ),
                ]),
            section(
                "Messages",
                [
                    ("ready", text(Int(count: queue.messagesReady.value))),
                    ("unacked", text(Int(count: queue.messagesUnacknowledged.value))),
                    ("total", text(Int(count: queue.messages.value))), ("bytes", bytes(queue.messageBytes)),
                    ("persistent", text(queue.messagesPersistent)), ("in memory", text(queue.messagesRAM)),
                    ("being dead-lettered", text(queue.messagesDeadLettering)), ("consumers", consumers(detail)),
                    ("consumer capacity", queue.consumerCapacity.map { "\(format.rate($0 * 100)) %" }),
                    ("process memory", bytes(queue.memory)), ("reductions per second", rate(queue.reductions)),
                    ("delivery limit", limit(queue.deliveryLimit)),
                ]),
            arguments(queue.arguments),
            section(
                "Policy",
                [
                    ("policy", queue.policy?.text), ("operator policy", queue.operatorPolicy?.text),
                ] + pairs(queue.effectivePolicy)),
            stats("Rates", queue.stats),
            section(
                "Bindings",
                bindings.prefix(listLimit).map { binding in
                    (binding.source.isEmpty ? "(default)" : binding.source.text, Optional(key(binding)))
                }),
            section("Consumers", detail.consumers.prefix(listLimit).map { ($0.tag.text, Optional(summary($0))) }),
            section(
                "Published by",
                detail.incoming.prefix(listLimit).map { row in
                    (row.exchange?.name.text ?? "?", row.stats.flatMap { rate($0.publish) })
                }),
            section(
                "Delivered to",
                detail.deliveries.prefix(listLimit).map { row in
                    (row.channel?.name.text ?? "?", row.stats.flatMap { rate($0.deliverGet) })
                }),
        ]
        sections.removeAll { $0.fields.isEmpty }
        return sections
    }

    static func connection(_ connection: ConnectionInfo) -> [DetailSection] {
        var properties = connection.clientProperties
        let capabilities = properties.removeValue(forKey: "capabilities")?.members ?? [:]
        let able = capabilities.filter { $0.value.boolValue == true }.keys.sorted()
        let sections = [
            section(
                "Connection",
                [
                    ("name", connection.name.text), ("client name", connection.clientName?.text),
                    ("user", connection.user?.text),
                    ("vhost", connection.vhost?.text), ("state", connection.state), ("node", connection.node?.text),
                    ("protocol", connection.protocolName), ("authentication", connection.authMechanism),
                    (
                        "TLS",
                        connection.isTLS == true
                            ? list([connection.tlsProtocol, connection.tlsCipher].compactMap { $0 }) : "no"
                    ),
                    ("certificate", connection.peerCertificateSubject),
                    ("peer", connection.peer),
                    ("listener", connection.listener),
                ]),
            section(
                "Limits",
                [
                    ("channels", text(connection.channels)), ("channel max", text(connection.channelMax)),
                    ("frame max", bytes(connection.frameMax)), ("heartbeat", connection.heartbeat.map { "\($0) s" }),
                ]),
            section(
                "Traffic",
                [
                    ("received", bytes(connection.received.value)),
                    ("received per second", bytes(connection.received.rate)),
                    ("sent", bytes(connection.sent.value)), ("sent per second", bytes(connection.sent.rate)),
                    ("waiting to be sent", bytes(connection.sendPending)),
                    ("reductions per second", rate(connection.reductions)),
                ]),
            section("Client", pairs(properties)),
            section("Capabilities", able.map { ($0.text, Optional("yes")) }),
        ]
        return sections.filter { !$0.fields.isEmpty }
    }

    static func channel(_ detail: ChannelDetail) -> [DetailSection] {
        let channel = detail.channel
        let sections = [
            section(
                "Channel",
                [
                    ("name", channel.name.text), ("user", channel.user?.text), ("vhost", channel.vhost?.text),
                    ("state", channel.state),
                    ("node", channel.node?.text), ("confirms", text(channel.isConfirming)),
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
                    (consumer.queue.name.text, Optional("\(consumer.tag), \(summary(consumer))"))
                }),
            section(
                "Publishes to",
                detail.publishes.prefix(listLimit).map { row in
                    (
                        row.exchange.map { $0.name.isEmpty ? "(default)" : $0.name.text } ?? "?",
                        row.stats.flatMap { rate($0.publish) }
                    )
                }),
            section(
                "Delivered from",
                detail.deliveries.prefix(listLimit).map { row in
                    (row.queue?.name.text ?? "?", row.stats.flatMap { rate($0.deliverGet) })
                }),
        ]
        return sections.filter { !$0.fields.isEmpty }
    }

    static func consumer(_ consumer: ConsumerInfo) -> [DetailSection] {
        let sections = [
            section(
                "Consumer",
                [
                    ("tag", consumer.tag.text), ("queue", consumer.queue.name.text),
                    ("vhost", consumer.queue.vhost.text),
                    ("channel", consumer.channel?.name.text), ("prefetch", text(consumer.prefetchCount)),
                    ("acknowledges", text(consumer.acknowledges)), ("exclusive", text(consumer.isExclusive)),
                    ("active", text(consumer.isActive)), ("activity", consumer.activityStatus),
                    ("acknowledgement timeout", milliseconds(consumer.timeout)),
                ]),
            arguments(consumer.arguments),
        ]
        return sections.filter { !$0.fields.isEmpty }
    }

    static func exchange(_ detail: ExchangeDetail, out: [BindingInfo], into: [BindingInfo]) -> [DetailSection] {
        let exchange = detail.exchange
        let sections = [
            section(
                "Exchange",
                [
                    ("type", exchange.type), ("durable", text(exchange.isDurable)),
                    ("auto delete", text(exchange.isAutoDelete)),
                    ("internal", text(exchange.isInternal)), ("policy", exchange.policy?.text),
                ]),
            arguments(exchange.arguments),
            stats("Rates", exchange.stats),
            section(
                "Published by",
                detail.incoming.prefix(listLimit).map { row in
                    (row.channel?.name.text ?? "?", row.stats.flatMap { rate($0.publish) })
                }),
            section(
                "Routes to",
                out.prefix(listLimit).map { binding in
                    ("\(binding.destinationKind.rawValue) \(binding.destination)", Optional(key(binding)))
                }),
            section(
                "Fed by",
                into.prefix(listLimit).map { binding in
                    (binding.source.isEmpty ? "(default)" : binding.source.text, Optional(key(binding)))
                }),
        ]
        return sections.filter { !$0.fields.isEmpty }
    }

    static func node(_ node: NodeInfo) -> [DetailSection] {
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
                    ("memory", bytes(node.memoryUsed.value)), ("memory limit", bytes(node.memoryLimit)),
                    ("disk free", bytes(node.diskFree.value)), ("disk limit", bytes(node.diskFreeLimit)),
                    ("file descriptors", text(node.fileDescriptorsUsed.value)),
                    ("file descriptor limit", text(node.fileDescriptorsTotal)),
                    ("sockets", text(node.socketsUsed.value)),
                    ("Erlang processes", text(node.processesUsed.value)), ("process limit", text(node.processesTotal)),
                    ("run queue", text(node.runQueue)), ("processors", text(node.processors)),
                    ("GC runs per second", rate(node.gcRuns)),
                    ("GC bytes per second", bytes(node.gcBytesReclaimed.rate)),
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

    private static func arguments(_ arguments: [Name: JSONValue]) -> DetailSection {
        section("Arguments", pairs(arguments))
    }

    private static func pairs(_ map: [Name: JSONValue]) -> [(String, String?)] {
        map.sorted { $0.key < $1.key }.map { ($0.key.text, Optional(argument($0.key, $0.value))) }
    }

    /// Returns an argument or policy key as it was declared, followed by its value in readable units.
    private static func argument(_ key: Name, _ value: JSONValue) -> String {
        let plain = value.text ?? value.jsonText
        guard let number = Double(plain), number >= 0, number.isFinite else { return plain }
        let name = key.hasPrefix("x-") ? Name(bytes: key.bytes.dropFirst(2)) : key
        switch name {
        case "message-ttl", "expires", "consumer-timeout":
            return "\(plain) ms" + (number >= 1_000 ? " (\(format.duration(number / 1_000)))" : "")
        case "max-length-bytes", "stream-max-segment-size-bytes", "max-in-memory-bytes":
            return "\(plain)" + (number >= 1_024 ? " (\(format.bytes(number)))" : " B")
        default: return plain
        }
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
                    figure.value.map { total in
                        let total = "\(text(total) ?? "") in all"
                        return rate(figure).map { "\($0)/s, \(total)" } ?? total
                    }
                )
            })
    }

    private static func summary(_ consumer: ConsumerInfo) -> String {
        var words = consumer.prefetchCount.map { [$0 == 0 ? "no prefetch limit" : "prefetch \($0)"] } ?? []
        if consumer.acknowledges == false { words.append("automatic acknowledgement") }
        if consumer.isExclusive == true { words.append("exclusive") }
        if let status = consumer.activityStatus { words.append(status) }
        if let channel = consumer.channel { words.append(channel.name.text) }
        return words.joined(separator: ", ")
    }

    /// Returns the number of consumers, and for a queue with single active consumer how many of them receive messages.
    private static func consumers(_ detail: QueueDetail) -> String? {
        let active = detail.consumers.count { $0.isActive != false }
        guard active < detail.consumers.count else { return text(Int(count: detail.queue.consumers.map(Int64.init))) }
        return "\(active) active of \(detail.consumers.count)"
    }

    private static func key(_ binding: BindingInfo) -> String {
        let arguments = binding.arguments.isEmpty ? "" : " " + JSONValue.object(binding.arguments).jsonText
        return (binding.routingKey.isEmpty ? "(no routing key)" : binding.routingKey.text) + arguments
    }

    private static func text(_ flag: Bool?) -> String? { flag.map { $0 ? "yes" : "no" } }
    private static func text(_ number: (some BinaryInteger)?) -> String? {
        number.map { format.count(Int(clamping: $0)) }
    }

    private static let format = ValueFormat()

    private static func bytes(_ number: (some BinaryInteger)?) -> String? {
        number.map { format.bytes(Double($0)) }
    }

    private static func bytes(_ number: Double?) -> String? { number.map { format.bytes($0) } }

    private static func milliseconds(_ number: (some BinaryInteger)?) -> String? {
        number.map { format.duration(Double($0) / 1_000) }
    }

    private static func list(_ texts: [String]?) -> String? { texts?.joined(separator: ", ") }
    private static func list(_ names: [Name]?) -> String? { names?.joined(separator: ", ") }

    private static func limit(_ limit: DeliveryLimit?) -> String? {
        switch limit {
        case .unlimited?: "unlimited"
        case .deliveries(let count)?: "\(count)"
        case nil: nil
        }
    }

    private static func rate(_ figure: Figure) -> String? {
        figure.rate.map { format.rate($0) }
    }
}
