import Foundation
import RabbitMQClient
import TopCore

extension Conductor {
    /// For how long a connection is kept that nothing on the screen needs.
    static let liveKeep = 30.0

    /// The queues of the interest that may be declared, by vhost.
    func liveTargets() -> [String: [String]] {
        guard amqp != nil, !interest.frozen else { return [:] }
        var targets: [String: [String]] = [:]
        for id in interest.queues.prefix(50) where queues[id]?.isDeclarable == true {
            targets[id.vhost, default: []].append(id.name)
        }
        return targets
    }

    func liveSubjects() -> [String: Int] {
        liveTargets().mapValues { Set($0).hashValue }
    }

    func pollLive(_ vhost: String) async -> AskResult {
        guard let amqp, let names = liveTargets()[vhost] else { return .skipped }
        var configuration = amqp
        configuration.virtualHost = vhost
        configuration.connectionName = configuration.connectionName ?? "\(self.configuration.connectionName) watch"
        let address = "\(amqp.host):\(amqp.port)"
        var asker = live[vhost]
        if let old = asker, old.configuration.host != amqp.host || old.configuration.port != amqp.port {
            await old.close()
            asker = nil
        }
        let source = asker ?? LiveVhost(configuration: configuration, group: group, own: own, logger: logger)
        live[vhost] = source
        do throws(ClientError) {
            let answer = try await source.ask(names)
            let at = Date()
            meter.note(declares: names.count)
            for name in answer.locked { queues[EntityID(vhost: vhost, name: name)]?.isDeclarable = false }
            let gone = answer.gone.map { EntityID(vhost: vhost, name: $0) }
            for id in gone { queues[id] = nil }
            let depths = answer.declared.map { name, queue in
                let id = EntityID(vhost: vhost, name: name)
                // A stream's consumers are not counted by a declare.
                let counts = queues[id]?.details.type != "stream"
                return QueueDepth(
                    id: id, ready: Int(queue.messageCount), consumers: counts ? Int(queue.consumerCount) : nil)
            }
            if !depths.isEmpty || !gone.isEmpty {
                inbox.post(.queuesLive(QueuesLivePart(at: at, depths: depths, gone: gone)))
            }
            board.answered(.amqp, at: at, interval: max(0.2, interest.interval))
            return .answered
        } catch {
            guard error.code != .cancelled else { return .skipped }
            board.failed(.amqp, SourceBoard.Trouble(error, address: address))
            return error.code == .accessRefused || error.code == .virtualHostRefused ? .denied : .dead
        }
    }

    func closeUnusedConnections() async {
        guard !live.isEmpty else { return }
        let wanted = Set(interest.queues.map(\.vhost))
        let now = Uptime.now
        for (vhost, source) in live where !wanted.contains(vhost) {
            guard now - (await source.lastUse) > Self.liveKeep else { continue }
            live[vhost] = nil
            await source.close()
        }
        if live.isEmpty, board.status(.amqp)?.state == .live { board.set(.amqp, .off) }
    }
}
