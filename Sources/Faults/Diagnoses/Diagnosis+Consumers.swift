import Foundation
import Names

// Rules about consumers that hold their deliveries, and consumers that receive none.
extension Diagnosis {
    func consumers(at now: Date) -> [Candidate] {
        var candidates: [Candidate] = []
        let highest = highestPriorities()
        for (key, seen) in memory.channels {
            let channel = seen.fact
            let rows = memory.consumers[key]?.fact ?? []
            let limit = Self.limit(of: channel, rows)
            let unacked = channel.unacked ?? 0
            let isFull = limit.map { $0 > 0 && unacked >= $0 } ?? false
            let place = Self.place(key, channel.clientName ?? rows.first?.clientName)
            // A consumer that rejects all deliveries does not ack either, but receives new ones.
            if isFull, !Self.flows(channel.ackRate), !Self.flows(channel.deliverRate) {
                let queues = Set(rows.map { Name($0.queue.words) }).sorted().map(\.text)
                let of = queues.isEmpty ? "" : " of \(queues.prefix(3).joined(separator: ", "))"
                let finding = Finding(
                    .fullPrefetch, .warning,
                    what: "holds its whole prefetch, \(String(counted: unacked, "message"))\(of), and acks nothing",
                    where: place, since: nil,
                    advice: "See what the application waits for; closing its channel (x) gives the messages back.")
                candidates.append(
                    Candidate(
                        finding: finding, subject: .channel(key), wait: patience.prefetch, seenAt: seen.at,
                        toldSince: channel.idleSince))
            }
            guard !isFull, !Self.flows(channel.deliverRate) else { continue }
            for row in rows where row.isActive != false && (row.priority ?? 0) >= highest[row.queue] ?? Int.min {
                guard let trend = memory.queues[row.queue], trend.ready > 0 else { continue }
                // A consumer that takes from the queue proves that it delivers; another consumer may be next.
                let quiet = max(trend.filledSince, trend.fellAt ?? .distantPast)
                // An idle channel has received nothing, and an idle queue has had its messages, since then.
                let told = channel.idleSince.map { max($0, trend.idleSince ?? quiet) }
                let finding = Finding(
                    .silentConsumer, .warning,
                    what:
                        "gets nothing, though \(row.queue.words) has \(String(counted: trend.ready, "message")) ready",
                    where: "\(place), consumer \(row.tag)", since: nil,
                    advice:
                        "Look whether its connection still answers; closing its channel (x) makes it subscribe anew.")
                candidates.append(
                    Candidate(
                        finding: finding, subject: .channel(key), wait: patience.silence, notBefore: quiet,
                        seenAt: min(seen.at, trend.at), toldSince: told))
            }
        }
        return candidates
    }

    /// Finds consumers that ended while a channel of the same number is open and has no other consumer of the queue:
    /// one finding per channel. The management API does not tell whether it is the same channel.
    func lostConsumers() -> [Candidate] {
        let lost = memory.lost.filter { loss, lostAt in memory.open[loss.channel].map { $0 > lostAt } ?? false }
        return Dictionary(grouping: lost, by: \.key.channel).compactMap { channel, losses in
            guard let seenAt = memory.open[channel], let since = losses.map(\.value).min() else { return nil }
            let queues = losses.map { Name($0.key.queue.words) }.sorted()
            let rest = queues.count > 3 ? " and \(queues.count - 3) more" : ""
            let named = queues.prefix(3).joined(separator: ", ") + rest
            let name = memory.channels[channel]?.fact.clientName ?? losses.lazy.compactMap(\.key.clientName).first
            let finding = Finding(
                .lostConsumer, .warning,
                what: "has no consumer of \(named) any more, and a channel of that number is open",
                where: Self.place(channel, name), since: since,
                advice:
                    "If the application cancelled it, or closed that channel and opened another, all is well; else the "
                    + "broker did (its queue went, or an ack came too late): it has to subscribe anew.")
            return Candidate(finding: finding, subject: .channel(channel), wait: patience.loss, seenAt: seenAt)
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
        for seen in memory.consumers.values {
            for row in seen.fact where memory.queues[row.queue] != nil {
                highest[row.queue] = max(highest[row.queue] ?? Int.min, row.priority ?? 0)
            }
        }
        return highest
    }

    /// Rates below 0.01 per second are the remainder of an average.
    private static func flows(_ rate: Double?) -> Bool { (rate ?? 0) > 0.01 }
}
