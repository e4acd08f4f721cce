import Foundation
import Names

/// Earlier facts that the rules need: the last channels and consumers, and queues that have messages.
struct DiagnosisMemory: Sendable {
    struct Seen<Fact: Sendable>: Sendable {
        var fact: Fact
        var at: Date
    }

    /// The lists whose rows are remembered.
    private enum List: Hashable, Sendable {
        case channels, consumers, queues, queueDetails
    }

    /// The channels that have consumers.
    private(set) var channels: [DiagnosisFacts.ChannelKey: ChannelTrend] = [:]
    private var channelsMadeAt: Date?
    private(set) var consumers: [DiagnosisFacts.ChannelKey: Seen<[DiagnosisFacts.ConsumerFacts]>] = [:]
    /// The consumers of each queue, as in `consumers`.
    private(set) var consumersByQueue: [DiagnosisFacts.QueueKey: [DiagnosisFacts.ConsumerFacts]] = [:]
    private(set) var queues: [DiagnosisFacts.QueueKey: QueueTrend] = [:]
    /// What details told of queues that other rules need: at most `detailCapacity`.
    private(set) var traits: [DiagnosisFacts.QueueKey: QueueTraits] = [:]
    /// The details of the queues in `traits` that a rule may find a problem in. Of most queues there is nothing to tell.
    private(set) var notable: [DiagnosisFacts.QueueKey: Seen<DiagnosisFacts.QueueDetailFacts>] = [:]
    /// The development of the lag of streams' consumers.
    private(set) var lags: [DiagnosisFacts.QueueKey: LagTrend] = [:]
    /// All channels of the last list, and the time of that list.
    private(set) var open: [DiagnosisFacts.ChannelKey: Date] = [:]
    /// Consumers that were in one list and not in the next, and when.
    private(set) var lost: [Loss: Date] = [:]
    /// Channels whose messages reached no queue recently: at most `lossCapacity`.
    private(set) var unroutable: [DiagnosisFacts.ChannelKey: Unroutable] = [:]
    /// When messages of the cluster reached no queue, as far as it was polled, and how many per second.
    private(set) var clusterUnroutable: Seen<Double>?
    /// The exchanges concerned, as far as they were told: at most 8.
    private(set) var unroutableExchanges: Seen<[DiagnosisFacts.ExchangeKey]>?
    /// The connections opened recently, by client name.
    private(set) var newcomers: [Name: Int] = [:]
    /// Free disk space and memory of the nodes.
    private(set) var nodes: [Name: (disk: SteadyTrend?, memory: SteadyTrend?)] = [:]
    /// The objects whose details would tell more, in the order in which they became so.
    var suspects: [FindingSubject] = []

    private var listedAt: [List: Date] = [:]
    /// The longest time between two lists of a kind, in seconds.
    private(set) var longestInterval = 0.0

    /// A channel that had a consumer of a queue.
    struct Loss: Hashable, Sendable {
        var channel: DiagnosisFacts.ChannelKey
        var queue: DiagnosisFacts.QueueKey
        var clientName: String?
    }

    /// What reached no queue of what a channel publishes.
    struct Unroutable: Sendable {
        var clientName: String?
        /// Messages per second that are returned and dropped; `nil` when the broker's list does not tell it.
        var returnedRate: Double?
        var droppedRate: Double?
        var exchanges: [DiagnosisFacts.ExchangeKey] = []
        /// The broker's text for the last returned message, with exchange and routing key.
        var text: String?
        /// When it was first and last seen.
        var since: Date
        var at: Date
    }

    /// The maximum number of losses, and of channels with unroutable messages, that are kept.
    static let lossCapacity = 1_000
    /// The maximum number of queues with messages that are kept: about 20 MB.
    static let queueCapacity = 100_000
    /// The maximum number of queues of which details are kept: about 3 MB, and 12 MB more if all of them are notable.
    static let detailCapacity = 20_000
    /// The longest time for which something is kept that is not polled again, in seconds.
    static let longestKept = 900.0

    /// Seconds for which something is kept that is not polled again.
    func kept(_ patience: Diagnosis.Patience) -> Double {
        max(patience.memory, min(longestInterval * 3, Self.longestKept))
    }

