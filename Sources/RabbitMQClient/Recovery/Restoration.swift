import AMQPWire
import NIOCore
import Names

/// Restores the content of a connection on a new socket: first the channels; then exchanges, queues and bindings on a
/// scratch channel, because a refusal closes the channel it occurs on; then the consumers. Failures are reported, and
/// the rest is still restored.
///
/// Used only by the recovery task. What other owners hold is restored later: `Restoration+Late.swift`.
final class Restoration {
    let core: ConnectionCore
    private let policy: RecoveryPolicy
    let scratch: ScratchChannel
    var report: RecoveryReport
    /// Entities that another owner holds until the broker has detected the end of the lost connection: exclusive queues
    /// (405) and consumers (403).
    var late = Late()
    private var failedQueues: [Name: ClientError] = [:]
    /// The tags of consumers that were refused with 403.
    private(set) var barred: Set<Name> = []

    init(_ core: ConnectionCore) {
        self.core = core
        policy = core.configuration.recovery
        scratch = ScratchChannel(core)
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
        await scratch.close()
        return report
    }

    func wants(_ entity: TopologyEntity) -> Bool { policy.topologyFilter?(entity) ?? true }

    func failed(_ entity: TopologyEntity, _ error: ClientError, isTriedAgain: Bool = false) {
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
        let results = try await scratch.perform(exchanges.map { .exchangeDeclare($0) })
        for (exchange, result) in zip(exchanges, results) {
            switch result {
            case .success: report.exchanges += 1
            case .failure(let error): failed(TopologyEntity(exchange), error)
            }
        }
    }

    private func restoreQueues(_ record: TopologyRecord) async throws(ClientError) {
        let queues = record.queues.filter { wants(TopologyEntity($0)) }
        let results = try await scratch.perform(queues.map(\.restoringMethod))
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

    func restored(_ queue: TopologyRecord.Queue, _ reply: Reply) {
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

    func bind(_ binds: [(entity: TopologyEntity, method: Method)]) async throws(ClientError) {
        let results = try await scratch.perform(binds.map(\.method))
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
        let asked = try await scratch.perform([.queueDeclare(QueueDeclare(queue: name, passive: true))])
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
}

extension TopologyRecord.Queue {
    /// The declaration; with an empty name if the broker chose the old one.
    var restoringMethod: Method {
        var declare = self.declare
        if isServerNamed { declare.queue = "" }
        return .queueDeclare(declare)
    }
}

extension ConsumerQueue {
    var entity: TopologyEntity { .consumer(tag: tag, queue: queueName) }

    /// Whether a refusal may end when the broker drops the consumer of the lost connection: an exclusive consumer
    /// excludes all others.
    fileprivate func isExclusiveOrLocked(_ error: ClientError) -> Bool {
        consume.exclusive || error.closeReason?.text.containsBytes(of: "exclusive") ?? false
    }
}

extension ClientError {
    static func consumerNotRestored(_ consumer: ConsumerQueue, _ error: ClientError) -> ClientError {
        ClientError(
            .consumerCancelled,
            "Consumer '\(consumer.tag)' of queue '\(consumer.queueName)' could not go on after the connection came back: "
                + (error.closeReason?.text ?? error.message),
            closeReason: error.closeReason)
    }
}
