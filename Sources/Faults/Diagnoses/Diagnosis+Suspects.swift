import Names

extension Diagnosis {
    /// The most objects whose details are asked for.
    static let mostSuspects = 20

    /// The objects whose details would confirm a suspicion, or tell when it is over: at most 20. One that stays suspect
    /// keeps its place, so that what is asked for does not change with each list.
    public var suspects: [FindingSubject] { memory.suspects }

    /// Returns the suspects, those of before first.
    func suspects(after earlier: [FindingSubject]) -> [FindingSubject] {
        var wanted: [(subject: FindingSubject, weight: Double)] = []
        var seen: Set<FindingSubject> = []
        func want(_ subject: FindingSubject, _ weight: Double) {
            if seen.insert(subject).inserted { wanted.append((subject, weight)) }
        }
        for (rule, known) in suspicions {
            for (key, suspicion) in known {
                let weight = suspicion.finding == nil ? 1.0 : 2.0
                for subject in Self.detailed(rule, key.subject) { want(subject, weight) }
                guard case .channel(let channel) = key.subject else { continue }
                // Limits and redeliveries of the queues that such a channel holds up.
                for row in memory.consumers[channel]?.fact.prefix(2) ?? [] { want(.queue(row.queue), weight) }
            }
        }
        // Queues that grow without a known limit. Those of before stay, whichever is the longest now.
        for case .queue(let key) in earlier where memory.queues[key]?.isGrowing == true { want(.queue(key), 0) }
        let missing = Self.mostSuspects - wanted.count
        if missing > 0 { for key in longestQueues(missing) { want(.queue(key), 0) } }
        let kept = earlier.filter { seen.contains($0) }
        let places = Set(kept)
        let new = wanted.filter { !places.contains($0.subject) }
            .sorted { $0.weight == $1.weight ? $0.subject.order < $1.subject.order : $0.weight > $1.weight }
        return Array((kept + new.map(\.subject)).prefix(Self.mostSuspects))
    }

    /// Returns the object whose details a rule needs.
    private static func detailed(_ rule: DiagnosisRule, _ subject: FindingSubject) -> [FindingSubject] {
        switch (rule, subject) {
        case (.unroutable, .channel), (_, .queue): [subject]
        default: []
        }
    }

    /// Returns queues that only grow, whose limits are not known: the longest.
    private func longestQueues(_ count: Int) -> [DiagnosisFacts.QueueKey] {
        var longest: [(key: DiagnosisFacts.QueueKey, ready: Int)] = []
        for trend in memory.queues.values where trend.isGrowing {
            if longest.count == count, let last = longest.last, last.ready >= trend.ready { continue }
            let place = longest.firstIndex { $0.ready < trend.ready } ?? longest.count
            longest.insert((trend.key, trend.ready), at: place)
            if longest.count > count { longest.removeLast() }
        }
        return longest.map(\.key)
    }
}

extension FindingSubject {
    /// The order among subjects of equal weight, so that it does not depend on chance.
    fileprivate var order: Name {
        switch self {
        case .cluster: ""
        case .node(let name), .vhost(let name), .connection(let name), .application(let name), .source(let name): name
        case .queue(let key): Name(bytes: key.vhost.bytes + [0] + key.name.bytes)
        case .exchange(let key): Name(bytes: key.vhost.bytes + [0] + key.name.bytes)
        case .channel(let key): Name(bytes: key.connection.bytes + " \(key.number)".utf8)
        case .consumer(let key): Name(bytes: key.channel.connection.bytes + [0] + key.tag.bytes)
        }
    }
}
