import AMQPWire
import NIOCore
import Names

/// Restores the content of a connection on a new socket: first the channels; then exchanges, queues and bindings on a
/// scratch channel, because a refusal closes the channel it occurs on; then the consumers. Failures are reported, and
/// the rest is still restored.
///
/// Used only by the recovery task.
final class Restoration {
    private let core: ConnectionCore
    private let policy: RecoveryPolicy
    private var scratch: ChannelCore?
    private(set) var report: RecoveryReport
    /// Entities that another owner holds until the broker has detected the end of the lost connection: exclusive queues
    /// (405) and consumers (403).
    private(set) var late = Late()
    private var failedQueues: [Name: ClientError] = [:]
    /// The tags of consumers that were refused with 403.
    private var barred: Set<Name> = []

    struct Late {
        var queues: [TopologyRecord.Queue] = []
        var bindings: [QueueBind] = []
        var consumers: [ConsumerQueue] = []

        var isEmpty: Bool { queues.isEmpty && bindings.isEmpty && consumers.isEmpty }
    }

    /// The number of requests in one write.
    private static let batch = 256

    init(_ core: ConnectionCore) {
        self.core = core
        policy = core.configuration.recovery
        report = RecoveryReport(lostAt: 0, reason: .noLongerAwaited(.connection))
    }

    /// Restores everything that can be restored. Throws when the connection is lost again.
    func run() async throws(ClientError) -> RecoveryReport {
        let channels = try await openChannels()
        if policy.restoresTopology {
            let record = core.state.withLockedValue { $0.topology }
            try await restoreExchanges(record)
            try await restoreQueues(record)
            // Read again: queues whose names the broker chooses have new names now.
            try await restoreBindings(core.state.withLockedValue { $0.topology })
        }
        for channel in channels { try await restoreConsumers(of: channel) }
        await closeScratch()
        return report
    }

    private func wants(_ entity: TopologyEntity) -> Bool { policy.topologyFilter?(entity) ?? true }

    private func failed(_ entity: TopologyEntity, _ error: ClientError, isTriedAgain: Bool = false) {
        let failure = RecoveryReport.Failure(
            entity: entity, message: error.closeReason?.text ?? error.message, code: error.closeReason?.code ?? 0,
            isTriedAgain: isTriedAgain)
        report.failures.append(failure)
        core.log(.notRestored(failure))
    }

    // MARK: Channels

    private func openChannels() async throws(ClientError) -> [ChannelCore] {
        let (channels, tuning) = core.state.withLockedValue { ($0.channels.ordered, $0.socket.tuning) }
        var restored: [ChannelCore] = []
        for channel in channels {
            guard tuning.channelMax == 0 || channel.number <= tuning.channelMax else {
                channel.failRestoring(
                    CloseReason(
                        initiator: .local, scope: .channel, code: ReplyCode.notAllowed.rawValue,
                        text: "this broker allows no more than \(tuning.channelMax) channels"))
                continue
            }
            guard channel.beginRestoring(frameMax: tuning.frameMax) else { continue }
            if try await open(channel) { restored.append(channel) }
        }
        report.channels = restored.count
        return restored
    }

    /// Returns false if the application closed the channel in the meantime, or the broker refuses it.
    private func open(_ channel: ChannelCore) async throws(ClientError) -> Bool {
        for result in await channel.call(channel.settings.openMethods, isRestoring: true) {
            guard case .failure(let error) = result else { continue }
            switch error.code {
            case .channelClosed: return false
            case .refused, .noAnswer:
                let reason = error.closeReason ?? .noLongerAwaited(.channel)
                guard reason.scope == .channel else { throw error }
                channel.failRestoring(reason)
                return false
            default: throw error
            }
        }
        return true
    }

    // MARK: Topology

    private func restoreExchanges(_ record: TopologyRecord) async throws(ClientError) {
        let exchanges = record.exchanges.filter { wants(TopologyEntity($0)) }
        let results = try await perform(exchanges.map { .exchangeDeclare($0) })
        for (exchange, result) in zip(exchanges, results) {
            switch result {
            case .success: report.exchanges += 1
            case .failure(let error): failed(TopologyEntity(exchange), error)
            }
        }
    }

