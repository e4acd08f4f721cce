import Foundation
import MessageRouting
import Names
import RabbitMQManagement
import TopCore

extension BindingRow {
    package init(_ binding: BindingInfo) {
        self.init(
            vhost: binding.vhost, source: binding.source,
            destinationKind: binding.destinationKind == .queue ? .queue : .exchange, destination: binding.destination,
            routingKey: binding.routingKey,
            arguments: binding.arguments.isEmpty ? "" : Name(JSONValue.object(binding.arguments).publicText))
    }
}

extension PolicyRow {
    init(_ policy: PolicyInfo, isOperator: Bool) {
        self.init(
            vhost: policy.vhost, name: policy.name, isOperator: isOperator, pattern: Name(policy.pattern),
            definition: Name(JSONValue.object(policy.definition).publicText))
        appliesTo = policy.appliesTo
        priority = policy.priority
        settings = Self.settings(policy.definition)
    }

    /// Returns a definition as it can be typed; `nil` where a value is a list or an object, or a secret.
    private static func settings(_ definition: [Name: JSONValue]) -> [NamedSetting]? {
        let object = JSONValue.object(definition)
        guard object.publicText.hasSameBytes(as: object.jsonText) else { return nil }
        let settings = definition.compactMap { name, value -> NamedSetting? in
            switch value {
            case .string(let text): NamedSetting(name, .text(Name(text)))
            case .integer(let number): NamedSetting(name, .integer(number))
            case .number(let number): NamedSetting(name, .number(number))
            case .bool(let flag): NamedSetting(name, .flag(flag))
            case .null, .largeInteger, .array, .object: nil
            }
        }
        return settings.count == definition.count ? settings.sorted { $0.name < $1.name } : nil
    }
}

extension VhostRow {
    init(_ vhost: VhostInfo, limits: [Name: Int]) {
        self.init(name: vhost.name)
        state = vhost.clusterState.map { states in
            let stopped = states.filter { $0.value != "running" }.sorted { $0.key < $1.key }
            return stopped.isEmpty ? "running" : stopped.map { "\($0.value) on \($0.key)" }.joined(separator: ", ")
        }
        isTracing = vhost.isTracing
        messages = Int(count: vhost.messages.value)
        ready = Int(count: vhost.messagesReady.value)
        unacked = Int(count: vhost.messagesUnacknowledged.value)
        publishRate = vhost.stats?.publish.rate
        deliverRate = vhost.stats?.deliverGet.rate
        maxConnections = limits["max-connections"]
        maxQueues = limits["max-queues"]
        defaultQueueType = vhost.defaultQueueType
        tags = vhost.tags
        description = vhost.description
    }
}

extension FeatureRow {
    init(_ flag: FeatureFlagInfo) {
        self.init(name: flag.name, kind: .flag)
        state = flag.state
        stability = flag.stability
        providedBy = flag.providedBy
        description = flag.description
        documentation = flag.documentation
    }

    init(_ feature: DeprecatedFeatureInfo, isUsed: Bool?) {
        self.init(name: feature.name, kind: .deprecated)
        state = feature.state
        phase = feature.phase
        self.isUsed = isUsed
        providedBy = feature.providedBy
        description = feature.description
        documentation = feature.documentation
    }
}

extension StreamRow {
    init(_ queue: QueueInfo) {
        self.init(id: EntityID(vhost: queue.vhost, name: queue.name))
        state = queue.state
        leader = queue.leader ?? queue.node
        members = queue.members?.count
        online = queue.online?.count
        messages = Int(count: queue.messages.value)
        segments = Int(count: queue.segments.map(Int64.init))
        // As milliseconds this is the year 5138.
        oldestAt = queue.firstTimestamp.flatMap {
            $0 < 100_000_000_000_000 ? Date(timeIntervalSince1970: Double($0) / 1000) : nil
        }
        consumers = Int(count: queue.consumers.map(Int64.init))
        publishRate = queue.stats?.publish.rate
        var limits: [String] = []
        for key in [Name("max-length-bytes"), "max-age"] {
            let value = queue.arguments[Name(bytes: "x-".utf8 + key.bytes)] ?? queue.effectivePolicy[key]
            if let value { limits.append("\(key) \(value.text ?? value.jsonText)") }
        }
        retention = limits.isEmpty ? nil : limits.joined(separator: ", ")
    }
}