    mutating func take(_ facts: DiagnosisFacts, patience: Diagnosis.Patience) {
        let now = facts.at
        if let list = facts.channels, list.madeAt == nil || list.madeAt != channelsMadeAt {
            channelsMadeAt = list.madeAt
            take(list, at: now, patience: patience)
        }
        if let list = facts.consumers { take(list, at: now, patience: patience) }
        if let list = facts.queues { take(list, at: now, patience: patience) }
        if let list = facts.queueDetails { take(list, at: now, patience: patience) }
        for key in facts.goneQueues {
            queues[key] = nil
            traits[key] = nil
            notable[key] = nil
            lags[key] = nil
        }
        if let list = facts.connections {
            newcomers = [:]
            for row in list.rows {
                guard let connectedAt = row.connectedAt, now.timeIntervalSince(connectedAt) < 15 else { continue }
                newcomers[Name(row.clientName ?? row.user ?? row.name), default: 0] += 1
            }
        }
        if let list = facts.nodes { take(list.rows, at: now) }
        if let rate = facts.unroutableRate {
            clusterUnroutable = Diagnosis.flows(rate) ? Seen(fact: rate, at: now) : clusterUnroutable
        }
        if !facts.unroutableExchanges.isEmpty {
            unroutableExchanges = Seen(fact: Array(facts.unroutableExchanges.prefix(8)), at: now)
        } else if let seen = unroutableExchanges, now.timeIntervalSince(seen.at) > patience.unroutable {
            unroutableExchanges = nil
        }
        take(facts.returns)
        unroutable = unroutable.filter { now.timeIntervalSince($0.value.at) <= patience.unroutable }
        if let seen = clusterUnroutable, now.timeIntervalSince(seen.at) > patience.unroutable {
            clusterUnroutable = nil
        }
    }

    private mutating func note(_ list: List, at now: Date) {
        if let before = listedAt[list] { longestInterval = max(longestInterval * 0.9, now.timeIntervalSince(before)) }
        listedAt[list] = now
    }

    // MARK: Channels

    private mutating func take(
        _ list: DiagnosisFacts.Listing<DiagnosisFacts.ChannelFacts>, at now: Date, patience: Diagnosis.Patience
    ) {
        let earlier = channels
        if list.isComplete {
            note(.channels, at: now)
            channels = [:]
            open = [:]
            open.reserveCapacity(list.rows.count)
            for row in list.rows { open[row.key] = now }
            // A consumer that ended with its channel is not lost on its own.
            lost = lost.filter { open[$0.key.channel] != nil }
        }
        for row in list.rows {
            // The other rules only need channels with consumers.
            if row.consumers ?? 1 > 0 {
                channels[row.key] = ChannelTrend(row, after: earlier[row.key], at: now)
            } else {
                channels[row.key] = nil
            }
            noteUnroutable(row, at: now)
        }
        let kept = kept(patience)
        if !list.isComplete { channels = channels.filter { now.timeIntervalSince($0.value.at) <= kept } }
    }

    private mutating func noteUnroutable(_ row: DiagnosisFacts.ChannelFacts, at now: Date) {
        guard Diagnosis.flows(row.returnedRate) || Diagnosis.flows(row.droppedRate) else { return }
        guard var known = known(row.key, at: now) else { return }
        known.clientName = row.clientName ?? known.clientName
        known.returnedRate = row.returnedRate
        known.droppedRate = row.droppedRate
        if !row.exchanges.isEmpty { known.exchanges = Array(row.exchanges.prefix(8)) }
        unroutable[row.key] = known
    }

    private mutating func take(_ returns: [DiagnosisFacts.ReturnFacts]) {
        for message in returns {
            guard var known = known(message.channel, at: message.at) else { continue }
            known.clientName = message.clientName ?? known.clientName
            known.text = message.text.shortened(to: 512)
            unroutable[message.channel] = known
        }
    }

    private func known(_ key: DiagnosisFacts.ChannelKey, at: Date) -> Unroutable? {
        guard var known = unroutable[key] else {
            return unroutable.count < Self.lossCapacity ? Unroutable(since: at, at: at) : nil
        }
        known.at = max(known.at, at)
        return known
    }

