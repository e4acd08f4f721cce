import Foundation
import Names

/// Finds out what is wrong with a broker and its applications, from facts over time. Pure: time comes with the facts.
///
/// Work is one pass over each new list; remembered is only what looks suspicious, and what consumers need.
public struct Diagnosis: Sendable {
    /// What has become true, and what is no longer.
    public struct Changes: Sendable, Equatable {
        public var appeared: [Finding] = []
        public var cleared: [Finding] = []
    }

    public let patience: Patience

    var suspicions: [Finding.ID: Suspicion] = [:]
    var memory = DiagnosisMemory()

    public init(_ patience: Patience = Patience()) {
        self.patience = patience
    }

    /// What is wrong by the last facts: the worst first, then what is so the longest.
    public var findings: [Finding] {
        suspicions.values.filter(\.isSaid).map(\.finding).sorted {
            ($1.severity, $0.since ?? .distantPast, Name($0.where))
                < ($0.severity, $1.since ?? .distantPast, Name($1.where))
        }
    }

    /// Takes facts in.
    @discardableResult
    public mutating func examine(_ facts: DiagnosisFacts) -> Changes {
        let now = facts.at
        var changes = Changes()
        memory.take(facts, patience: patience)
        if let nodes = facts.nodes {
            settle(Self.troubles(of: nodes.rows), [.alarm, .nodeDown, .partition], now, &changes)
        }
        if let sources = facts.sources { settle(Self.troubles(of: sources.rows), [.source], now, &changes) }
        if let churn = facts.churn {
            settle(troubles(of: churn), [.connectionChurn, .channelChurn], now, &changes)
        }
        if let connections = facts.connections {
            settle(Self.troubles(of: connections.rows), [.blockedPublisher], now, &changes) { subject in
                connections.isComplete || connections.rows.contains { .connection(Name($0.name)) == subject }
            }
        }
        if let clients = facts.clients {
            settle(unknownChannels(clients.rows, Subject.channel), [.unknownChannel], now, &changes) { subject in
                guard case .channel(let key) = subject else { return false }
                return clients.isComplete || clients.rows.contains { $0.key == key }
            }
        }
        if let proxied = facts.proxied {
            settle(unknownChannels(proxied.rows, Subject.proxied), [.unknownChannel], now, &changes) { subject in
                guard case .proxied(let key) = subject else { return false }
                return proxied.isComplete || proxied.rows.contains { $0.key == key }
            }
        }
        if let queues = facts.queues {
            settle(growingQueues(), [.growingQueue], now, &changes) { subject in
                queues.isComplete || queues.rows.contains { .queue($0.key) == subject }
            }
        }
        if facts.channels != nil || facts.consumers != nil || facts.queues != nil {
            settle(consumers(at: now), [.fullPrefetch, .silentConsumer], now, &changes)
            settle(lostConsumers(), [.lostConsumer], now, &changes)
        }
        forget(at: now)
        return changes
    }

    /// What a finding is about, for lists that do not tell of all there is.
    enum Subject: Hashable, Sendable {
        case broker
        case connection(Name)
        case channel(DiagnosisFacts.ChannelKey)
        /// A channel that the proxy told of.
        case proxied(DiagnosisFacts.ChannelKey)
        case queue(DiagnosisFacts.QueueKey)
    }

    /// Something that a rule found now.
    struct Candidate {
        var finding: Finding
        var subject = Subject.broker
        /// Seconds for which it has to be so before it is said.
        var wait = 0.0
        /// Until when it cannot have been so, whenever it was first seen.
        var notBefore: Date?
        /// When it was last seen to be so; nil: now.
        var seenAt: Date?
        /// Since when it is so, as the broker or an event tells, however long somebody has looked.
        var toldSince: Date?
    }

    /// Something that looks wrong, and is said once it was so for long enough.
    struct Suspicion: Sendable {
        var finding: Finding
        var subject: Subject
        var since: Date
        var seenAt: Date
        var isSaid = false
    }

    /// Compares what rules find now with what they found before.
    ///
    /// - Parameter isTold: whether the facts tell of it, so that not finding it means that it is over.
    private mutating func settle(
        _ candidates: [Candidate], _ rules: Set<DiagnosisRule>, _ now: Date, _ changes: inout Changes,
        isTold: (Subject) -> Bool = { _ in true }
    ) {
        var found: Set<Finding.ID> = []
        for candidate in candidates where found.insert(candidate.finding.id).inserted {
            let id = candidate.finding.id
            let seenAt = candidate.seenAt ?? now
            var suspicion =
                suspicions[id]
                ?? Suspicion(
                    finding: candidate.finding, subject: candidate.subject, since: candidate.finding.since ?? seenAt,
                    seenAt: seenAt)
            suspicion.seenAt = max(suspicion.seenAt, seenAt)
            suspicion.since = max(candidate.finding.since ?? suspicion.since, candidate.notBefore ?? .distantPast)
            suspicion.finding = candidate.finding
            suspicion.finding.since = min(suspicion.since, candidate.toldSince ?? suspicion.since)
            if !suspicion.isSaid, suspicion.seenAt.timeIntervalSince(suspicion.since) >= candidate.wait {
                suspicion.isSaid = true
                changes.appeared.append(suspicion.finding)
            }
            suspicions[id] = suspicion
        }
        for (id, suspicion) in suspicions
        where rules.contains(id.rule) && !found.contains(id) && isTold(suspicion.subject) {
            clear(id, &changes)
        }
    }

    private mutating func clear(_ id: Finding.ID, _ changes: inout Changes) {
        guard let suspicion = suspicions.removeValue(forKey: id), suspicion.isSaid else { return }
        changes.cleared.append(suspicion.finding)
    }

    private mutating func forget(at now: Date) {
        // Nobody looked: whether it is over is not known, and nothing is said.
        for (id, suspicion) in suspicions where now.timeIntervalSince(suspicion.seenAt) > patience.memory {
            suspicions[id] = nil
        }
    }
}

extension Diagnosis {
    /// How long something has to be so before it is said, and how much is too much.
    public struct Patience: Sendable, Hashable {
        /// Seconds that a consumer may hold its whole prefetch without an ack.
        public var prefetch = 10.0
        /// Seconds without a delivery to a consumer that has room while its queue has messages.
        public var silence = 15.0
        /// Seconds for which a channel that lost its consumer has to be without one.
        public var loss = 10.0
        /// Seconds for which a queue without consumers has to grow.
        public var growth = 10.0
        /// Seconds without one more message after which a queue no longer grows.
        public var standstill = 30.0
        /// Seconds for which churn has to last.
        public var churn = 10.0
        /// Seconds for which the broker has to be without a client's channel.
        public var unknownChannel = 3.0
        /// Connections and channels that may be opened in a second.
        public var connectionsPerSecond = 5.0
        public var channelsPerSecond = 20.0
        /// Seconds after which what nobody has looked at again is forgotten.
        public var memory = 60.0

        public init() {}

        /// For a look of so many seconds: what holds during most of it is said.
        public static func look(of seconds: Double) -> Patience {
            var patience = Patience()
            let most = max(0, seconds * 0.6)
            patience.prefetch = min(patience.prefetch, most)
            patience.silence = min(patience.silence, most)
            patience.loss = min(patience.loss, most)
            patience.growth = min(patience.growth, max(0, seconds * 0.3))
            patience.churn = min(patience.churn, most)
            patience.unknownChannel = min(patience.unknownChannel, most)
            patience.memory = max(patience.memory, seconds * 2)
            return patience
        }
    }
}
