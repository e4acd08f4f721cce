import Foundation
import Names

// Rules that need a single poll, or figures of the whole broker.
extension Diagnosis {
    /// Returns the location of a channel as text that does not change during its life.
    static func place(_ key: DiagnosisFacts.ChannelKey, _ clientName: String?) -> String {
        "\(place(connection: key.connection, clientName)), channel \(key.number)"
    }

    static func place(connection: String, _ clientName: String?) -> String {
        let peer = connection.firstRange(of: " -> ").map { String(connection[..<$0.lowerBound]) } ?? connection
        return clientName.map { "\($0) at \(peer)" } ?? peer
    }

    // MARK: Nodes and sources

    static func troubles(of nodes: [DiagnosisFacts.NodeFacts]) -> [Candidate] {
        var candidates: [Candidate] = []
        func say(_ rule: DiagnosisRule, _ place: String, _ what: String, _ advice: String, since: Date? = nil) {
            candidates.append(
                Candidate(
                    finding: Finding(rule, .critical, what: what, where: place, since: nil, advice: advice),
                    toldSince: since))
        }
        for node in nodes {
            guard node.isRunning else {
                say(
                    .nodeDown, "node \(node.name)", "is down",
                    "Start the node; until then queues whose only copy is there cannot be used.")
                continue
            }
            if node.memoryAlarm == true {
                say(
                    .alarm, "memory of node \(node.name)", "memory alarm: the broker takes no messages from anybody",
                    "Drain or purge long queues, or raise vm_memory_high_watermark; publishers wait until then.",
                    since: node.memoryAlarmSince)
            }
            if node.diskAlarm == true {
                say(
                    .alarm, "disk of node \(node.name)", "disk alarm: the broker takes no messages from anybody",
                    "Free disk space below disk_free_limit's mark; publishers wait until then.",
                    since: node.diskAlarmSince)
            }
            if !node.partitions.isEmpty {
                say(
                    .partition, "node \(node.name)",
                    "is partitioned from \(node.partitions.sorted().joined(separator: ", "))",
                    "Mend the network, then restart the nodes of the side that you trust less.")
            }
        }
        return candidates
    }

    static func troubles(of sources: [DiagnosisFacts.SourceFacts]) -> [Candidate] {
        sources.filter(\.isMissing).map { source in
            Candidate(
                finding: Finding(
                    .source, source.isVital ? .critical : .warning,
                    what: source.problem ?? "does not answer any more", where: "source \(source.name)",
                    since: source.lastSuccess,
                    advice: source.advice ?? "What it fed is as old as its last answer; see whether the broker runs."))
        }
    }

    // MARK: Publishers

    static func troubles(of connections: [DiagnosisFacts.ConnectionFacts]) -> [Candidate] {
        connections.filter { $0.state == "blocked" }.map { connection in
            let finding = Finding(
                .blockedPublisher, .warning, what: "publishes and is blocked: the broker does not read from it",
                where: place(connection: connection.name, connection.clientName), since: nil,
                advice: "Look for a memory or disk alarm; publishing goes on by itself when it is over.")
            return Candidate(
                finding: finding, subject: .connection(Name(connection.name)), toldSince: connection.blockedSince)
        }
    }

    // MARK: Clients

    func unknownChannels(
        _ clients: [DiagnosisFacts.ClientChannelFacts], _ subject: (DiagnosisFacts.ChannelKey) -> Subject
    ) -> [Candidate] {
        clients.filter { $0.isOpen && $0.isKnownToBroker == false }.map { client in
            let finding = Finding(
                .unknownChannel, .critical, what: "is open in the client, and the broker does not know it",
                where: Self.place(client.key, client.clientName), since: nil,
                advice: "Nothing passes there any more: close the channel, or restart the application.")
            return Candidate(finding: finding, subject: subject(client.key), wait: patience.unknownChannel)
        }
    }

    // MARK: Churn

    func troubles(of churn: DiagnosisFacts.ChurnFacts) -> [Candidate] {
        var candidates: [Candidate] = []
        // What opens and stays is growth; churn is what opens and closes.
        func check(
            _ rule: DiagnosisRule, _ things: String, _ opened: Double?, _ closed: Double?, _ limit: Double,
            _ advice: String, who: String
        ) {
            guard let opened, let closed, min(opened, closed) >= limit else { return }
            let rate = (min(opened, closed) * 10).rounded() / 10
            candidates.append(
                Candidate(
                    finding: Finding(
                        rule, .warning, what: "\(rate) \(things) are opened and closed in a second\(who)",
                        where: "cluster", since: nil, advice: advice), wait: patience.churn))
        }
        let most = memory.newcomers.filter { $0.value >= 3 }.max { ($0.value, $1.key) < ($1.value, $0.key) }
        check(
            .connectionChurn, "connections", churn.connectionsOpened, churn.connectionsClosed,
            patience.connectionsPerSecond,
            "Let the application keep one connection open; each new one costs the broker.",
            who: most.map { ", most by \($0.key)" } ?? "")
        check(
            .channelChurn, "channels", churn.channelsOpened, churn.channelsClosed, patience.channelsPerSecond,
            "Let the application keep its channels open, or take them from a pool.", who: "")
        return candidates
    }

    // MARK: Queues

    func growingQueues() -> [Candidate] {
        memory.queues.values.compactMap { trend in
            // A single additional message is not growth, and a queue that stopped growing no longer grows.
            guard trend.consumers == 0, trend.growths >= 2, let grewAt = trend.grewAt,
                trend.at.timeIntervalSince(grewAt) <= patience.standstill
            else { return nil }
            let grown = trend.ready - trend.readyThen
            let finding = Finding(
                .growingQueue, .warning,
                what:
                    "grows and has no consumer: \(String(counted: trend.ready, "message")), \(grown) more since it was seen",
                where: trend.key.words, since: trend.growsSince,
                advice:
                    "Start its consumer, or give it a limit (max-length or TTL by policy) before memory or disk ends.")
            return Candidate(
                finding: finding, subject: .queue(trend.key), wait: patience.growth, seenAt: trend.at)
        }
    }
}
