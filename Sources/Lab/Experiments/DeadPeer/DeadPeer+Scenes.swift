import AMQPProxy
import Faults
import LocalBroker
import RabbitMQClient

// The three ways in which a peer is lost. Each creates what it needs, and removes it.
extension DeadPeer {
    /// Freezes a separate broker under the clients of all heartbeats at the same time; the run's own broker is needed
    /// by the others.
    func freezeBroker(_ plan: DeadPeerPlan) async throws -> [DeadPeerOutcome] {
        let node = try await BrokerNode.start(BrokerNode.Options { $0.plugins = [] })
        do {
            let outcomes = try await freezeBroker(node, plan)
            await node.remove()
            return outcomes
        } catch {
            await node.remove()
            throw error
        }
    }

    private func freezeBroker(_ node: BrokerNode, _ plan: DeadPeerPlan) async throws -> [DeadPeerOutcome] {
        let broker = LabBroker(
            configuration: ConnectionConfiguration(host: "127.0.0.1", port: node.ports.amqp), node: node)
        try await Self.propose(plan, broker)
        var subjects: [TrialSubject] = []
        do {
            for heartbeat in plan.heartbeats {
                let trial = DeadPeerTrial(scene: .brokerFrozen, heartbeat: heartbeat)
                subjects.append(try await TrialSubject.start(trial, broker, held: plan.held, context))
            }
            try await node.freeze()
            let fault = context.recorder.fault("broker frozen")
            for subject in subjects { subject.begin() }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for subject in subjects { group.addTask { try await subject.watch(within: plan.patience) } }
                try await group.waitForAll()
            }
            try await node.thaw()
            fault.ended()
            let outcomes = try await withThrowingTaskGroup(of: DeadPeerOutcome.self) { group in
                for subject in subjects { group.addTask { try await subject.revive() } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            await end(subjects)
            return outcomes
        } catch {
            await end(subjects)
            throw error
        }
    }

    /// Ends all concurrently, because each may take long with a frozen broker.
    private func end(_ subjects: [TrialSubject]) async {
        await withTaskGroup(of: Void.self) { group in
            for subject in subjects { group.addTask { await subject.end() } }
        }
    }

    /// Blocks the client's event loop thread; the broker has to notice.
    func freezeClient(_ plan: DeadPeerPlan, _ heartbeat: Int) async throws -> DeadPeerOutcome {
        let loop = StandingLoop()
        let trial = DeadPeerTrial(scene: .clientFrozen, heartbeat: heartbeat)
        do {
            let subject = try await TrialSubject.start(
                trial, context.broker, held: plan.held, context, on: loop.group)
            let outcome = try await watch(subject, plan, "client frozen, \(trial.name)") {
                await loop.stand()
                return { loop.goOn() }
            }
            await loop.end()
            return outcome
        } catch {
            await loop.end()
            throw error
        }
    }

    /// Passes nothing through the proxy in either direction; both sides have to notice.
    func swallow(_ plan: DeadPeerPlan, _ heartbeat: Int) async throws -> DeadPeerOutcome {
        let configuration = context.broker.configuration
        let proxy = try await ProxyServer.start(
            ProxyConfiguration(
                listen: ("127.0.0.1", 0), upstream: (configuration.host, configuration.port)), on: context.group)
        let trial = DeadPeerTrial(scene: .blackHole, heartbeat: heartbeat)
        do {
            let subject = try await TrialSubject.start(
                trial, context.broker, held: plan.held, context, port: proxy.port)
            let outcome = try await watch(subject, plan, "black hole, \(trial.name)") {
                let order = try FaultCatalogue.order(Fault(BlackHoleFault.self, for: 86_400))
                let injection = try await ProxyFaults(proxy).inject(order)
                return { _ = try await injection.undo?() }
            }
            await proxy.stop()
            return outcome
        } catch {
            await proxy.stop()
            throw error
        }
    }

    /// Watches a subject while its peer is silent, and ends it in any case.
    ///
    /// - Parameter silence: silences the peer; returns what ends that.
    private func watch(
        _ subject: TrialSubject, _ plan: DeadPeerPlan, _ words: String,
        silence: () async throws -> (() async throws -> Void)
    ) async throws -> DeadPeerOutcome {
        do {
            let goOn = try await silence()
            let fault = context.recorder.fault(words)
            subject.begin()
            let watched = await Self.result { try await subject.watch(within: plan.patience) }
            try await goOn()
            fault.ended()
            try watched.get()
            let outcome = try await subject.revive()
            await subject.end()
            return outcome
        } catch {
            await subject.end()
            throw error
        }
    }

    private static func result(_ body: () async throws -> Void) async -> Result<Void, any Error> {
        do {
            return .success(try await body())
        } catch {
            return .failure(error)
        }
    }
}
