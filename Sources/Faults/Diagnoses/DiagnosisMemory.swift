import Foundation
import Names

/// Earlier facts that the rules need: the last channels and consumers, and queues that have messages.
struct DiagnosisMemory: Sendable {
    struct Seen<Fact: Sendable>: Sendable {
        var fact: Fact
        var at: Date
    }

    /// The development of a queue that has messages.
    struct QueueTrend: Sendable {
        var key: DiagnosisFacts.QueueKey
        var ready: Int
        var consumers: Int
        /// Since when the queue has been idle, according to the broker.
        var idleSince: Date?
        /// Since when the queue has had messages, as far as it was polled.
        var filledSince: Date
        /// When the number of messages last decreased.
        var fellAt: Date?
        /// Since when the queue has only grown without a consumer, and its number of messages at that time.
        var growsSince: Date
        var readyThen: Int
        /// When the number of messages last increased, and at how many polls since `growsSince`.
        var grewAt: Date?
        var growths = 0
        var at: Date
    }

    private(set) var channels: [DiagnosisFacts.ChannelKey: Seen<DiagnosisFacts.ChannelFacts>] = [:]
    private var channelsMadeAt: Date?
    private(set) var consumers: [DiagnosisFacts.ChannelKey: Seen<[DiagnosisFacts.ConsumerFacts]>] = [:]
    private(set) var queues: [DiagnosisFacts.QueueKey: QueueTrend] = [:]
    /// All channels of the last list, and the time of that list.
    private(set) var open: [DiagnosisFacts.ChannelKey: Date] = [:]
    /// Consumers that were in one list and not in the next, and when.
    private(set) var lost: [Loss: Date] = [:]

    /// A channel that had a consumer of a queue.
    struct Loss: Hashable, Sendable {
        var channel: DiagnosisFacts.ChannelKey
        var queue: DiagnosisFacts.QueueKey
        var clientName: String?
    }

    /// The maximum number of losses that are kept.
    static let lossCapacity = 1_000
    /// The connections opened recently, by client name.
    private(set) var newcomers: [Name: Int] = [:]

    mutating func take(_ facts: DiagnosisFacts, patience: Diagnosis.Patience) {
        let now = facts.at
        if let list = facts.channels, list.madeAt == nil || list.madeAt != channelsMadeAt {
            channelsMadeAt = list.madeAt
            if list.isComplete {
                channels = [:]
                open = [:]
                for row in list.rows { open[row.key] = now }
                // A consumer that ended with its channel is not lost on its own.
                lost = lost.filter { open[$0.key.channel] != nil }
            }
            // The rules only need channels with consumers.
            for row in list.rows {
                channels[row.key] = (row.consumers ?? 1) > 0 ? Seen(fact: row, at: now) : nil
            }
            channels = channels.filter { now.timeIntervalSince($0.value.at) <= patience.memory }
        }
        if let list = facts.consumers {
            var told: [DiagnosisFacts.ChannelKey: [DiagnosisFacts.ConsumerFacts]] = [:]
            for row in list.rows { told[row.channel, default: []].append(row) }
            if list.isComplete {
                noteLosses(told, at: now, patience: patience)
                consumers = [:]
            }
            for (key, rows) in told { consumers[key] = Seen(fact: rows, at: now) }
            consumers = consumers.filter { now.timeIntervalSince($0.value.at) <= patience.memory }
        }
        if let list = facts.queues { take(list, at: now, patience: patience) }
        if let list = facts.connections {
            newcomers = [:]
            for row in list.rows {
                guard let connectedAt = row.connectedAt, now.timeIntervalSince(connectedAt) < 15 else { continue }
                newcomers[Name(row.clientName ?? row.user ?? row.name), default: 0] += 1
            }
        }
    }

    private mutating func noteLosses(
        _ told: [DiagnosisFacts.ChannelKey: [DiagnosisFacts.ConsumerFacts]], at now: Date, patience: Diagnosis.Patience
    ) {
        for (key, seen) in consumers {
            let left = Set((told[key] ?? []).map(\.queue))
            for row in seen.fact where !left.contains(row.queue) && lost.count < Self.lossCapacity {
                let loss = Loss(channel: key, queue: row.queue, clientName: row.clientName)
                if lost[loss] == nil { lost[loss] = now }
            }
        }
        lost = lost.filter { loss, lostAt in
            now.timeIntervalSince(lostAt) <= patience.memory
                && !(told[loss.channel] ?? []).contains { $0.queue == loss.queue }
        }
    }

    private mutating func take(
        _ list: DiagnosisFacts.Listing<DiagnosisFacts.QueueFacts>, at now: Date, patience: Diagnosis.Patience
    ) {
        let earlier = queues
        if list.isComplete { queues = [:] }
        for row in list.rows {
            guard let ready = row.ready, ready > 0, !row.isStream else {
                queues[row.key] = nil
                continue
            }
            let consumers = row.consumers ?? 0
            guard var trend = earlier[row.key] else {
                queues[row.key] = QueueTrend(
                    key: row.key, ready: ready, consumers: row.consumers ?? -1,
                    idleSince: row.idleSince, filledSince: now, growsSince: now,
                    readyThen: ready, at: now)
                continue
            }
            if ready < trend.ready { trend.fellAt = now }
            if ready > trend.ready {
                trend.grewAt = now
                trend.growths += 1
            }
            if ready < trend.ready || consumers > 0 {
                trend.growsSince = now
                trend.readyThen = ready
                trend.grewAt = nil
                trend.growths = 0
            }
            trend.ready = ready
            trend.consumers = row.consumers ?? -1
            trend.idleSince = row.idleSince
            trend.at = now
            queues[row.key] = trend
        }
        queues = queues.filter { now.timeIntervalSince($0.value.at) <= patience.memory }
    }
}
