import LocalBroker
import RabbitMQClient

extension BrokerRestart {
    private var policy: RecoveryPolicy {
        RecoveryPolicy(
            base: context.settings.seconds("backoff-base"), cap: context.settings.seconds("backoff-cap"),
            retriesFirstConnect: true)
    }

    func runRobust(_ outages: [RestartOutage], on node: BrokerNode) async throws(LabError) {
        let (recorder, policy, heartbeat) = (context.recorder, self.policy, self.heartbeat)
        let watch = RecoveryWatch(recorder)
        let storeLives = Count()
        try await context.withStore(policy: policy) { news in
            switch news {
            case .failing(let error, _, _): recorder.error(error, application: RecoveryWatch.Part.database.rawValue)
            case .works: watch.works(.database, life: storeLives.add())
            }
        } _: { store throws(LabError) in
            let change = { (configuration: inout ConnectionConfiguration) in
                configuration.recovery = policy
                configuration.heartbeat = heartbeat
                configuration.connectTimeout = Self.connectTimeout
            }
            try await context.withConnection(RecoveryWatch.Part.publisher.rawValue, change) {
                publishing throws(LabError) in
                try await context.withConnection(RecoveryWatch.Part.consumer.rawValue, change) {
                    consuming throws(LabError) in
                    let service = RobustService(
                        context: context, watch: watch, store: store, publishing: publishing, consuming: consuming,
                        policy: policy, queue: context.unique("orders"),
                        numbers: OrderNumbers(count: orders, outages: outages.count),
                        storeLives: storeLives)
                    try await run(service, outages, maker(node, database: store.path))
                }
            }
            do throws(OrderStoreError) {
                recorder.detail("stored", .integer(try await store.count()))
            } catch {
                throw LabError(error)
            }
        }
    }

    private func run(_ service: RobustService, _ outages: [RestartOutage], _ maker: OutageMaker) async throws(LabError)
    {
        try await context.declareQueue(service.queue, on: service.consuming)
        await context.broker.syncDeclarations()
        try await service.withHealth(port: context.settings.integer("health-port")) { health throws(LabError) in
            try await Alongside.run {
                () async throws(LabError) in
                try await service.run()
            } work: {
                () async throws(LabError) in
                try await live(through: outages, service, health, maker)
            }
            context.recorder.detail("known", .integer(service.known.value))
        }
    }

    /// Makes all outages, and waits until every order has reached the database, or the broker did not come back.
    private func live(
        through outages: [RestartOutage], _ service: RobustService, _ health: HealthWatch, _ maker: OutageMaker
    ) async throws(LabError) {
        for (number, outage) in outages.enumerated() {
            // The client resets its attempts for a connection that lived for ten seconds, or for the cap.
            let steady = ContinuousClock.now + min(.seconds(10), policy.cap)
            await until(service.numbers.due(number)) { $0.confirmed }
            try? await Task.sleep(until: steady)
            if Task.isCancelled { return }
            guard try await live(through: outage, number, service, health, maker) else { return }
        }
        while context.recorder.counts.confirmed < orders, service.publishing.closeReason == nil {
            do { try await Task.sleep(for: .milliseconds(10)) } catch { return }
        }
        await context.untilConsumed(patience: .seconds(10))
    }

    /// Makes one outage, and waits for the recovery.
    ///
    /// - Returns: false if the broker did not come back.
    private func live(
        through outage: RestartOutage, _ number: Int, _ service: RobustService, _ health: HealthWatch,
        _ maker: OutageMaker
    ) async throws(LabError) -> Bool {
        let fault = context.recorder.fault(outage.story)
        var lives: [RecoveryWatch.Part: Int] = [.health: health.lives]
        if outage.isOfBroker {
            lives[.publisher] = service.publishing.recoveries
            lives[.consumer] = service.consuming.recoveries
        } else {
            lives[.database] = service.storeLives.value
        }
        service.watch.begin(outage, fault, lives: lives)
        guard try await make(outage, fault, by: maker) else {
            context.recorder.detail("broker_came_back", .flag(false))
            return false
        }
        service.numbers.outageIsOver(number)
        for part in await service.watch.end(limit: patience) where !Task.isCancelled {
            context.recorder.note("\(part.rawValue) did not recover from \(outage.rawValue) within \(patience)")
        }
        return true
    }
}
