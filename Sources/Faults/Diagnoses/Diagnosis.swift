import Foundation
import Names

/// Finds problems of a broker and its applications from facts over time. It has no side effects and reads no clock: the
/// time is part of the facts.
///
/// Each new list is processed in one pass; only suspicions and what the consumer rules need are kept.
public struct Diagnosis: Sendable {
    /// The findings that started and those that ended.
    public struct Changes: Sendable, Equatable {
        /// The findings that started.
        public var appeared: [Finding] = []
        /// The findings that ended.
        public var cleared: [Finding] = []
    }

    /// The thresholds of the rules.
    public let patience: Patience

    var suspicions: [Finding.ID: Suspicion] = [:]
    var memory = DiagnosisMemory()

    /// Creates a diagnosis without facts.
    public init(_ patience: Patience = Patience()) {
        self.patience = patience
    }

    /// The current findings: the most severe first, then the longest lasting.
    public var findings: [Finding] {
        suspicions.values.filter(\.isSaid).map(\.finding).sorted {
            ($1.severity, $0.since ?? .distantPast, Name($0.where))
                < ($0.severity, $1.since ?? .distantPast, Name($1.where))
        }
    }

    /// Evaluates the rules with new facts, and returns the findings that started and ended.
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

    /// The object of a finding, for lists that are not complete.
    enum Subject: Hashable, Sendable {
        case broker
        case connection(Name)
        case channel(DiagnosisFacts.ChannelKey)
        /// A channel reported by the proxy.
        case proxied(DiagnosisFacts.ChannelKey)
        case queue(DiagnosisFacts.QueueKey)
    }

    /// A problem that a rule found now.
    struct Candidate {
        var finding: Finding
        var subject = Subject.broker
        /// Seconds that the problem must last before it is reported.
        var wait = 0.0
        /// The time before which the problem cannot have existed, whenever it was first seen.
        var notBefore: Date?
        /// When the problem was last seen; `nil` for now.
        var seenAt: Date?
        /// When the problem began according to the broker or an event, independent of when it was first seen.
        var toldSince: Date?
    }

    /// A suspected problem, reported once it has lasted long enough.
    struct Suspicion: Sendable {
        var finding: Finding
        var subject: Subject
        var since: Date
        var seenAt: Date
        var isSaid = false
    }

    /// Compares what rules find now with what they found before.
    ///
    /// - Parameter isTold: Whether the facts include the subject, so that its absence means that the problem is over.
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
        // Without a new poll it is not known whether the problem is over, and nothing is reported.
        for (id, suspicion) in suspicions where now.timeIntervalSince(suspicion.seenAt) > patience.memory {
            suspicions[id] = nil
        }
    }
}

extension Diagnosis {
    /// The thresholds of the rules: how long a problem must last before it is reported, and the limits of counts and
    /// rates.
    public struct Patience: Sendable, Hashable {
        /// Seconds that a consumer may hold its whole prefetch without an ack.
        public var prefetch = 10.0
        /// Seconds without a delivery to a consumer that has capacity while its queue has messages.
        public var silence = 15.0
        /// Seconds that a channel that lost its consumer must be without one.
        public var loss = 10.0
        /// Seconds that a queue without consumers must grow.
        public var growth = 10.0
        /// Seconds without an additional message after which a queue no longer grows.
        public var standstill = 30.0
        /// Seconds that churn must last.
        public var churn = 10.0
        /// Seconds that the broker must not know a client's channel.
        public var unknownChannel = 3.0
        /// Connections that may be opened per second.
        public var connectionsPerSecond = 5.0
        /// Channels that may be opened per second.
        public var channelsPerSecond = 20.0
        /// Seconds after which a suspicion that was not polled again is forgotten.
        public var memory = 60.0

        /// Creates the default thresholds.
        public init() {}

        /// Returns the thresholds for a check of this many seconds: a problem that lasts for most of it is reported.
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
