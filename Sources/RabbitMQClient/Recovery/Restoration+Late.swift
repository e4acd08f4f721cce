import AMQPWire
import NIOCore
import Names

// Entities that another owner holds until the broker has detected the end of the lost connection.
extension Restoration {
    struct Late {
        var queues: [TopologyRecord.Queue] = []
        var bindings: [QueueBind] = []
        var consumers: [ConsumerQueue] = []

        var isEmpty: Bool { queues.isEmpty && bindings.isEmpty && consumers.isEmpty }
    }

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
        await scratch.close()
        report = self.report
        return report
    }

    private func tryLate(_ errors: inout [TopologyEntity: ClientError]) async throws(ClientError) {
        let queues = late.queues
        let results = try await scratch.perform(queues.map(\.restoringMethod))
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
        _ = try await scratch.perform(exchanges.map { .exchangeDeclare($0) } + binds.map { .exchangeBind($0) })
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
        for result in try await scratch.perform(methods) {
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
}
