import Names

/// Finds out which queues of one vhost the user may declare passively, with as few refusals as possible.
///
/// RabbitMQ 4.3.1 and later require some permission on the queue; without one they refuse with 403, close the channel
/// and log an error. So after the first refusal only queues that were answered before are declared, and now and then
/// one more: the one whose name is most similar to theirs. With permissions for `^mine` all of them are found after the
/// first. Times are seconds of a monotonic clock.
struct DeclareTrials: Sendable {
    /// The highest number of names that are remembered.
    static let capacity = 2_000

    private var allowed: Set<Name> = []
    /// When each queue was last refused.
    private var refused: [Name: Double] = [:]
    private var refusals = 0
    private(set) var nextTrial = -Double.infinity
    /// The broker's text of the last refusal.
    private(set) var words: String?

    /// Whether a queue was ever refused to the user.
    var isCareful: Bool { refusals > 0 }

    /// Returns the seconds from a refusal to the next trial: one minute, rising to ten.
    static func pause(after refusals: Int) -> Double {
        min(600, 60 * Double(1 << min(max(refusals - 1, 0), 4)))
    }

    /// Returns which of these queues to declare now; one that may be refused comes last.
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

    /// Records a refusal.
    ///
    /// - Parameter declared: the queues that were answered before it.
    mutating func denied(_ name: Name, _ words: String, at now: Double, declared: [Name] = []) {
        // This one was answered before, so the permissions have changed.
        if allowed.contains(name) { allowed = [] }
        refusals += 1
        self.words = words
        refused[name] = now
        nextTrial = now + Self.pause(after: refusals)
        self.declared(declared)
        if refused.count > Self.capacity { refused = [name: now] }
    }

    /// Returns how many of these queues are known to be allowed.
    func known(of names: [Name]) -> Int {
        isCareful ? names.count { allowed.contains($0) } : names.count
    }

    private func candidate(of names: [Name]) -> Name? {
        let candidates = names.filter { !allowed.contains($0) }
        let fresh = candidates.filter { refused[$0] == nil }
        if let best = fresh.max(by: { promise($0) < promise($1) }) { return best }
        return candidates.min { refused[$0] ?? 0 < refused[$1] ?? 0 }
    }

    /// Returns how much more a name resembles the allowed names than the refused ones.
    private func promise(_ name: Name) -> Int {
        let nearest = allowed.map { Self.common(name, $0) }.max() ?? 0
        return nearest * 2 - (refused.keys.map { Self.common(name, $0) }.max() ?? 0)
    }

    /// Returns the length of the common prefix of two names.
    private static func common(_ one: Name, _ other: Name) -> Int {
        zip(one.bytes, other.bytes).prefix { $0 == $1 }.count
    }
}
