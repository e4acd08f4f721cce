import AMQPWire
import NIOCore
import Names

/// Makes again what was on a connection, on a new socket: channels first, then exchanges, queues and bindings on a scratch
/// channel, as a refusal closes the channel it comes on, then consumers. What fails is reported, and the others go on.
///
/// Used by one task at a time, the recovery's own.
final class Restoration {
    private let core: ConnectionCore
    private let policy: RecoveryPolicy
    private var scratch: ChannelCore?
    private(set) var report: RecoveryReport
    /// What another owner holds until the broker has noticed the end of the lost connection: exclusive queues (405) and
    /// consumers (403).
    private(set) var late = Late()
    private var failedQueues: [Name: ClientError] = [:]
    /// Tags of consumers that were refused with 403.
    private var barred: Set<Name> = []

    struct Late {
        var queues: [TopologyRecord.Queue] = []
        var bindings: [QueueBind] = []
        var consumers: [ConsumerQueue] = []

        var isEmpty: Bool { queues.isEmpty && bindings.isEmpty && consumers.isEmpty }
    }

    /// How many requests share one write.
    private static let batch = 256

    init(_ core: ConnectionCore) {
        self.core = core
        policy = core.configuration.recovery
        report = RecoveryReport(lostAt: 0, reason: .noLongerAwaited(.connection))
    }

    /// Restores all that can be. Throws when the connection is lost again.
    func run() async throws(ClientError) -> RecoveryReport {
        let channels = try await openChannels()
        if policy.restoresTopology {
            let record = core.state.withLockedValue { $0.topology }
            try await restoreExchanges(record)
            try await restoreQueues(record)
            // The names of queues that the broker names are other ones now.
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
        let (channels, tuning) = core.state.withLockedValue { state in
            (state.channels.values.sorted { $0.number < $1.number }, state.tuning)
        }
        var restored: [ChannelCore] = []
        for channel in channels {
            guard tuning.channelMax == 0 || channel.number <= tuning.channelMax else {
                channel.endRestoring(
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

    /// False when the application closed it meanwhile, or the broker refuses it.
    private func open(_ channel: ChannelCore) async throws(ClientError) -> Bool {
        for result in await channel.call(channel.openMethods, isRestoring: true) {
            guard case .failure(let error) = result else { continue }
            switch error.code {
            case .channelClosed: return false
            case .refused, .noAnswer:
                let reason = error.closeReason ?? .noLongerAwaited(.channel)
                guard reason.scope == .channel else { throw error }
                channel.endRestoring(reason)
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
                // Not asked for, it may well be there.
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
                // The application ended the consumer, or closed the channel, meanwhile.
                if error.code == .cancelled { continue }
                if error.code == .channelClosed { return }
                // The refusal closed the channel: it is opened again, with those consumers that were not refused.
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
        guard channel.beginRestoring(frameMax: core.state.withLockedValue { $0.tuning.frameMax }),
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

    /// Whether its queue is there; asked on the scratch channel, where a 404 does no harm.
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

    // MARK: Latecomers

    /// Tries again what another owner held, while the connection is in use: for three heartbeats, after which the broker has
    /// noticed the end of a lost connection, and half a minute at least. Nil when the connection was lost or closed meanwhile.
    func runLate() async -> RecoveryReport? {
        guard var report = core.state.withLockedValue({ $0.lastRecovery }) else { return nil }
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
                // Something else than the end of the connection, such as an answer that did not come, is tried again.
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
        /// It is to be tried again.
        case held(ClientError)
        /// Its channel has closed, and told its consumers why; or the application has ended it, without an error.
        case gone(ClientError?)
    }

    /// A lost connection's end takes its exclusive queues with their bindings, and with its last binding an auto-delete
    /// exchange, which was declared again before that.
    private func restoreAutoDeleted() async throws(ClientError) {
        let record = core.state.withLockedValue { $0.topology }
        let exchanges = record.exchanges.filter { $0.autoDelete && wants(TopologyEntity($0)) }
        let names = Set(exchanges.map(\.exchange))
        let binds = record.exchangeBindings.filter { bind in
            (names.contains(bind.source) || names.contains(bind.destination)) && wants(TopologyEntity(bind))
        }
        _ = try await perform(exchanges.map { .exchangeDeclare($0) } + binds.map { .exchangeBind($0) })
    }

    /// The channel is in use: whether the broker would take the consumer is tried on the scratch channel first.
    private func startLate(_ consumer: ConsumerQueue) async throws(ClientError) -> LateStart {
        var probe = consumer.consume
        probe.queue = consumer.queueName
        probe.consumerTag = Name(bytes: (Array("probe-".utf8) + consumer.tag.bytes).prefix(255))
        var methods: [Method] = [.queueDeclare(QueueDeclare(queue: consumer.queueName, passive: true))]
        // An auto-delete queue would go with the probe.
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

    /// Sends requests in order and returns an answer to each. One that is refused closes the scratch channel; the next ones
    /// are sent on another. Where the application's own channels have all the numbers there is no scratch channel, and all
    /// of them fail with `.channelsExhausted`.
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
                        // A consumer's late answer aside, nothing is lost but by a refusal before it.
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
    /// Asks for another name where the broker chose the old one.
    fileprivate var restoringMethod: Method {
        var declare = self.declare
        if isServerNamed { declare.queue = "" }
        return .queueDeclare(declare)
    }
}

extension ConsumerQueue {
    fileprivate var entity: TopologyEntity { .consumer(tag: tag, queue: queueName) }

    /// Whether a refusal may end when the broker drops the consumer of the lost connection: an exclusive one bars all others.
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