extension StreamRow {
    /// Adds how far the stream's consumers of the stream protocol are. The end of the stream is not told, but each
    /// consumer's distance from it is.
    mutating func take(_ consumers: [StreamConsumerInfo]) {
        var all = consumers.map { consumer in
            Reader(
                connection: consumer.connection, subscription: consumer.subscription,
                offset: Self.known(consumer.offset), lag: Self.known(consumer.offsetLag))
        }
        readerCount = all.count
        all.sort { ($0.lag ?? -1) > ($1.lag ?? -1) }
        if let slowest = all.first, slowest.lag != nil {
            lag = slowest.lag
            lagOffset = slowest.offset
            lagConnection = slowest.connection
        }
        let ends = all.compactMap { reader -> Int? in
            guard let offset = reader.offset, let lag = reader.lag else { return nil }
            let (end, isTooLarge) = offset.addingReportingOverflow(lag)
            return isTooLarge ? nil : end
        }
        lastOffset = ends.max()
        if let lastOffset, let messages, messages <= lastOffset { firstOffset = lastOffset - messages + 1 }
        if lastOffset != nil { offsetSource = "its consumers' offsets and lags, by rabbitmq_stream_management" }
        readers = Array(all.prefix(Self.mostReaders))
    }

    private static func known(_ value: Int64?) -> Int? { value.flatMap { $0 >= 0 ? Int(clamping: $0) : nil } }
}

extension LinkRow {
    init(_ shovel: ShovelInfo) {
        self.init(kind: .shovel, vhost: shovel.vhost, name: shovel.name)
        node = shovel.node
        state = shovel.state
        source = shovel.source
        destination = shovel.destination
        sourceURI = shovel.sourceURI.map(Redaction.withoutSecrets)
        destinationURI = shovel.destinationURI.map(Redaction.withoutSecrets)
        error = shovel.reason.map { Redaction.withoutSecrets(Self.unquoted($0)) }
        since = shovel.timestamp
    }

    /// Returns a reason without the quotes that the broker writes around a text.
    private static func unquoted(_ reason: Name) -> Name {
        let quote = UInt8(ascii: "\"")
        let bytes = reason.bytes
        guard bytes.count > 2, bytes.first == quote, bytes.last == quote else { return reason }
        let inner = bytes.dropFirst().dropLast()
        return inner.contains(quote) ? reason : Name(bytes: inner)
    }

    init(_ link: FederationLinkInfo) {
        self.init(kind: .federation, vhost: link.vhost, name: link.upstream)
        self.link = link.id
        node = link.node
        state = link.status
        source = link.source
        destination = link.destination
        sourceURI = link.uri.map(Redaction.withoutSecrets)
        error = link.error.map(Redaction.withoutSecrets)
        since = link.timestamp
    }
}

extension Poller {
    /// Requests the rows of the view that is shown, which is reached by its name.
    func pollNamed(_ view: NamedView) async throws(ManagementError) {
        let scope = interest.scope
        let vhost = [.bindings, .streams, .topology].contains(view) ? scope.vhost ?? interest.vhost : nil
        let lists = NamedLists(lists, identity: identity)
        var part = try await asking(vhost) { () async throws(ManagementError) in
            try await lists.part(of: view, vhost: vhost, scope: scope)
        }
        if case .bindings(let list)? = part.rows, !configuration.showsOwn {
            let ours = own.queues
            part.rows = .bindings(
                list.keeping { $0.vhost != ExchangeListener.vhost || !ours.contains($0.destination) })
        }
        if case .topology(let topologies, let at)? = part.rows, !configuration.showsOwn {
            part.rows = .topology(topologies.map { withoutOwn($0) }, at: at)
        }
        if case .streams(var list)? = part.rows {
            for index in list.rows.indices where list.rows[index].lag == nil {
                guard let lag = lags.streams.lag(of: list.rows[index].id, at: clock.date()) else { continue }
                list.rows[index].lag = lag.messages
                list.rows[index].lagConnection = lag.connection
                list.rows[index].offsetSource = "the greatest lag that Prometheus tells (stream_consumer_metrics)"
            }
            part.rows = .streams(list)
        }
        inbox.post(.named(part))
    }

    /// Returns a topology without the queues that exist only because rabbittop watches the broker.
    private func withoutOwn(_ topology: Topology) -> Topology {
        let ours = own.queues
        guard topology.vhost == ExchangeListener.vhost, !ours.isEmpty else { return topology }
        return Topology(
            vhost: topology.vhost, exchanges: topology.exchanges,
            queues: topology.queues.filter { !ours.contains($0.queue.name) },
            bindings: topology.bindings.filter { !ours.contains($0.destination.name) }, rates: topology.rates,
            hasAllQueues: topology.hasAllQueues, gaps: topology.gaps)
    }
}

extension Optional<Scope> {
    /// The vhost of the queue or exchange that a view is narrowed to.
    fileprivate var vhost: Name? {
        switch self {
        case .queue(let id), .exchange(let id): id.vhost
        case .connection, .channel, .node, nil: nil
        }
    }
}
