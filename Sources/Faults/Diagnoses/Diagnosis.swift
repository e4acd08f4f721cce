import Foundation
import Names

/// Finds problems of a broker and its applications from facts over time. It has no side effects and reads no clock: the
/// time is part of the facts.
///
/// Each new list is processed in one pass; only suspicions and what the rules need of earlier lists are kept.
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

    var suspicions: [DiagnosisRule: [Key: Suspicion]] = [:]
    var memory = DiagnosisMemory()
    /// How many problems of a rule are not kept, because there are too many.
    private var omitted: [DiagnosisRule: Int] = [:]

    /// Creates a diagnosis without facts.
    public init(_ patience: Patience = Patience()) {
        self.patience = patience
    }

    /// The current findings: the most severe first, then the longest lasting. Of a rule with more than 100 the last one
    /// tells how many more there are.
    public var findings: [Finding] { marks.findings }
    /// The current findings, by the objects that they are about.
    public private(set) var marks = FindingMarks()
    /// Whether `findings` has to be made again.
    private var isStale = false

    mutating func listFindings() {
        guard isStale else { return }
        isStale = false
        var findings = suspicions.values.flatMap { $0.values.compactMap(\.finding) }
        for (rule, count) in omitted {
            findings.append(
                Finding(
                    rule, .warning, what: "\(count) more of '\(rule.rawValue)' are not listed", where: "cluster",
                    since: nil, advice: "Mend the listed ones first; they probably have one cause.",
                    subjects: [.cluster]))
        }
        list(findings, summaries: omitted.count)
    }

    /// Sets the current findings, in any order.
    ///
    /// - Parameter summaries: How many of them only say that a rule found more than are listed.
    mutating func list(_ findings: [Finding], summaries: Int = 0) {
        marks = FindingMarks(
            findings.sorted {
                ($1.severity, $0.since ?? .distantPast, Name($0.where))
                    < ($0.severity, $1.since ?? .distantPast, Name($1.where))
            }, summaries: summaries)
    }

    /// Evaluates the rules with new facts, and returns the findings that started and ended.
    @discardableResult
    public mutating func examine(_ facts: DiagnosisFacts) -> Changes {
        let now = facts.at
        var changes = Changes()
        memory.take(facts, patience: patience)
        if let nodes = facts.nodes {
            settle(troubles(of: nodes.rows), [.alarm, .nodeDown, .partition, .nodeLimit, .maintenance], now, &changes)
        }
        if let vhosts = facts.stoppedVhosts { settle(Self.troubles(of: vhosts.rows), [.vhostState], now, &changes) }
        if let sources = facts.sources { settle(Self.troubles(of: sources.rows), [.source], now, &changes) }
        if let churn = facts.churn {
            settle(troubles(of: churn), [.connectionChurn, .channelChurn], now, &changes)
        }
        if let connections = facts.connections {
            let told = Told(connections) { .connection(Name($0.name)) }
            settle(Self.troubles(of: connections.rows), [.blockedPublisher], now, &changes) { told.contains($0) }
        }
        if let clients = facts.clients { examine(clients, .client, now, &changes) }
        if let proxied = facts.proxied { examine(proxied, .proxy, now, &changes) }
        if let queues = facts.queues {
            let told = Told(queues) { .queue($0.key) }
            settle(growingQueues(), [.growingQueue], now, &changes) { told.contains($0) }
        }
        if facts.channels != nil || facts.consumers != nil || facts.queues != nil {
            settle(consumers(at: now), [.fullPrefetch, .silentConsumer, .consumerTimeout], now, &changes)
            settle(greedyConsumers(), [.greedyConsumer], now, &changes)
            settle(lostConsumers(), [.lostConsumer], now, &changes)
        }
        if facts.channels != nil || facts.queueDetails != nil {
            settle(redeliveryLoops(), [.redeliveryLoop], now, &changes)
        }
        if facts.queues != nil || facts.queueDetails != nil || !facts.goneQueues.isEmpty {
            settle(limitedQueues(), [.queueLimit], now, &changes)
            settle(oldMessages(at: now), [.oldMessage], now, &changes)
            settle(queueStates() + missingMembers(), [.queueState, .missingMember], now, &changes)
            settle(laggingMembers(), [.laggingMember], now, &changes)
            settle(growingLags(), [.growingLag], now, &changes)
        }
        if facts.nodes != nil || facts.queues != nil || facts.queueDetails != nil {
            settle(filling(facts.nodes?.rows), [.fillsUp], now, &changes) { key in
                if case .node = key.subject { facts.nodes != nil } else { facts.queues != nil }
            }
        }
        settle(unroutable(), [.unroutable], now, &changes)
        forget(at: now)
        listFindings()
        if facts.channels != nil || facts.queues != nil || facts.queueDetails != nil {
            memory.suspects = suspects(after: memory.suspects)
        }
        return changes
    }

    private mutating func examine(
        _ clients: DiagnosisFacts.Listing<DiagnosisFacts.ClientChannelFacts>, _ aspect: Aspect, _ now: Date,
        _ changes: inout Changes
    ) {
        let told = Told(clients) { .channel($0.key) }
        settle(unknownChannels(clients.rows, aspect), [.unknownChannel], now, &changes) {
            $0.aspect == aspect && told.contains($0)
        }
    }

    /// What distinguishes problems of one rule that have the same subject.
    enum Aspect: Hashable, Sendable {
        case whole, memory, disk, length, bytes, client, proxy
        case member(Name)
        /// A rule of the user by its number, and the row by its place in words.
        case rule(Int, row: Name)
    }

    /// The identity of a problem.
    struct Key: Hashable, Sendable {
        var rule: DiagnosisRule
        var subject: FindingSubject
        var aspect = Aspect.whole
    }

    /// A problem that a rule sees now.
    struct Candidate {
        var key: Key
        /// Makes the finding with its words, which only costs where it is reported.
        var finding: () -> Finding
        /// Since when it exists; `nil` for when it was first seen.
        var since: Date?
        /// Seconds that the problem must last before it is reported.
        var wait = 0.0
        /// The time before which the problem cannot have existed, whenever it was first seen.
        var notBefore: Date?
        /// When the problem was last seen; `nil` for now.
        var seenAt: Date?
        /// When the problem began according to the broker or an event, independent of when it was first seen.
        var toldSince: Date?
        /// Whether `toldSince` shortens the wait: the broker itself tells that the problem lasts since then.
        var isToldExactly = false
        /// Which problems are kept when there are too many: those of the greatest weight.
        var weight = 0.0
    }

    /// A suspected problem, reported once it has lasted long enough.
    struct Suspicion: Sendable {
        var since: Date
        var seenAt: Date
        /// `nil` until it is reported.
        var finding: Finding?
    }

    /// The subjects that a list tells of: all when it is complete.
    private final class Told<Row: Sendable> {
        private let list: DiagnosisFacts.Listing<Row>
        private let subject: (Row) -> FindingSubject
        // Only made for a problem that is not seen any more.
        private lazy var subjects = Set(list.rows.map(subject))

        init(_ list: DiagnosisFacts.Listing<Row>, _ subject: @escaping (Row) -> FindingSubject) {
            self.list = list
            self.subject = subject
        }

        func contains(_ key: Key) -> Bool { list.isComplete || subjects.contains(key.subject) }
    }

    /// Compares what rules find now with what they found before.
    ///
    /// - Parameter isTold: Whether the facts include the subject, so that its absence means that the problem is over.
    mutating func settle(
        _ candidates: [Candidate], _ rules: [DiagnosisRule], _ now: Date, _ changes: inout Changes,
        isTold: (Key) -> Bool = { _ in true }
    ) {
        let oldest = now.addingTimeInterval(-memory.kept(patience))
        // What was last seen long ago may be over.
        let candidates = candidates.filter { $0.seenAt ?? now >= oldest }
        for rule in rules {
            var known = suspicions[rule] ?? [:]
            // Most rules see nothing most of the time.
            if known.isEmpty, !candidates.contains(where: { $0.key.rule == rule }) {
                note(omitted: nil, of: rule)
                continue
            }
            var found: Set<Key> = []
            let bounded = bounded(candidates.filter { $0.key.rule == rule }, known, rule)
            for candidate in bounded where found.insert(candidate.key).inserted {
                known[candidate.key] = judged(candidate, known[candidate.key], now, &changes)
            }
            for (key, suspicion) in known where !found.contains(key) && isTold(key) {
                known[key] = nil
                guard let finding = suspicion.finding else { continue }
                changes.cleared.append(finding)
                isStale = true
            }
            suspicions[rule] = known.isEmpty ? nil : known
        }
    }

    private mutating func judged(_ candidate: Candidate, _ earlier: Suspicion?, _ now: Date, _ changes: inout Changes)
        -> Suspicion
    {
        let seenAt = candidate.seenAt ?? now
        var suspicion = earlier ?? Suspicion(since: candidate.since ?? seenAt, seenAt: seenAt)
        suspicion.seenAt = max(suspicion.seenAt, seenAt)
        suspicion.since = max(candidate.since ?? suspicion.since, candidate.notBefore ?? .distantPast)
        let told = candidate.toldSince.map { min(suspicion.since, $0) } ?? suspicion.since
        let lasts = suspicion.seenAt.timeIntervalSince(candidate.isToldExactly ? told : suspicion.since)
        guard suspicion.finding != nil || lasts >= candidate.wait else { return suspicion }
        var finding = candidate.finding()
        finding.since = told
        if suspicion.finding != finding { isStale = true }
        if suspicion.finding == nil { changes.appeared.append(finding) }
        suspicion.finding = finding
        return suspicion
    }

    /// Limits the problems of a rule: those that are known stay, and of the others the greatest are taken.
    private mutating func bounded(
        _ candidates: [Candidate], _ known: [Key: Suspicion], _ rule: DiagnosisRule
    ) -> [Candidate] {
        guard candidates.count > Limit.findings else {
            note(omitted: nil, of: rule)
            return candidates
        }
        note(omitted: candidates.count - Limit.findings, of: rule)
        let ranked = candidates.map { (isKnown: known[$0.key] != nil, candidate: $0) }
        let sorted = ranked.sorted {
            $0.isKnown == $1.isKnown ? $0.candidate.weight > $1.candidate.weight : $0.isKnown
        }
        return sorted.prefix(Limit.findings).map(\.candidate)
    }

    private mutating func note(omitted count: Int?, of rule: DiagnosisRule) {
        guard omitted[rule] != count else { return }
        omitted[rule] = count
        isStale = true
    }

    private mutating func forget(at now: Date) {
        // Without a new poll it is not known whether the problem is over, and nothing is reported.
        let kept = memory.kept(patience)
        for (rule, known) in suspicions {
            guard known.values.contains(where: { now.timeIntervalSince($0.seenAt) > kept }) else { continue }
            let left = known.filter { now.timeIntervalSince($0.value.seenAt) <= kept }
            suspicions[rule] = left.isEmpty ? nil : left
            isStale = true
        }
    }

    /// Whether a rate is more than the remainder of an average.
    static func flows(_ rate: Double?) -> Bool { (rate ?? 0) > Limit.rate }
}