    private func restoreQueues(_ record: TopologyRecord) async throws(ClientError) {
        let queues = record.queues.filter { wants(TopologyEntity($0)) }
        let results = try await perform(queues.map(\.restoringMethod))
        for (queue, result) in zip(queues, results) {
            switch result {
            case .success(let reply): restored(queue, reply)
            case .failure(let error) where error.closeReason?.code == ReplyCode.resourceLocked.rawValue:
                late.queues.append(queue)
                failed(TopologyEntity(queue), error, isTriedAgain: true)
            case .failure(let error):
                // It was not declared, so it may exist.
                if error.code != .channelsExhausted { failedQueues[queue.declare.queue] = error }
                failed(TopologyEntity(queue), error)
            }
        }
    }

    private func restored(_ queue: TopologyRecord.Queue, _ reply: Reply) {
        report.queues += 1
        guard queue.isServerNamed, case .queueDeclareOk(let ok) = reply.method else { return }
        core.queueRenamed(queue.declare.queue, to: ok.queue)
    }

    private func restoreBindings(_ record: TopologyRecord) async throws(ClientError) {
        let lateNames = Set(late.queues.map(\.declare.queue))
        late.bindings = record.bindings.filter { lateNames.contains($0.queue) && wants(TopologyEntity($0)) }
        // A queue that failed is reported once, not with each of its bindings.
        let queueBinds = record.bindings.filter {
            !lateNames.contains($0.queue) && failedQueues[$0.queue] == nil && wants(TopologyEntity($0))
        }
        let exchangeBinds = record.exchangeBindings.filter { wants(TopologyEntity($0)) }
        try await bind(queueBinds.map { (TopologyEntity($0), .queueBind($0)) })
        try await bind(exchangeBinds.map { (TopologyEntity($0), .exchangeBind($0)) })
    }

    private func bind(_ binds: [(entity: TopologyEntity, method: Method)]) async throws(ClientError) {
        let results = try await perform(binds.map(\.method))
        for (bind, result) in zip(binds, results) {
            switch result {
            case .success: report.bindings += 1
            case .failure(let error): failed(bind.entity, error)
            }
        }
    }

    // MARK: Consumers

    private func restoreConsumers(of channel: ChannelCore) async throws(ClientError) {
        var started: [ConsumerQueue] = []
        for consumer in channel.consumersToRestore {
            guard try await mayStart(consumer) else { continue }
            do throws(ClientError) {
                try await channel.restore(consumer)
                started.append(consumer)
                report.consumers += 1
            } catch {
                // The application ended the consumer, or closed the channel, in the meantime.
                if error.code == .cancelled { continue }
                if error.code == .channelClosed { return }
                // The refusal closed the channel: it is opened again with the consumers that were not refused.
                guard error.code == .refused, error.closeReason?.scope == .channel else { throw error }
                refused(consumer, error)
                try await reopen(channel, started)
            }
        }
    }

    private func refused(_ consumer: ConsumerQueue, _ error: ClientError) {
        let isHeld = error.closeReason?.code == ReplyCode.accessRefused.rawValue && consumer.isExclusiveOrLocked(error)
        failed(consumer.entity, error, isTriedAgain: isHeld)
        if isHeld {
            barred.insert(consumer.tag)
            late.consumers.append(consumer)
        } else {
            consumer.channel.fail(consumer, .consumerNotRestored(consumer, error))
        }
    }

    private func reopen(_ channel: ChannelCore, _ started: [ConsumerQueue]) async throws(ClientError) {
        guard channel.beginRestoring(frameMax: core.tuning.frameMax),
            try await open(channel)
        else { return }
        for consumer in started {
            do throws(ClientError) {
                try await channel.restore(consumer)
            } catch {
                if error.code == .cancelled { continue }
                if error.code == .channelClosed { return }
                throw error
            }
        }
    }

