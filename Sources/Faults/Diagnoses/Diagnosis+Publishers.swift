import Foundation
import Names

// Rules about publishers: those that are blocked, and those whose messages reach no queue.
extension Diagnosis {
    static func troubles(of connections: [DiagnosisFacts.ConnectionFacts]) -> [Candidate] {
        connections.filter { $0.state == "blocked" }.map { connection in
            let name = Name(connection.name)
            return Candidate(
                key: Key(rule: .blockedPublisher, subject: .connection(name)),
                finding: {
                    var subjects: [FindingSubject] = [.connection(name)]
                    if let client = connection.clientName, !client.isEmpty {
                        subjects.append(.application(Name(client)))
                    }
                    return Finding(
                        .blockedPublisher, .warning, what: "publishes and is blocked: the broker does not read from it",
                        where: place(connection: name, connection.clientName), since: nil,
                        advice: "Look for a memory or disk alarm; publishing goes on by itself when it is over.",
                        subjects: subjects)
                }, toldSince: connection.blockedSince)
        }
    }

    /// Finds publishes that reach no queue, by channel; for the whole cluster where no channel is known to have them.
    func unroutable() -> [Candidate] {
        guard memory.unroutable.isEmpty else { return memory.unroutable.map { unroutable($0.key, $0.value) } }
        guard let seen = memory.clusterUnroutable else { return [] }
        return [
            Candidate(
                key: Key(rule: .unroutable, subject: .cluster),
                finding: {
                    let exchanges = memory.unroutableExchanges?.fact ?? []
                    let place = exchanges.isEmpty ? "" : ": they go to \(Self.words(exchanges))"
                    return Finding(
                        .unroutable, .warning,
                        what: "\(Self.figure(seen.fact)) messages a second are published that reach no queue\(place)",
                        where: "cluster", since: nil,
                        advice: "Look for channels that publish to an exchange without a matching binding.",
                        subjects: [.cluster] + exchanges.map { .exchange($0) })
                },
                // The list of channels, which comes more rarely, may tell who publishes them.
                wait: patience.unroutableTotal, seenAt: seen.at)
        ]
    }

    private func unroutable(
        _ key: DiagnosisFacts.ChannelKey, _ known: DiagnosisMemory.Unroutable
    ) -> Candidate {
        Candidate(
            key: Key(rule: .unroutable, subject: .channel(key)),
            finding: {
                var parts: [String] = []
                if let rate = known.droppedRate, Self.flows(rate) {
                    parts.append("\(Self.figure(rate)) a second dropped")
                }
                if let rate = known.returnedRate, Self.flows(rate) {
                    parts.append("\(Self.figure(rate)) a second returned to it")
                }
                var place = known.text.map { " (\($0))" } ?? ""
                // Which exchanges are concerned is counted for all channels together.
                var exchanges = memory.unroutableExchanges?.fact ?? []
                if memory.unroutable.count > 1, !known.exchanges.isEmpty {
                    let both = exchanges.filter { known.exchanges.contains($0) }
                    exchanges = both.isEmpty ? known.exchanges : both
                } else if exchanges.isEmpty {
                    exchanges = known.exchanges
                }
                let isSure = memory.unroutable.count == 1 && memory.unroutableExchanges != nil
                if known.text == nil, !exchanges.isEmpty {
                    let verb =
                        isSure
                        ? "they go to" : known.exchanges.isEmpty ? "of all channels they go to" : "it publishes to"
                    place = " (\(verb) \(Self.words(exchanges)))"
                }
                let amount = parts.isEmpty ? "" : ": " + parts.joined(separator: ", ")
                return Finding(
                    .unroutable, .warning, what: "publishes messages that reach no queue\(place)\(amount)",
                    where: Self.place(key, known.clientName), since: known.since,
                    advice:
                        "Compare its exchange and routing key with the bindings; an alternate exchange keeps what "
                        + "reaches no queue.",
                    subjects: Self.subjects(key, known.clientName, []) + exchanges.map { .exchange($0) })
            }, since: known.since, seenAt: known.at,
            weight: (known.droppedRate ?? 0) + (known.returnedRate ?? 0))
    }

    private static func words(_ exchanges: [DiagnosisFacts.ExchangeKey]) -> String {
        exchanges.map(\.words).joined(separator: ", ")
    }
}
