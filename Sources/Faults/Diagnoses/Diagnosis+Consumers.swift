import Foundation
import Names

// Rules about consumers that hold their deliveries, and consumers that receive none.
extension Diagnosis {
    func consumers(at now: Date) -> [Candidate] {
        var candidates: [Candidate] = []
        let highest = highestPriorities()
        for (key, trend) in memory.channels {
            let channel = trend.fact
            let rows = memory.consumers[key]?.fact ?? []
            let limit = Self.limit(of: channel, rows)
            let isFull = limit.map { $0 > 0 && channel.unacked ?? 0 >= $0 } ?? false
            // A consumer that rejects all deliveries does not ack either, but receives new ones.
            if isFull, !Self.flows(channel.ackRate), !Self.flows(channel.deliverRate) {
                candidates.append(heldPrefetch(trend, rows))
            }
            if let candidate = timeoutAhead(trend, rows, isFull: isFull) { candidates.append(candidate) }
            guard !isFull, !Self.flows(channel.deliverRate) else { continue }
            for row in rows where row.isActive != false && (row.priority ?? 0) >= highest[row.queue] ?? Int.min {
                guard let queue = memory.queues[row.queue], queue.ready > 0 else { continue }
                candidates.append(silent(row, trend, queue))
            }
        }
        return candidates
    }

    private func heldPrefetch(_ trend: ChannelTrend, _ rows: [DiagnosisFacts.ConsumerFacts]) -> Candidate {
        let channel = trend.fact
        return Candidate(
            key: Key(rule: .fullPrefetch, subject: .channel(channel.key)),
            finding: {
                let held = String(counted: channel.unacked ?? 0, "message")
                return Finding(
                    .fullPrefetch, .warning,
                    what: "holds its whole prefetch, \(held)\(Self.queues(of: rows)), and acks nothing",
                    where: Self.place(channel.key, channel.clientName ?? rows.first?.clientName), since: nil,
                    advice: "See what the application waits for; closing its channel (x) gives the messages back.",
                    subjects: Self.subjects(channel.key, channel.clientName, rows))
            }, wait: patience.prefetch, seenAt: trend.at, toldSince: channel.idleSince, isToldExactly: true,
            weight: Double(channel.unacked ?? 0))
    }

    private func silent(
        _ row: DiagnosisFacts.ConsumerFacts, _ trend: ChannelTrend, _ queue: QueueTrend
    ) -> Candidate {
        let channel = trend.fact
        // A consumer that takes from the queue proves that it delivers; another consumer may be next.
        let quiet = max(queue.filledSince, queue.fellAt ?? .distantPast)
        return Candidate(
            key: Key(rule: .silentConsumer, subject: .consumer(row.key)),
            finding: {
                Finding(
                    .silentConsumer, .warning,
                    what:
                        "gets nothing, though \(row.queue.words) has \(String(counted: queue.ready, "message")) ready",
                    where: "\(Self.place(channel.key, channel.clientName ?? row.clientName)), consumer \(row.tag)",
                    since: nil,
                    advice:
                        "Look whether its connection still answers; closing its channel (x) makes it subscribe anew.",
                    subjects: [.consumer(row.key)] + Self.subjects(channel.key, channel.clientName, [row]))
            }, wait: patience.silence, notBefore: quiet, seenAt: min(trend.at, queue.at),
            // An idle channel has received nothing, and an idle queue has had its messages, since then.
            toldSince: channel.idleSince.map { max($0, queue.idleSince ?? quiet) }, weight: Double(queue.ready))
    }

    /// Finds channels whose deliveries the broker soon takes back. It closes the channel then (406), or takes the
    /// consumer from it.
    private func timeoutAhead(
        _ trend: ChannelTrend, _ rows: [DiagnosisFacts.ConsumerFacts], isFull: Bool
    ) -> Candidate? {
        guard let since = trend.heldSince, rows.contains(where: { $0.ackRequired != false }) || rows.isEmpty else {
            return nil
        }
        let own = rows.compactMap { $0.timeout ?? memory.traits[$0.queue]?.consumerTimeout }.filter { $0 > 0 }
        let limit = own.min() ?? Limit.consumerTimeout
        let age = trend.at.timeIntervalSince(since)
        guard age >= limit * Limit.consumerTimeoutPart else { return nil }
        let channel = trend.fact
        return Candidate(
            key: Key(rule: .consumerTimeout, subject: .channel(channel.key)),
            finding: {
                let held = String(counted: channel.unacked ?? 0, "message")
                let source = own.isEmpty ? "RabbitMQ's default of \(Self.words(limit))" : Self.words(limit)
                let rest = limit - age
                let end = rest > 0 ? "in \(Self.words(rest))" : "at any moment"
                return Finding(
                    .consumerTimeout, rest > 0 ? .warning : .critical,
                    what:
                        "has settled none of \(held)\(Self.queues(of: rows)) for \(Self.words(age)); "
                        + "at \(source) the broker ends it: \(end)",
                    where: Self.place(channel.key, channel.clientName ?? rows.first?.clientName), since: since,
                    advice:
                        "See what the application waits for. If its work takes that long, raise consumer_timeout or "
                        + "acknowledge before the work.",
                    subjects: Self.subjects(channel.key, channel.clientName, rows))
            }, since: since, seenAt: trend.at, toldSince: since, weight: age)
    }