    /// Returns whether the consumer's queue exists; checked on the scratch channel, where a 404 does no harm.
    private func mayStart(_ consumer: ConsumerQueue) async throws(ClientError) -> Bool {
        guard policy.restoresTopology, wants(consumer.entity) else {
            let error = ClientError(
                .consumerCancelled, "Consumer '\(consumer.tag)' was not restored: the recovery policy leaves it out.")
            consumer.channel.fail(consumer, error)
            return false
        }
        let name = consumer.queueName
        if late.queues.contains(where: { $0.declare.queue == name }) {
            late.consumers.append(consumer)
            return false
        }
        if let error = failedQueues[name] {
            consumer.channel.fail(consumer, .consumerNotRestored(consumer, error))
            failed(consumer.entity, error)
            return false
        }
        let asked = try await perform([.queueDeclare(QueueDeclare(queue: name, passive: true))])
        guard case .failure(let error)? = asked.first, error.code != .channelsExhausted else { return true }
        if error.closeReason?.code == ReplyCode.resourceLocked.rawValue {
            late.consumers.append(consumer)
            failed(consumer.entity, error, isTriedAgain: true)
        } else {
            consumer.channel.fail(consumer, .consumerNotRestored(consumer, error))
            failed(consumer.entity, error)
        }
        return false
    }

    // MARK: Entities restored late

    /// Retries entities that another owner held, while the connection is in use: for three heartbeat intervals, by
    /// which the broker has detected the end of the lost connection, and for at least half a minute. Returns nil if the
    /// connection was lost or closed in the meantime.
    func runLate() async -> RecoveryReport? {
        guard var report = core.state.withLockedValue({ $0.record.lastRecovery }) else { return nil }
        let heartbeat = Int64(core.tuning.heartbeat)
        let deadline = NIODeadline.now() + max(.seconds(30), .seconds(heartbeat * 3))
        var pause = Duration.milliseconds(200)
        self.report = report
        self.report.failures.removeAll { $0.isTriedAgain }
        var errors: [TopologyEntity: ClientError] = [:]
        while !late.isEmpty, NIODeadline.now() < deadline {
            do {
                try await Task.sleep(for: pause)
                try await tryLate(&errors)
            } catch {
                // Any other error than the end of the connection, such as a missing reply, is retried.
                if Task.isCancelled || !core.isOpen { return nil }
            }
            pause = min(pause * 2, .seconds(2))
        }
        for (entity, error) in errors { failed(entity, error) }
        for consumer in late.consumers {
            let error = errors[consumer.entity] ?? errors[.queue(name: consumer.queueName)]
            consumer.channel.fail(consumer, .consumerNotRestored(consumer, error ?? .lost(report.reason)))
        }
        await closeScratch()
        report = self.report
        return report
    }

    private func tryLate(_ errors: inout [TopologyEntity: ClientError]) async throws(ClientError) {
        let queues = late.queues
        let results = try await perform(queues.map(\.restoringMethod))
        late.queues.removeAll()
        for (queue, result) in zip(queues, results) {
            switch result {
            case .success(let reply):
                errors[TopologyEntity(queue)] = nil
                restored(queue, reply)
            case .failure(let error):
                errors[TopologyEntity(queue)] = error
                late.queues.append(queue)
            }
        }
        let waiting = Set(late.queues.map(\.declare.queue))
        let binds = late.bindings.filter { !waiting.contains($0.queue) }
        if !binds.isEmpty { try await restoreAutoDeleted() }
        try await bind(binds.map { (TopologyEntity($0), .queueBind($0)) })
        late.bindings.removeAll { !waiting.contains($0.queue) }
        for consumer in late.consumers where !waiting.contains(consumer.queueName) {
            switch try await startLate(consumer) {
            case .started:
                errors[consumer.entity] = nil
                report.consumers += 1
            case .gone(let error): errors[consumer.entity] = error
            case .held(let error):
                errors[consumer.entity] = error
                continue
            }
            late.consumers.removeAll { $0 === consumer }
        }
    }

    private enum LateStart {
        case started
        /// To be tried again.
        case held(ClientError)
        /// The channel has closed and its consumers know why; or the application has ended the consumer, without an
        /// error.
        case gone(ClientError?)
    }

    /// The end of a lost connection deletes its exclusive queues with their bindings, and with the last binding also an
    /// auto-delete exchange that had already been declared again.
    private func restoreAutoDeleted() async throws(ClientError) {
        let record = core.state.withLockedValue { $0.topology }
        let exchanges = record.exchanges.filter { $0.autoDelete && wants(TopologyEntity($0)) }
        let names = Set(exchanges.map(\.exchange))
        let binds = record.exchangeBindings.filter { bind in
            (names.contains(bind.source) || names.contains(bind.destination)) && wants(TopologyEntity(bind))
        }
        _ = try await perform(exchanges.map { .exchangeDeclare($0) } + binds.map { .exchangeBind($0) })
    }