    // MARK: Consumers

    private mutating func take(
        _ list: DiagnosisFacts.Listing<DiagnosisFacts.ConsumerFacts>, at now: Date, patience: Diagnosis.Patience
    ) {
        var told: [DiagnosisFacts.ChannelKey: [DiagnosisFacts.ConsumerFacts]] = [:]
        for row in list.rows { told[row.channel, default: []].append(row) }
        if list.isComplete {
            note(.consumers, at: now)
            noteLosses(told, at: now, patience: patience)
            consumers = [:]
        }
        for (key, rows) in told { consumers[key] = Seen(fact: rows, at: now) }
        let kept = kept(patience)
        if !list.isComplete { consumers = consumers.filter { now.timeIntervalSince($0.value.at) <= kept } }
        consumersByQueue = [:]
        for seen in consumers.values {
            for row in seen.fact { consumersByQueue[row.queue, default: []].append(row) }
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
        let kept = kept(patience)
        lost = lost.filter { loss, lostAt in
            now.timeIntervalSince(lostAt) <= kept
                && !(told[loss.channel] ?? []).contains { $0.queue == loss.queue }
        }
    }

    // MARK: Queues

    private mutating func take(
        _ list: DiagnosisFacts.Listing<DiagnosisFacts.QueueFacts>, at now: Date, patience: Diagnosis.Patience
    ) {
        if list.isComplete { note(.queues, at: now) }
        for row in list.rows {
            guard let ready = row.ready, ready > 0, !row.isStream else {
                queues[row.key] = nil
                continue
            }
            let known = traits[row.key]
            guard known?.isStream != true else {
                queues[row.key] = nil
                continue
            }
            var row = row
            row.idleSince = row.idleSince ?? known?.idleSince
            // In place: a copy of each trend would cost as much as the rest.
            if queues[row.key]?.take(row, ready: ready, at: now) == nil, queues.count < Self.queueCapacity {
                queues[row.key] = QueueTrend(row, ready: ready, at: now)
            }
        }
        let oldest = list.isComplete ? now : now.addingTimeInterval(-kept(patience))
        if queues.values.contains(where: { $0.at < oldest }) { queues = queues.filter { $0.value.at >= oldest } }
    }

    private mutating func take(
        _ list: DiagnosisFacts.Listing<DiagnosisFacts.QueueDetailFacts>, at now: Date, patience: Diagnosis.Patience
    ) {
        for row in list.rows {
            if traits[row.key] == nil, traits.count >= Self.detailCapacity {
                let oldest = now.addingTimeInterval(-kept(patience))
                traits = traits.filter { $0.value.at >= oldest }
                lags = lags.filter { traits[$0.key] != nil }
                notable = notable.filter { traits[$0.key] != nil }
                guard traits.count < Self.detailCapacity else { break }
            }
            traits[row.key] = QueueTraits(row, at: now)
            notable[row.key] = Diagnosis.isNotable(row) ? Seen(fact: row, at: now) : nil
            noteLag(row)
            if row.type == .stream { queues[row.key] = nil }
        }
    }

    private mutating func noteLag(_ row: DiagnosisFacts.QueueDetailFacts) {
        guard let lag = row.consumerLag, lag.messages > 0 else {
            // Nobody is behind, or it is not known any more.
            lags[row.key] = nil
            return
        }
        if lags[row.key]?.take(lag) == nil { lags[row.key] = LagTrend(lag) }
    }

    // MARK: Nodes

    private mutating func take(_ rows: [DiagnosisFacts.NodeFacts], at now: Date) {
        let earlier = nodes
        nodes = [:]
        for row in rows {
            let name = Name(row.name)
            func trend(_ before: SteadyTrend?, _ value: Int?) -> SteadyTrend? {
                guard let value else { return nil }
                guard var trend = before else { return SteadyTrend(Double(value), at: now) }
                trend.add(Double(value), at: now)
                return trend
            }
            nodes[name] = (trend(earlier[name]?.disk, row.diskFree), trend(earlier[name]?.memory, row.memory))
        }
    }
}
