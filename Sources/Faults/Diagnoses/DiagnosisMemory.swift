import Foundation

/// What the rules need of earlier facts: the last channels and consumers, and queues that have messages.
struct DiagnosisMemory: Sendable {
    struct Seen<Fact: Sendable>: Sendable {
        var fact: Fact
        var at: Date
    }

    /// A queue that has messages, over time.
    struct QueueTrend: Sendable {
        var key: DiagnosisFacts.QueueKey
        var ready: Int
        var consumers: Int
        /// Since when it has messages.
        var filledSince: Date
        /// When it last had less than before.
        var fellAt: Date?
        /// Since when it only grows, without a consumer; and how much there was then.
        var growsSince: Date
        var readyThen: Int
        /// When it last had more than before, and at how many looks since `growsSince`.
        var grewAt: Date?
        var growths = 0
        var at: Date
    }

    private(set) var channels: [DiagnosisFacts.ChannelKey: Seen<DiagnosisFacts.ChannelFacts>] = [:]
    private var channelsMadeAt: Date?
    private(set) var consumers: [DiagnosisFacts.ChannelKey: Seen<[DiagnosisFacts.ConsumerFacts]>] = [:]
    private(set) var queues: [DiagnosisFacts.QueueKey: QueueTrend] = [:]
    /// Who opened connections lately, by name.
    private(set) var newcomers: [String: Int] = [:]

    mutating func take(_ facts: DiagnosisFacts, patience: Diagnosis.Patience) {
        let now = facts.at
        if let list = facts.channels, list.madeAt == nil || list.madeAt != channelsMadeAt {
            channelsMadeAt = list.madeAt
            if list.isComplete { channels = [:] }
            // Only consumers are looked at more closely.
            for row in list.rows {
                channels[row.key] = (row.consumers ?? 1) > 0 ? Seen(fact: row, at: now) : nil
            }
            channels = channels.filter { now.timeIntervalSince($0.value.at) <= patience.memory }
        }
        if let list = facts.consumers {
            if list.isComplete { consumers = [:] }
            var told: [DiagnosisFacts.ChannelKey: [DiagnosisFacts.ConsumerFacts]] = [:]
            for row in list.rows { told[row.channel, default: []].append(row) }
            for (key, rows) in told { consumers[key] = Seen(fact: rows, at: now) }
            consumers = consumers.filter { now.timeIntervalSince($0.value.at) <= patience.memory }
        }
        if let list = facts.queues { take(list, at: now, patience: patience) }
        if let list = facts.connections {
            newcomers = [:]
            for row in list.rows {
                guard let connectedAt = row.connectedAt, now.timeIntervalSince(connectedAt) < 15 else { continue }
                newcomers[row.clientName ?? row.user ?? row.name, default: 0] += 1
            }
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
                    key: row.key, ready: ready, consumers: row.consumers ?? -1, filledSince: now, growsSince: now,
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
            trend.at = now
            queues[row.key] = trend
        }
        queues = queues.filter { now.timeIntervalSince($0.value.at) <= patience.memory }
    }
}
