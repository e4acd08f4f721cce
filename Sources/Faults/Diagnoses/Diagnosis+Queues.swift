import Foundation
import Names

// Rules about queues: growth, limits, age, states and members.
extension Diagnosis {
    // MARK: Growth

    func growingQueues() -> [Candidate] {
        let notable = memory.notable
        return memory.queues.values.compactMap { trend in
            // A single additional message is not growth, and a queue that stopped growing no longer grows.
            guard trend.consumers == 0, trend.growths >= 2, let grewAt = trend.grewAt,
                trend.at.timeIntervalSince(grewAt) <= patience.standstill
            else { return nil }
            return Candidate(
                key: Key(rule: .growingQueue, subject: .queue(trend.key)),
                finding: {
                    let grown = trend.ready - trend.readyThen
                    let forecast = Self.forecast(of: trend, limit: notable[trend.key]?.fact.maxLength)
                    let end = forecast.map { ", \($0.words)" } ?? ""
                    return Finding(
                        .growingQueue, .warning,
                        what:
                            "grows and has no consumer: \(String(counted: trend.ready, "message")), \(grown) more since it was seen\(end)",
                        where: trend.key.words, since: trend.growsSince,
                        advice:
                            "Start its consumer, or give it a limit (max-length or TTL by policy) before memory or disk ends.",
                        subjects: [.queue(trend.key)])
                }, since: trend.growsSince, wait: patience.growth, seenAt: trend.at, weight: Double(trend.ready))
        }
    }

    // MARK: Limits

    /// Finds queues at or near their maximum length.
    func limitedQueues() -> [Candidate] {
        memory.notable.flatMap { key, seen in
            let queue = seen.fact
            // A stream's limit is what it keeps, not what it can take.
            guard queue.type != .stream, queue.maxLength != nil || queue.maxLengthBytes != nil else {
                return [Candidate]()
            }
            let trend = memory.queues[key]
            let isTrendNewer = trend.map { $0.at >= seen.at } ?? false
            let ready = isTrendNewer ? trend?.ready : queue.ready
            let seenAt = isTrendNewer ? trend?.at ?? seen.at : seen.at
            return [
                limited(queue, .length, ready, queue.maxLength, seenAt),
                limited(queue, .bytes, queue.messageBytes, queue.maxLengthBytes, seenAt),
            ].compactMap(\.self)
        }
    }

    private func limited(
        _ queue: DiagnosisFacts.QueueDetailFacts, _ aspect: Aspect, _ value: Int?, _ limit: Int?, _ seenAt: Date
    ) -> Candidate? {
        guard let value, let limit, limit >= 0, value > 0 || limit == 0,
            Double(value) >= Double(limit) * Limit.queueLength
        else { return nil }
        return Candidate(
            key: Key(rule: .queueLimit, subject: .queue(queue.key), aspect: aspect),
            finding: {
                let isFull = value >= limit
                let unit = aspect == .bytes ? "bytes" : "messages"
                let name = aspect == .bytes ? "max-length-bytes" : "max-length"
                let refuses = queue.overflow != .dropHead
                let effect =
                    switch queue.overflow {
                    case .dropHead: "drops its oldest message for each new one"
                    case .rejectPublish: "refuses new messages"
                    case .rejectPublishDeadLetter: "refuses new messages and dead-letters them"
                    }
                let what =
                    isFull
                    ? "is full (\(value) of \(limit) \(unit)): it \(effect)"
                    : "has \(value) of at most \(limit) \(unit); at its limit it \(effect)"
                return Finding(
                    .queueLimit, isFull && refuses ? .critical : .warning, what: what, where: queue.key.words,
                    since: nil,
                    advice: "Consume faster, or raise \(name) if the queue may hold more.",
                    subjects: [.queue(queue.key)])
            }, seenAt: seenAt, weight: Double(value) / Double(max(limit, 1)))
    }

    // MARK: Age

    /// Finds queues whose oldest message waits for long, although there are consumers.
    func oldMessages(at now: Date) -> [Candidate] {
        memory.notable.compactMap { key, seen in
            guard let head = seen.fact.headMessageAt else { return nil }
            let trend = memory.queues[key]
            let consumers = trend?.consumers ?? seen.fact.consumers
            guard let consumers, consumers > 0, trend != nil || seen.fact.ready ?? 0 > 0 else { return nil }
            let age = seen.at.timeIntervalSince(head)
            guard age >= Limit.messageAge else { return nil }
            return Candidate(
                key: Key(rule: .oldMessage, subject: .queue(key)),
                finding: {
                    let whole = String(counted: consumers, "consumer")
                    return Finding(
                        .oldMessage, .warning,
                        what: "its oldest message is \(Self.words(age)) old by its timestamp, with \(whole)",
                        where: key.words, since: head + Limit.messageAge,
                        advice: "Add consumers, or see why they are slow; messages with a TTL expire meanwhile.",
                        subjects: [.queue(key)])
                }, since: head + Limit.messageAge, seenAt: seen.at, weight: age)
        }
    }

    // MARK: States

