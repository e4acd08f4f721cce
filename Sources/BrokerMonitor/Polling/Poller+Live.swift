import Foundation
import Names
import RabbitMQClient
import TopCore

extension Poller {
    /// The seconds for which a connection is kept that nothing on the screen needs.
    static let liveKeep = 30.0

    /// The result of the last poll in a vhost.
    enum LiveState {
        /// - Parameter refused: how many queues on the screen the user may not declare.
        case answered(refused: Int)
        case denied(SourceHealth.Trouble)
        case failed(SourceHealth.Trouble)
    }

    /// Returns the queues of the interest that may be declared, by vhost.
    func liveTargets() -> [Name: [Name]] {
        guard amqp != nil, !interest.frozen else { return [:] }
        var targets: [Name: [Name]] = [:]
        for id in interest.queues.prefix(50) where queues[id]?.isDeclarable == true && mayOpen(id.vhost) {
            // For a vhost whose name is not UTF-8 the depths come from other sources.
            guard id.vhost.isText else { continue }
            targets[id.vhost, default: []].append(id.name)
        }
        return targets
    }

    func liveSubjects() -> [Name: Int] {
        liveTargets().mapValues { Set($0).hashValue }
    }

    /// Whether the user has access to a vhost, as far as that is known.
    func mayOpen(_ vhost: Name) -> Bool {
        (access?.contains(vhost) ?? true) && !refusals.holds(vhost, .amqp, at: clock.uptime())
    }

    func pollLive(_ vhost: Name) async -> AskResult {
        // A dead one is probed, whatever is on the screen.
        let wanted = liveTargets()[vhost] ?? (plan.isDead(.amqp(vhost: vhost)) ? [] : nil)
        guard let amqp, let wanted, var configuration = amqp.inVhost(vhost) else { return .skipped }
        let names = trials[vhost]?.plan(wanted, at: clock.uptime()) ?? wanted
        guard !names.isEmpty || wanted.isEmpty else {
            note(.denied(Self.denial(vhost, trials[vhost]?.words)), of: vhost)
            return .refused
        }
        guard refusals.mayAsk(vhost, .amqp, at: clock.uptime()) else { return .skipped }
        configuration.connectionName = configuration.connectionName ?? "\(self.configuration.connectionName) watch"
        let address = amqp.endpointText
        var asker = live[vhost]
        if let old = asker, old.configuration.host != amqp.host || old.configuration.port != amqp.port {
            await old.close()
            asker = nil
        }
        let source = asker ?? LiveVhost(configuration: configuration, entrance: entrance, clock: clock)
        live[vhost] = source
        do throws(ClientError) {
            let answer = try await source.ask(names)
            refusals.admitted(vhost, .amqp)
            take(answer, of: vhost, wanted: wanted, asked: names.count)
            return .answered
        } catch {
            guard error.code != .cancelled else { return .skipped }
            let isRefusal = error.code == .accessRefused || error.code == .virtualHostRefused
            if error.isNoAccess { noteRefusal(in: vhost) }
            let trouble = error.isNoAccess ? Self.noLiveAccess(vhost) : entrance.trouble(error, at: address)
            note(isRefusal ? .denied(trouble) : .failed(trouble), of: vhost)
            return isRefusal ? .denied : .dead
        }
    }

    private func take(_ answer: LiveVhost.Answer, of vhost: Name, wanted: [Name], asked: Int) {
        let at = clock.date()
        meter.note(declares: asked)
        for name in answer.locked + answer.down { queues[EntityID(vhost: vhost, name: name)]?.isDeclarable = false }
        let gone = answer.gone.map { EntityID(vhost: vhost, name: $0) }
        for id in gone { queues[id] = nil }
        let depths = answer.declared.map { name, queue in
            let id = EntityID(vhost: vhost, name: name)
            let counts = queues[id]?.details.declareCountsConsumers ?? true
            return QueueDepth(
                id: id, ready: Int(queue.messageCount), consumers: counts ? Int(queue.consumerCount) : nil)
        }
        if !depths.isEmpty || !gone.isEmpty {
            inbox.post(.queuesLive(QueuesLivePart(at: at, depths: depths, gone: gone)))
        }
        let declared = answer.declared.map(\.name)
        if let denied = answer.denied {
            trials[vhost, default: DeclareTrials()]
                .denied(denied.name, denied.words, at: clock.uptime(), declared: declared)
        } else {
            trials[vhost]?.declared(declared)
        }
        let known = trials[vhost]?.known(of: wanted) ?? wanted.count
        if known == 0, !wanted.isEmpty {
            note(.denied(Self.denial(vhost, trials[vhost]?.words)), of: vhost)
        } else {
            note(.answered(refused: wanted.count - known), of: vhost)
        }
    }

    static func noAccess(_ vhost: Name) -> SourceHealth.Trouble {
        SourceHealth.Trouble(
            state: .denied, problem: "the user has no access to vhost '\(vhost)'",
            advice: "rabbitmqctl set_permissions -p '\(vhost)' USER '^$' '^$' '.*'")
    }

    static func noLiveAccess(_ vhost: Name) -> SourceHealth.Trouble {
        var trouble = noAccess(vhost)
        trouble.problem += ": its depths are some seconds old"
        return trouble
    }

    private static func denial(_ vhost: Name, _ words: String?) -> SourceHealth.Trouble {
        SourceHealth.Trouble(
            state: .denied,
            problem: "the user may not declare the queues of vhost '\(vhost)': their depths are some seconds old"
                + (words.map { " (\($0))" } ?? ""),
            advice: "From RabbitMQ 4.3 that needs a permission on them: rabbitmqctl set_permissions -p '\(vhost)' USER "
                + "'^$' '^$' '.*'")
    }

    /// Reports the state of live depths over all vhosts; it is live only while a row's depth is.
    func note(_ state: LiveState, of vhost: Name) {
        let shown = Set(interest.queues.map(\.vhost)).union([vhost])
        liveStates = liveStates.filter { shown.contains($0.key) }
        liveStates[vhost] = state
        var refused = 0
        var isLive = false
        var denial: SourceHealth.Trouble?
        for state in liveStates.values {
            switch state {
            case .failed(let trouble): return sourceHealth.failed(.amqp, trouble)
            case .denied(let trouble): denial = denial.map { $0.problem < trouble.problem ? $0 : trouble } ?? trouble
            case .answered(let count):
                isLive = true
                refused += count
            }
        }
        guard isLive else {
            if let denial { sourceHealth.failed(.amqp, denial) }
            return
        }
        guard believes(.amqp(vhost: vhost)) else { return }
        if refused > 0, denial == nil {
            denial = SourceHealth.Trouble(
                state: .live,
                problem: "the user may not declare \(refused) of the queues: their depths are some seconds old",
                advice: "From RabbitMQ 4.3 that needs a permission on them.")
        }
        sourceHealth.answered(
            .amqp, at: clock.date(), interval: max(0.2, interest.interval), problem: denial?.problem,
            advice: denial?.advice)
    }

    func closeUnusedConnections() async {
        guard !live.isEmpty else { return }
        let wanted = Set(interest.queues.map(\.vhost)).union(
            plan.dead.compactMap { source in if case .amqp(let vhost) = source { vhost } else { nil } })
        let now = clock.uptime()
        for (vhost, source) in live where !wanted.contains(vhost) {
            guard now - (await source.lastUse) > Self.liveKeep else { continue }
            live[vhost] = nil
            await source.close()
        }
    }
}