    /// Returns the queues of consumers in words, the first three.
    private static func queues(of rows: [DiagnosisFacts.ConsumerFacts]) -> String {
        let queues = Set(rows.map { Name($0.queue.words) }).sorted().map(\.text)
        return queues.isEmpty ? "" : " of \(queues.prefix(3).joined(separator: ", "))"
    }

    /// Finds consumers that ended while a channel of the same number is open and has no other consumer of the queue:
    /// one finding per channel. The management API does not tell whether it is the same channel.
    func lostConsumers() -> [Candidate] {
        let lost = memory.lost.filter { loss, lostAt in memory.open[loss.channel].map { $0 > lostAt } ?? false }
        return Dictionary(grouping: lost, by: \.key.channel).compactMap { channel, losses in
            guard let seenAt = memory.open[channel], let since = losses.map(\.value).min() else { return nil }
            let name = memory.channels[channel]?.fact.clientName ?? losses.lazy.compactMap(\.key.clientName).first
            return Candidate(
                key: Key(rule: .lostConsumer, subject: .channel(channel)),
                finding: {
                    let queues = losses.map { Name($0.key.queue.words) }.sorted()
                    let rest = queues.count > 3 ? " and \(queues.count - 3) more" : ""
                    let named = queues.prefix(3).joined(separator: ", ") + rest
                    return Finding(
                        .lostConsumer, .warning,
                        what: "has no consumer of \(named) any more, and a channel of that number is open",
                        where: Self.place(channel, name), since: since,
                        advice:
                            "If the application cancelled it, or closed that channel and opened another, all is well; "
                            + "else the broker did (its queue went, or an ack came too late): it has to subscribe anew.",
                        subjects: Self.subjects(channel, name, []) + losses.map { .queue($0.key.queue) })
                }, since: since, wait: patience.loss, seenAt: seenAt)
        }
    }

    /// Returns how many messages a channel's consumers may hold; `nil` for any number, or when it is not known.
    private static func limit(
        of channel: DiagnosisFacts.ChannelFacts, _ consumers: [DiagnosisFacts.ConsumerFacts]
    ) -> Int? {
        let acking = consumers.filter { $0.ackRequired != false }
        if !consumers.isEmpty {
            let prefetches = acking.map { $0.prefetch ?? channel.prefetch ?? 0 }
            guard !prefetches.isEmpty, !prefetches.contains(0) else { return nil }
            return prefetches.reduce(0) { sum, prefetch in
                let (next, overflow) = sum.addingReportingOverflow(prefetch)
                return overflow ? .max : next
            }
        }
        guard let prefetch = channel.prefetch, prefetch > 0, let count = channel.consumers, count > 0 else {
            return nil
        }
        let (product, overflow) = prefetch.multipliedReportingOverflow(by: count)
        return overflow ? .max : product
    }

    /// A consumer of lower priority receives nothing while one of higher priority has capacity; that is the purpose of
    /// priorities.
    private func highestPriorities() -> [DiagnosisFacts.QueueKey: Int] {
        var highest: [DiagnosisFacts.QueueKey: Int] = [:]
        for (queue, rows) in memory.consumersByQueue where rows.count > 1 && memory.queues[queue] != nil {
            highest[queue] = rows.lazy.map { $0.priority ?? 0 }.max()
        }
        return highest
    }

    /// Returns a channel and what belongs to it: its connection, its consumers, their queues, and its application.
    static func subjects(
        _ channel: DiagnosisFacts.ChannelKey, _ clientName: String?, _ rows: [DiagnosisFacts.ConsumerFacts]
    ) -> [FindingSubject] {
        let name = clientName ?? rows.first?.clientName
        var subjects: [FindingSubject] = [.channel(channel), .connection(channel.connection)]
        if let name, !name.isEmpty { subjects.append(.application(Name(name))) }
        for row in rows {
            subjects.append(.queue(row.queue))
            subjects.append(.consumer(row.key))
        }
        return subjects
    }

    /// Returns a duration in words: `45 s`, `12 min`, `1 h 5 min`.
    static func words(_ seconds: Double) -> String {
        let whole = Int(exactly: max(0, min(seconds, 1e9)).rounded()) ?? 0
        if whole < 120 { return "\(whole) s" }
        let minutes = whole / 60
        guard minutes >= 120 else { return "\(minutes) min" }
        return minutes % 60 == 0 ? "\(minutes / 60) h" : "\(minutes / 60) h \(minutes % 60) min"
    }
}