    /// Whether a rule may find a problem in the details of a queue.
    static func isNotable(_ queue: DiagnosisFacts.QueueDetailFacts) -> Bool {
        if queue.maxLength != nil || queue.maxLengthBytes != nil || queue.headMessageAt != nil { return true }
        if let state = queue.state, state == "minority" || severity(ofQueueState: state) != nil { return true }
        if let members = queue.members, let online = queue.onlineMembers, online.count < members.count { return true }
        if let lags = queue.memberLags, !lags.isEmpty { return true }
        return isLoop(queue.deliverRate, queue.redeliverRate, queue.ackRate)
    }

    /// Finds queues in a state other than running.
    func queueStates() -> [Candidate] {
        memory.notable.compactMap { key, seen in
            guard let state = seen.fact.state, let severity = Self.severity(ofQueueState: state) else { return nil }
            return Candidate(
                key: Key(rule: .queueState, subject: .queue(key)),
                finding: {
                    Finding(
                        .queueState, severity, what: "is \(state)", where: key.words, since: nil,
                        advice:
                            severity == .critical
                            ? "It takes and gives no messages: see whether its node runs, and its log."
                            : "Wait for it to be running again; if it does not end, see the log of its node.",
                        subjects: [.queue(key)])
                }, seenAt: seen.at, weight: severity == .critical ? 1 : 0)
        }
    }

    /// Returns how serious a state is; `nil` for one in which a queue works.
    private static func severity(ofQueueState state: String) -> Finding.Severity? {
        switch state {
        // A queue in flow makes its publishers wait, as it should. A minority is told with its members.
        case "running", "idle", "flow", "live", "minority": nil
        case "down", "stopped", "crashed", "terminated", "timeout", "noproc", "leader_unknown": .critical
        default: .warning
        }
    }

    // MARK: Members

    /// Finds replicated queues without a majority, and those that lack members.
    ///
    /// Many queues that lack the same nodes have one cause, and are one finding.
    func missingMembers() -> [Candidate] {
        var candidates: [Candidate] = []
        var lacking: [[Name]: [DiagnosisMemory.Seen<DiagnosisFacts.QueueDetailFacts>]] = [:]
        for (_, seen) in memory.notable {
            let queue = seen.fact
            guard let members = queue.members, let online = queue.onlineMembers, !members.isEmpty else {
                if queue.state == "minority" { candidates.append(withoutMajority(seen, members: nil, missing: [])) }
                continue
            }
            guard online.count < members.count || queue.state == "minority" else { continue }
            let missing = Set(members).subtracting(online).sorted()
            if queue.state == "minority" || (members.count - missing.count) * 2 <= members.count {
                candidates.append(withoutMajority(seen, members: members.count, missing: missing))
            } else if !missing.isEmpty {
                lacking[missing, default: []].append(seen)
            }
        }
        for (missing, queues) in lacking { candidates += lackMembers(missing, queues) }
        return candidates
    }

    private func withoutMajority(
        _ seen: DiagnosisMemory.Seen<DiagnosisFacts.QueueDetailFacts>, members: Int?, missing: [Name]
    ) -> Candidate {
        let key = seen.fact.key
        return Candidate(
            key: Key(rule: .missingMember, subject: .queue(key)),
            finding: {
                let count = members.map { ": \($0 - missing.count) of \($0) members are online" } ?? ""
                let nodes = missing.isEmpty ? "its nodes that are down" : missing.map(\.text).joined(separator: ", ")
                return Finding(
                    .missingMember, .critical, what: "has no majority\(count); it takes and gives no messages",
                    where: key.words, since: nil, advice: "Start \(nodes).",
                    subjects: [.queue(key)] + missing.map { .node($0) })
            }, seenAt: seen.at, weight: .infinity)
    }

    private func lackMembers(
        _ missing: [Name], _ queues: [DiagnosisMemory.Seen<DiagnosisFacts.QueueDetailFacts>]
    ) -> [Candidate] {
        let names = missing.map(\.text).joined(separator: ", ")
        let advice = "Start \(names); until then the loss of more nodes stops the queue."
        guard queues.count > 3 else {
            return queues.map { seen in
                let key = seen.fact.key
                return Candidate(
                    key: Key(rule: .missingMember, subject: .queue(key)),
                    finding: {
                        Finding(
                            .missingMember, .warning, what: "lacks its member on \(names)", where: key.words,
                            since: nil, advice: advice, subjects: [.queue(key)] + missing.map { .node($0) })
                    }, seenAt: seen.at)
            }
        }
        return [
            Candidate(
                key: Key(rule: .missingMember, subject: .node(missing[0])),
                finding: {
                    let keys = queues.map(\.fact.key).sorted { ($0.vhost, $0.name) < ($1.vhost, $1.name) }
                    let named = keys.prefix(3).map(\.words).joined(separator: ", ")
                    return Finding(
                        .missingMember, .warning,
                        what: "\(queues.count) queues lack their member on \(names), such as \(named)",
                        where: "node \(missing[0])", since: nil, advice: advice,
                        subjects: missing.map { .node($0) } + keys.map { .queue($0) })
                }, seenAt: queues.map(\.at).max(), weight: Double(queues.count))
        ]
    }
}
