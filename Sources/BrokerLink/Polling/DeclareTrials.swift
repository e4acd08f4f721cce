import Names

/// Which queues of one vhost the user may declare passively, found out with as few refusals as can be.
///
/// RabbitMQ 4.3.1 and later want some permission on the queue, refuse with 403, close the channel and write an error into the
/// log. So after the first refusal only queues are asked that were answered before, and one more now and then, the one that
/// looks most like those: with permissions for `^mine` all of them are found after the first. Times are seconds of a clock
/// that never goes back.
struct DeclareTrials: Sendable {
    /// The most names that are remembered.
    static let capacity = 2_000

    private var allowed: Set<Name> = []
    /// When they were refused last.
    private var refused: [Name: Double] = [:]
    private var refusals = 0
    private(set) var nextTrial = -Double.infinity
    /// The broker's words at the last refusal.
    private(set) var words: String?

    /// Whether the user was ever refused one.
    var isCareful: Bool { refusals > 0 }

    /// Seconds from a refusal to the next trial: a minute, and up to ten.
    static func pause(after refusals: Int) -> Double {
        min(600, 60 * Double(1 << min(max(refusals - 1, 0), 4)))
    }

    /// Of these queues those that are to be asked now; one that may be refused comes last.
    func plan(_ names: [Name], at now: Double) -> [Name] {
        guard isCareful else { return names }
        var plan = names.filter { allowed.contains($0) }
        if now >= nextTrial, let trial = candidate(of: names) { plan.append(trial) }
        return plan
    }

    mutating func declared(_ names: some Sequence<Name>) {
        guard isCareful else { return }
        for name in names {
            allowed.insert(name)
            refused[name] = nil
        }
        if allowed.count > Self.capacity { allowed = Set(allowed.suffix(Self.capacity / 2)) }
    }

    /// - Parameter declared: what was answered in front of it.
    mutating func denied(_ name: Name, _ words: String, at now: Double, declared: [Name] = []) {
        // One that was answered before: what may be asked has changed.
        if allowed.contains(name) { allowed = [] }
        refusals += 1
        self.words = words
        refused[name] = now
        nextTrial = now + Self.pause(after: refusals)
        self.declared(declared)
        if refused.count > Self.capacity { refused = [name: now] }
    }

    /// How many of these are asked.
    func known(of names: [Name]) -> Int {
        isCareful ? names.count { allowed.contains($0) } : names.count
    }

    private func candidate(of names: [Name]) -> Name? {
        let candidates = names.filter { !allowed.contains($0) }
        let fresh = candidates.filter { refused[$0] == nil }
        if let best = fresh.max(by: { promise($0) < promise($1) }) { return best }
        return candidates.min { refused[$0] ?? 0 < refused[$1] ?? 0 }
    }

    /// How much more a name looks like those that may be asked than like those that may not.
    private func promise(_ name: Name) -> Int {
        let nearest = allowed.map { Self.common(name, $0) }.max() ?? 0
        return nearest * 2 - (refused.keys.map { Self.common(name, $0) }.max() ?? 0)
    }

    /// The length of what two names have in common at their start.
    private static func common(_ one: Name, _ other: Name) -> Int {
        zip(one.bytes, other.bytes).prefix { $0 == $1 }.count
    }
}
