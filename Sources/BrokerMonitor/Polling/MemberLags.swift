import Faults
import Foundation
import Names
import RabbitMQManagement
import TopCore

/// Which members of quorum queues are behind, from what each node reports of its own members.
///
/// The nodes are asked at different times, so two indices cannot be compared directly: a busy queue's log grows by
/// thousands in between. A member is behind when it lacks, in two reports of its node in a row, what was committed at
/// least `patience` seconds before each of them: one that catches up after a restart is not.
struct MemberLags: Sendable {
    /// Seconds within which every member should have what is committed.
    static let patience = Diagnosis.memberLag
    /// The highest number of queues that are followed; each takes less than a kilobyte.
    static let mostQueues = 20_000

    private struct Commit: Sendable {
        var index: Int64
        var at: Date
    }

    /// One queue, from all nodes.
    private struct Log: Sendable {
        /// The newest commit index, which will be old enough later.
        var latest: Commit
        /// The last commit index that is at least `patience` old when the next one is.
        var settled: Commit?
        /// The last report of each node.
        var reports: [Name: (commit: Int64, position: Int64, at: Date)] = [:]
        /// Since when each node's member is known to be behind, and in how many reports.
        var behind: [Name: (since: Date, reports: Int)] = [:]

        mutating func take(_ commit: Int64, at: Date) {
            guard at.timeIntervalSince(latest.at) >= MemberLags.patience else { return }
            settled = latest
            latest = Commit(index: max(commit, latest.index), at: at)
        }
    }

    /// The number of reports in a row after which a member is behind.
    private static let reports = 2

    private var logs: [EntityID: Log] = [:]
    /// When each node reported last, and how long before that.
    private var paces: [Name: (at: Date, interval: Double)] = [:]

    /// Takes the report of one node: all of its members.
    mutating func take(_ members: [LogMemberGauge], of node: Name, at: Date) {
        paces[node] = (at, max(0, at.timeIntervalSince(paces[node]?.at ?? at)))
        var told: Set<EntityID> = []
        told.reserveCapacity(members.count)
        for member in members {
            guard let commit = member.commitIndex, let position = member.position, commit >= 0 else { continue }
            let id = EntityID(vhost: member.vhost, name: member.queue)
            told.insert(id)
            take(commit, position, of: id, node, at)
        }
        // A queue that the node does not report has no member there any more.
        for (id, log) in logs where log.reports[node] != nil && !told.contains(id) {
            logs[id]?.reports[node] = nil
            logs[id]?.behind[node] = nil
            if log.reports.count == 1 { logs[id] = nil }
        }
    }

    private mutating func take(_ commit: Int64, _ position: Int64, of id: EntityID, _ node: Name, _ at: Date) {
        guard var log = logs[id] else {
            guard logs.count < Self.mostQueues else { return }
            var log = Log(latest: Commit(index: commit, at: at))
            log.reports[node] = (commit, position, at)
            logs[id] = log
            return
        }
        // A log does not become shorter: the queue was declared again, or the clock was set back.
        if let before = log.reports[node], commit < before.commit || at < before.at {
            logs[id] = nil
            return take(commit, position, of: id, node, at)
        }
        log.reports[node] = (commit, position, at)
        let highest = log.reports.values.reduce(commit) { max($0, $1.commit) }
        log.take(highest, at: at)
        if let settled = log.settled, at.timeIntervalSince(settled.at) >= Self.patience, position < settled.index {
            let before = log.behind[node]
            log.behind[node] = (before?.since ?? settled.at, min((before?.reports ?? 0) + 1, Self.reports))
        } else {
            log.behind[node] = nil
        }
        logs[id] = log
    }

    /// Forgets nodes that are not asked any more.
    mutating func keep(_ nodes: Set<Name>) {
        guard paces.keys.contains(where: { !nodes.contains($0) }) else { return }
        paces = paces.filter { nodes.contains($0.key) }
        for (id, log) in logs {
            let gone = log.reports.keys.filter { !nodes.contains($0) }
            guard !gone.isEmpty else { continue }
            for node in gone {
                logs[id]?.reports[node] = nil
                logs[id]?.behind[node] = nil
            }
            if gone.count == log.reports.count { logs[id] = nil }
        }
    }

    /// The queues with a member that is behind.
    var queues: [EntityID] { logs.compactMap { $1.behind.values.contains { $0.reports >= Self.reports } ? $0 : nil } }

    /// Returns the members of a queue that are behind, by node; `nil` when less than two nodes have reported it lately.
    func lags(of id: EntityID, at now: Date) -> [MemberLag]? {
        guard let log = logs[id] else { return nil }
        let fresh = log.reports.filter { node, report in
            now.timeIntervalSince(report.at) <= max(6 * Self.patience, 3 * (paces[node]?.interval ?? 0))
        }
        guard fresh.count > 1 else { return nil }
        let highest = fresh.values.reduce(0) { max($0, $1.commit) }
        return log.behind.compactMap { node, behind in
            guard behind.reports >= Self.reports, let report = fresh[node] else { return nil }
            let (entries, _) = highest.subtractingReportingOverflow(report.position)
            return MemberLag(node: node, entries: Int(clamping: max(1, entries)), since: behind.since)
        }.sorted { $0.node < $1.node }
    }
}
