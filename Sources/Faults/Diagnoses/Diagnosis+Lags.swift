import Foundation
import Names

// Rules about who is behind: members of quorum queues, consumers of streams.
extension Diagnosis {
    /// Finds members of quorum queues that lack what was committed. Whether they do was decided where the nodes' reports
    /// are compared.
    func laggingMembers() -> [Candidate] {
        memory.notable.flatMap { key, seen in
            (seen.fact.memberLags ?? []).compactMap { lag -> Candidate? in
                // A node that has no member any more is not behind; one that is offline is missing.
                if let members = seen.fact.members, !members.contains(lag.node) { return nil }
                if let online = seen.fact.onlineMembers, !online.contains(lag.node) { return nil }
                return Candidate(
                    key: Key(rule: .laggingMember, subject: .queue(key), aspect: .member(lag.node)),
                    finding: {
                        Finding(
                            .laggingMember, .warning,
                            what: "its member on \(lag.node) lacks \(String(counted: lag.entries, "entry", "entries"))"
                                + " of the log",
                            where: key.words, since: lag.since,
                            advice:
                                "See disk and network of \(lag.node); until it has caught up, the loss of another node can stop the queue.",
                            subjects: [.queue(key), .node(lag.node)])
                    }, since: lag.since, seenAt: seen.at, weight: Double(lag.entries))
            }
        }
    }

    /// Finds streams of which a consumer falls behind more and more.
    func growingLags() -> [Candidate] {
        memory.lags.compactMap { key, trend in
            // What has not grown for a while is behind, but does not fall behind.
            guard trend.growth >= Limit.lagMessages,
                trend.latest.at.timeIntervalSince(trend.greatestAt) <= patience.standstill
            else { return nil }
            return Candidate(
                key: Key(rule: .growingLag, subject: .queue(key)),
                finding: {
                    let who = trend.latest.connection.map { "the consumer at \($0)" } ?? "a consumer"
                    let lag = String(counted: trend.latest.messages, "message")
                    return Finding(
                        .growingLag, .warning, what: "\(who) is \(lag) behind, and falls behind more and more",
                        where: key.words, since: trend.since,
                        advice:
                            "Add consumers or partition the stream: what is older than its retention is lost to them.",
                        subjects: [.queue(key)]
                            + (trend.latest.connection.map { [FindingSubject.connection($0)] } ?? []))
                }, since: trend.since, wait: patience.lag, seenAt: trend.latest.at,
                weight: Double(trend.latest.messages)
            )
        }
    }
}
