import Foundation
import Names

// Rules that need a single poll, or figures of the whole broker.
extension Diagnosis {
    /// Returns the location of a channel as text that does not change during its life.
    static func place(_ key: DiagnosisFacts.ChannelKey, _ clientName: String?) -> String {
        "\(place(connection: key.connection, clientName)), channel \(key.number)"
    }

    static func place(connection: Name, _ clientName: String?) -> String {
        let connection = connection.text
        let peer = connection.firstRange(of: " -> ").map { String(connection[..<$0.lowerBound]) } ?? connection
        return clientName.map { "\($0) at \(peer)" } ?? peer
    }

    // MARK: Sources

    static func troubles(of sources: [DiagnosisFacts.SourceFacts]) -> [Candidate] {
        sources.filter(\.isMissing).map { source in
            let subject = FindingSubject.source(Name(source.name))
            return Candidate(
                key: Key(rule: .source, subject: subject),
                finding: {
                    Finding(
                        .source, source.isVital ? .critical : .warning,
                        what: source.problem ?? "does not answer any more", where: "source \(source.name)",
                        since: source.lastSuccess,
                        advice: source.advice
                            ?? "What it fed is as old as its last answer; see whether the broker runs.",
                        subjects: [subject])
                }, since: source.lastSuccess)
        }
    }

    // MARK: Clients

    func unknownChannels(_ clients: [DiagnosisFacts.ClientChannelFacts], _ aspect: Aspect) -> [Candidate] {
        clients.filter { $0.isOpen && $0.isKnownToBroker == false }.map { client in
            Candidate(
                key: Key(rule: .unknownChannel, subject: .channel(client.key), aspect: aspect),
                finding: {
                    Finding(
                        .unknownChannel, .critical, what: "is open in the client, and the broker does not know it",
                        where: Self.place(client.key, client.clientName), since: nil,
                        advice: "Nothing passes there any more: close the channel, or restart the application.",
                        subjects: Self.subjects(client.key, client.clientName, []))
                }, wait: patience.unknownChannel)
        }
    }

    // MARK: Churn

    func troubles(of churn: DiagnosisFacts.ChurnFacts) -> [Candidate] {
        var candidates: [Candidate] = []
        // What opens and stays is growth; churn is what opens and closes.
        func check(
            _ rule: DiagnosisRule, _ things: String, _ opened: Double?, _ closed: Double?, _ limit: Double,
            _ advice: String, who: String = "", makers: [FindingSubject] = []
        ) {
            guard let opened, let closed, min(opened, closed) >= limit else { return }
            let rate = (min(opened, closed) * 10).rounded() / 10
            candidates.append(
                Candidate(
                    key: Key(rule: rule, subject: .cluster),
                    finding: {
                        Finding(
                            rule, .warning, what: "\(rate) \(things) are opened and closed in a second\(who)",
                            where: "cluster", since: nil, advice: advice, subjects: [.cluster] + makers)
                    }, wait: patience.churn))
        }
        let most = memory.newcomers.filter { $0.value >= 3 }.max { ($0.value, $1.key) < ($1.value, $0.key) }
        check(
            .connectionChurn, "connections", churn.connectionsOpened, churn.connectionsClosed,
            patience.connectionsPerSecond,
            "Let the application keep one connection open; each new one costs the broker.",
            who: most.map { ", most by \($0.key)" } ?? "", makers: most.map { [.application($0.key)] } ?? [])
        check(
            .channelChurn, "channels", churn.channelsOpened, churn.channelsClosed, patience.channelsPerSecond,
            "Let the application keep its channels open, or take them from a pool.")
        return candidates
    }
}