    /// The channel is in use: whether the broker would accept the consumer is tested on the scratch channel first.
    private func startLate(_ consumer: ConsumerQueue) async throws(ClientError) -> LateStart {
        var probe = consumer.consume
        probe.queue = consumer.queueName
        probe.consumerTag = Name(bytes: (Array("probe-".utf8) + consumer.tag.bytes).prefix(255))
        var methods: [Method] = [.queueDeclare(QueueDeclare(queue: consumer.queueName, passive: true))]
        // The probe would delete an auto-delete queue.
        let isAutoDelete = core.state.withLockedValue { state in
            state.topology.queues.contains { $0.declare.queue == consumer.queueName && $0.declare.autoDelete }
        }
        if probe.exclusive || barred.contains(consumer.tag), !isAutoDelete {
            probe.noAck = false
            methods += [
                .basicQos(BasicQos(prefetchCount: 1)), .basicConsume(probe),
                .basicCancel(BasicCancel(consumerTag: probe.consumerTag)),
            ]
        }
        for result in try await perform(methods) {
            if case .failure(let error) = result { return .held(error) }
        }
        guard consumer.isActive else { return .gone(nil) }
        do throws(ClientError) {
            try await consumer.channel.restore(consumer, isRestoring: false)
            return .started
        } catch {
            guard error.code == .refused || error.code == .channelClosed || error.code == .noAnswer else { throw error }
            return .gone(error)
        }
    }

    // MARK: The scratch channel

    /// Sends requests in order and returns the result of each. A refused request closes the scratch channel; the
    /// following ones are sent on another. If the application's own channels use all channel numbers there is no
    /// scratch channel, and all requests fail with `.channelsExhausted`.
    private func perform(_ methods: [Method]) async throws(ClientError) -> [Result<Reply, ClientError>] {
        var results: [Result<Reply, ClientError>] = []
        while results.count < methods.count {
            let channel: ChannelCore
            do throws(ClientError) {
                channel = try await scratchChannel()
            } catch {
                guard error.code == .channelsExhausted else { throw error }
                return results + repeatElement(.failure(error), count: methods.count - results.count)
            }
            let batch = Array(methods[results.count...].prefix(Self.batch))
            for result in await channel.call(batch, isRestoring: true) {
                if case .failure(let error) = result {
                    guard error.code == .refused, error.closeReason?.scope == .channel else {
                        // Apart from a consumer's late reply, replies are lost only because of an earlier refusal.
                        if error.code == .invalidArgument {
                            results.append(result)
                            continue
                        }
                        throw error
                    }
                    results.append(result)
                    scratch = nil
                    break
                }
                results.append(result)
            }
        }
        return results
    }

    private func scratchChannel() async throws(ClientError) -> ChannelCore {
        if let scratch, scratch.closeReason == nil { return scratch }
        let channel = try await core.openScratchChannel()
        scratch = channel
        return channel
    }

    private func closeScratch() async {
        guard let channel = scratch else { return }
        scratch = nil
        try? await channel.close(code: 200, text: "Restored")
    }
}

extension TopologyRecord.Queue {
    /// The declaration; with an empty name if the broker chose the old one.
    fileprivate var restoringMethod: Method {
        var declare = self.declare
        if isServerNamed { declare.queue = "" }
        return .queueDeclare(declare)
    }
}

extension ConsumerQueue {
    fileprivate var entity: TopologyEntity { .consumer(tag: tag, queue: queueName) }

    /// Whether a refusal may end when the broker drops the consumer of the lost connection: an exclusive consumer
    /// excludes all others.
    fileprivate func isExclusiveOrLocked(_ error: ClientError) -> Bool {
        consume.exclusive || error.closeReason?.text.containsBytes(of: "exclusive") ?? false
    }
}

extension ClientError {
    fileprivate static func consumerNotRestored(_ consumer: ConsumerQueue, _ error: ClientError) -> ClientError {
        ClientError(
            .consumerCancelled,
            "Consumer '\(consumer.tag)' of queue '\(consumer.queueName)' could not go on after the connection came back: "
                + (error.closeReason?.text ?? error.message),
            closeReason: error.closeReason)
    }
}
