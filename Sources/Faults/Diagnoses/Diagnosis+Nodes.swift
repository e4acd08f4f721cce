import Foundation
import Names

// Rules about nodes and vhosts, and about what fills up.
extension Diagnosis {
    func troubles(of nodes: [DiagnosisFacts.NodeFacts]) -> [Candidate] {
        nodes.flatMap { node -> [Candidate] in
            guard node.isRunning else {
                return [
                    Self.trouble(
                        .nodeDown, .critical, node, "is down",
                        "Start the node; until then queues whose only copy is there cannot be used.")
                ]
            }
            var candidates = alarms(of: node) + limits(of: node)
            if !node.partitions.isEmpty {
                candidates.append(
                    Self.trouble(
                        .partition, .critical, node,
                        "is partitioned from \(node.partitions.sorted { Name($0) < Name($1) }.joined(separator: ", "))",
                        "Mend the network, then restart the nodes of the side that you trust less."))
            }
            if node.isInMaintenance == true {
                candidates.append(
                    Self.trouble(
                        .maintenance, .warning, node, "is in maintenance mode and accepts no connections",
                        "When the work is done: rabbitmq-upgrade revive."))
            }
            return candidates
        }
    }

    private func alarms(of node: DiagnosisFacts.NodeFacts) -> [Candidate] {
        var candidates: [Candidate] = []
        if node.memoryAlarm == true {
            candidates.append(
                Self.trouble(
                    .alarm, .critical, node, "memory alarm: the broker takes no messages from anybody",
                    "Drain or purge long queues, or raise vm_memory_high_watermark; publishers wait until then.",
                    aspect: .memory, since: node.memoryAlarmSince))
        }
        if node.diskAlarm == true {
            candidates.append(
                Self.trouble(
                    .alarm, .critical, node, "disk alarm: the broker takes no messages from anybody",
                    "Free disk space below disk_free_limit's mark; publishers wait until then.", aspect: .disk,
                    since: node.diskAlarmSince))
        }
        return candidates
    }

    /// Finds what is near a limit whose alarm is not raised yet.
    private func limits(of node: DiagnosisFacts.NodeFacts) -> [Candidate] {
        var candidates: [Candidate] = []
        if node.memoryAlarm != true, let memory = node.memory, let limit = node.memoryLimit, limit > 0,
            Double(memory) >= Double(limit) * Limit.memory
        {
            let percent = Self.figure((Double(memory) / Double(limit) * 100).rounded(.down))
            candidates.append(
                Self.trouble(
                    .nodeLimit, .warning, node,
                    "uses \(percent)% of its memory limit; above it the broker takes no messages",
                    "Drain or purge long queues, or raise vm_memory_high_watermark.", aspect: .memory))
        }
        if node.diskAlarm != true, let free = node.diskFree, let limit = node.diskFreeLimit, limit > 0,
            Double(free) < Double(limit) * Limit.disk
        {
            let times = Self.figure(Double(free) / Double(limit))
            candidates.append(
                Self.trouble(
                    .nodeLimit, .warning, node,
                    "has \(times) times its disk limit free; below the limit the broker takes no messages",
                    "Free disk space: drain queues, or remove old logs.", aspect: .disk))
        }
        return candidates
    }

    private static func trouble(
        _ rule: DiagnosisRule, _ severity: Finding.Severity, _ node: DiagnosisFacts.NodeFacts, _ what: String,
        _ advice: String, aspect: Aspect = .whole, since: Date? = nil
    ) -> Candidate {
        let place =
            switch aspect {
            case .memory: "memory of node \(node.name)"
            case .disk: "disk of node \(node.name)"
            case .whole, .length, .bytes, .client, .proxy, .member, .rule: "node \(node.name)"
            }
        let subject = FindingSubject.node(Name(node.name))
        return Candidate(
            key: Key(rule: rule, subject: subject, aspect: aspect),
            finding: {
                Finding(rule, severity, what: what, where: place, since: nil, advice: advice, subjects: [subject])
            }, toldSince: since)
    }

    // MARK: Vhosts

    static func troubles(of vhosts: [DiagnosisFacts.VhostFacts]) -> [Candidate] {
        Dictionary(grouping: vhosts, by: \.name).map { name, states in
            Candidate(
                key: Key(rule: .vhostState, subject: .vhost(name)),
                finding: {
                    let told = states.sorted { $0.node < $1.node }.prefix(5).map { "\($0.state) on \($0.node)" }
                    return Finding(
                        .vhostState, .critical, what: "is not running: \(told.joined(separator: ", "))",
                        where: "vhost '\(name)'", since: nil,
                        advice:
                            "Its queues on that node cannot be used: see the node's log, then rabbitmqctl restart_vhost.",
                        subjects: [.vhost(name)] + states.map { .node($0.node) })
                })
        }
    }

    // MARK: What fills up

    /// Finds queues and nodes that reach a limit within an hour if they go on as in the last minutes.
    ///
    /// - Parameter nodes: The nodes; `nil` when they were not polled this time.
    func filling(_ nodes: [DiagnosisFacts.NodeFacts]?) -> [Candidate] {
        var candidates: [Candidate] = []
        for (key, seen) in memory.notable where seen.fact.type != .stream {
            guard let limit = seen.fact.maxLength, let trend = memory.queues[key],
                Double(trend.ready) < Double(limit) * Limit.queueLength,
                let forecast = Self.forecast(of: trend, limit: limit),
                case .full(let seconds) = forecast.end, seconds <= Limit.horizon
            else { continue }
            candidates.append(
                Candidate(
                    key: Key(rule: .fillsUp, subject: .queue(key)),
                    finding: {
                        Finding(
                            .fillsUp, .warning,
                            what:
                                "grows by \(Self.figure(forecast.perSecond)) messages a second and is "
                                + "\(forecast.words) (\(trend.ready) of \(limit))",
                            where: key.words, since: nil,
                            advice: "Add consumers or slow the publishers; see what its overflow does then.",
                            subjects: [.queue(key)])
                    }, seenAt: trend.at, weight: -seconds))
        }
        for node in nodes ?? [] where node.isRunning {
            let trends = memory.nodes[Name(node.name)]
            if node.diskAlarm != true, let free = node.diskFree, let limit = node.diskFreeLimit,
                let slope = trends?.disk?.slope, slope < 0
            {
                candidates += Self.filling(node, .disk, (Double(free) - Double(limit)) / -slope, "disk limit")
            }
            if node.memoryAlarm != true, let used = node.memory, let limit = node.memoryLimit,
                let slope = trends?.memory?.slope, slope > 0
            {
                candidates += Self.filling(node, .memory, (Double(limit) - Double(used)) / slope, "memory limit")
            }
        }
        return candidates
    }

    private static func filling(
        _ node: DiagnosisFacts.NodeFacts, _ aspect: Aspect, _ seconds: Double, _ limit: String
    ) -> [Candidate] {
        guard seconds >= 0, seconds <= Limit.horizon else { return [] }
        return [
            trouble(
                .fillsUp, .warning, node, "reaches its \(limit) in about \(words(seconds)), as the last minutes went",
                "See which queues grow; at the limit the broker takes no messages from anybody.", aspect: aspect)
        ]
    }
}
