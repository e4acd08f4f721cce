import Names

/// Which queues and exchanges a policy would apply to, as the broker decides it: a regular expression that is found
/// anywhere in the name; of several policies the one with the highest priority applies.
struct PolicyPreview: Equatable {
    /// What matches among one kind of things.
    struct Matches: Equatable {
        /// How many names match.
        var count = 0
        /// The first of them.
        var examples: [Name] = []
        /// How many of them another policy keeps, which has a higher priority, by its name.
        var kept: [Name: Int] = [:]
        /// How many of them have another policy of the same priority: which applies is not defined.
        var tied: [Name: Int] = [:]
        /// How many names were tried.
        var tried = 0
        /// How many there are.
        var total = 0

        /// How many it would apply to for certain.
        var effective: Int { count - kept.values.reduce(0, +) - tied.values.reduce(0, +) }
    }

    /// The queues.
    var queues: Matches?
    /// The exchanges.
    var exchanges: Matches?

    /// The most names of a kind that are tried: the preview follows each key.
    static let mostTried = 3_000
    /// The most names that are shown.
    static let mostExamples = 3

    /// A thing that a policy may apply to.
    struct Candidate {
        var id: EntityID
        /// The type of a queue; nil if it is not known.
        var type: String?
        /// The policy that applies now; nil if none does, or if that is not known.
        var policy: Name?
    }

    /// Compares a policy with what there is.
    ///
    /// - Parameters:
    ///   - pattern: The expression.
    ///   - id: The policy's name and vhost.
    ///   - priorities: The priorities of the policies of the vhost, by their names.
    init(
        _ pattern: PolicyPattern, of id: EntityID, on target: PolicyTarget, priority: Int,
        queues: some Collection<Candidate>, exchanges: some Collection<Candidate>, priorities: [Name: Int]
    ) {
        func matches(_ candidates: some Collection<Candidate>) -> Matches {
            var matches = Matches()
            for candidate in candidates where candidate.id.vhost == id.vhost && !candidate.id.name.isEmpty {
                matches.total += 1
                guard matches.tried < Self.mostTried else { continue }
                matches.tried += 1
                guard pattern.matches(candidate.id.name) else { continue }
                matches.count += 1
                if matches.examples.count < Self.mostExamples { matches.examples.append(candidate.id.name) }
                guard let other = candidate.policy, other != id.name, let theirs = priorities[other] else { continue }
                if theirs > priority { matches.kept[other, default: 0] += 1 }
                if theirs == priority { matches.tied[other, default: 0] += 1 }
            }
            return matches
        }
        if target != .exchanges {
            self.queues = matches(queues.lazy.filter { target.covers(queueType: $0.type) })
        }
        if target.coversExchanges { self.exchanges = matches(exchanges) }
    }

    /// What it says below the form.
    var words: String {
        [queues.map { Self.words($0, "queue") }, exchanges.map { Self.words($0, "exchange") }].compactMap(\.self)
            .joined(separator: "; ")
    }

    private static func words(_ matches: Matches, _ noun: String) -> String {
        let plural = matches.count == 1 ? noun : noun + "s"
        var words = "\(ValueFormat.grouped(matches.count)) \(plural)"
        if !matches.examples.isEmpty {
            let more = matches.count > matches.examples.count ? " …" : ""
            words += " (\(matches.examples.map(\.text).joined(separator: ", "))\(more))"
        }
        for (name, count) in matches.kept.sorted(by: { $0.key < $1.key }) {
            words += ", of which \(ValueFormat.grouped(count)) keep \(name): it has a higher priority"
        }
        for (name, count) in matches.tied.sorted(by: { $0.key < $1.key }) {
            words += ", \(ValueFormat.grouped(count)) have \(name) of the same priority: which applies is not defined"
        }
        if matches.tried < matches.total {
            words += ", among the first \(ValueFormat.grouped(matches.tried)) of \(ValueFormat.grouped(matches.total))"
        }
        return words
    }
}
