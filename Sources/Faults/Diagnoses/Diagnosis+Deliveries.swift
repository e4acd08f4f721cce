import Foundation
import Names

// Rules about how deliveries are shared among consumers, and about deliveries that come again and again.
extension Diagnosis {
    /// The figures of one of the channels that consume from a queue.
    private struct Share {
        var trend: ChannelTrend
        var rows: [DiagnosisFacts.ConsumerFacts]
        var unacked: Int
        var rate: Double

        var isIdle: Bool { unacked == 0 && !Diagnosis.flows(rate) }
    }

    /// Finds consumers that take everything while others of their queue get nothing.
    ///
    /// With a single active consumer or with priorities that is their purpose, so such queues are left out. So are queues
    /// with a consumer whose channel serves other queues, too: the broker counts by channel.
    func greedyConsumers() -> [Candidate] {
        memory.consumersByQueue.compactMap { queue, rows in
            guard rows.count > 1, let shares = shares(queue, rows), shares.count > 1,
                shares.contains(where: \.isIdle)
            else { return nil }
            let unacked = shares.reduce(0.0) { $0 + Double($1.unacked) }
            let rate = shares.reduce(0) { $0 + $1.rate }
            let takesRate = rate >= Limit.deliveries
            guard takesRate || unacked >= Double(Limit.greedyMessages) else { return nil }
            func part(_ share: Share) -> Double {
                takesRate ? share.rate / rate : Double(share.unacked) / unacked
            }
            guard let most = shares.max(by: { part($0) < part($1) }), part(most) > Limit.greed else { return nil }
            return greedy(most, of: queue, takes: takesRate ? most.rate : nil, idle: shares.count(where: \.isIdle))
        }
    }

    private func shares(
        _ queue: DiagnosisFacts.QueueKey, _ rows: [DiagnosisFacts.ConsumerFacts]
    ) -> [Share]? {
        guard memory.traits[queue]?.hasSingleActiveConsumer != true else { return nil }
        let priority = rows[0].priority ?? 0
        var shares: [DiagnosisFacts.ChannelKey: Share] = [:]
        for row in rows {
            guard row.isActive != false, row.priority ?? 0 == priority else { return nil }
            if shares[row.channel] != nil {
                shares[row.channel]?.rows.append(row)
                continue
            }
            guard let trend = memory.channels[row.channel], let unacked = trend.fact.unacked,
                let others = memory.consumers[row.channel]?.fact, others.allSatisfy({ $0.queue == queue })
            else { return nil }
            shares[row.channel] = Share(
                trend: trend, rows: [row], unacked: max(0, unacked), rate: max(0, trend.fact.deliverRate ?? 0))
        }
        return Array(shares.values)
    }

    private func greedy(
        _ most: Share, of queue: DiagnosisFacts.QueueKey, takes rate: Double?, idle: Int
    ) -> Candidate {
        let channel = most.trend.fact
        return Candidate(
            key: Key(rule: .greedyConsumer, subject: .channel(channel.key)),
            finding: {
                let amount =
                    rate.map { "takes \(Self.figure($0)) a second" }
                    ?? "holds \(String(counted: most.unacked, "message"))"
                let others = idle == 1 ? "another consumer gets" : "\(idle) other consumers get"
                let limits = most.rows.filter { $0.ackRequired != false }
                    .map { $0.prefetch ?? channel.prefetch ?? 0 }
                let advice =
                    limits.isEmpty || limits.contains(0)
                    ? "Its prefetch is unlimited, so the queue gives it all there is: set one (basic.qos)."
                    : "Lower its prefetch (\(limits.max() ?? 0)), so that messages are left for the others."
                return Finding(
                    .greedyConsumer, .warning,
                    what: "\(amount) of \(queue.words), while \(others) nothing",
                    where: Self.place(channel.key, channel.clientName ?? most.rows.first?.clientName), since: nil,
                    advice: advice, subjects: Self.subjects(channel.key, channel.clientName, most.rows))
            }, wait: patience.greed, seenAt: most.trend.at, weight: rate ?? Double(most.unacked))
    }

    // MARK: Redelivery loops

    /// Finds deliveries that come again and again: by channel, and by queue where no consumer of it is known.
    func redeliveryLoops() -> [Candidate] {
        var candidates: [Candidate] = []
        for (key, trend) in memory.channels {
            let channel = trend.fact
            guard Self.isLoop(channel.deliverRate, channel.redeliverRate, channel.ackRate) else { continue }
            let rows = memory.consumers[key]?.fact ?? []
            candidates.append(
                loop(
                    .channel(key), channel.redeliverRate ?? 0, Self.subjects(key, channel.clientName, rows),
                    place: { Self.place(key, channel.clientName ?? rows.first?.clientName) }, seenAt: trend.at))
        }
        for (key, seen) in memory.notable {
            let queue = seen.fact
            guard Self.isLoop(queue.deliverRate, queue.redeliverRate, queue.ackRate),
                memory.consumersByQueue[key] == nil
            else { continue }
            candidates.append(
                loop(.queue(key), queue.redeliverRate ?? 0, [.queue(key)], place: { key.words }, seenAt: seen.at))
        }
        return candidates
    }

    private func loop(
        _ subject: FindingSubject, _ rate: Double, _ subjects: [FindingSubject], place: @escaping () -> String,
        seenAt: Date
    ) -> Candidate {
        Candidate(
            key: Key(rule: .redeliveryLoop, subject: subject),
            finding: {
                Finding(
                    .redeliveryLoop, .warning,
                    what: "\(Self.figure(rate)) messages a second are delivered again, and hardly one is acknowledged",
                    where: place(), since: nil,
                    advice:
                        "The application rejects them to the queue again: reject without requeue, with a dead-letter "
                        + "exchange, or set a delivery limit.", subjects: subjects)
            }, wait: patience.redelivery, seenAt: seenAt, weight: rate)
    }

    static func isLoop(_ deliver: Double?, _ redeliver: Double?, _ ack: Double?) -> Bool {
        guard let deliver, let redeliver, deliver >= Limit.deliveries else { return false }
        // The broker leaves out the rate of what never happened.
        return redeliver >= deliver * Limit.redeliveries && ack ?? 0 <= deliver * Limit.loopAcks
    }

    /// Returns a figure with at most one decimal.
    static func figure(_ value: Double) -> String {
        let tenths = (min(max(value, -1e12), 1e12) * 10).rounded() / 10
        return Int(exactly: tenths).map { "\($0)" } ?? "\(tenths)"
    }
}
