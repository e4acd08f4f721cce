import Names

/// The vhosts in which the user was refused, and until when requests are withheld that would be refused again, because
/// the broker logs each refusal. After the pause, which grows to one minute, one request is tried for all. Pure: times
/// are seconds of a monotonic clock.
struct VhostRefusals: Sendable {
    /// The protocol of a request. A user who is refused over HTTP may not log in over AMQP either; a monitoring user
    /// who may not log in may still read the lists of the HTTP API.
    enum Way: Sendable, CaseIterable { case http, amqp }

    private struct Key: Hashable {
        var vhost: Name
        var way: Way
    }

    private struct Pause {
        var refusals: Int
        var until: Double
        /// Whether a request is being tried, and the others wait for its result.
        var isTried = false
    }

    /// The highest number of remembered vhosts.
    static let capacity = 2_000

    private var pauses: [Key: Pause] = [:]

    /// Returns the protocols on which a refusal is enough to withhold requests of this protocol.
    private static func what(holds way: Way) -> [Way] { way == .http ? [.http] : Way.allCases }

    /// Whether requests of this protocol are withheld now.
    func holds(_ vhost: Name, _ way: Way, at now: Double) -> Bool {
        Self.what(holds: way).contains { (pauses[Key(vhost: vhost, way: $0)]?.until ?? -.infinity) > now }
    }

    /// Whether to send a request now. After a pause the first request is tried, and the others wait for its result.
    mutating func mayAsk(_ vhost: Name, _ way: Way, at now: Double) -> Bool {
        guard !holds(vhost, way, at: now) else { return false }
        for way in Self.what(holds: way) {
            pauses[Key(vhost: vhost, way: way)]?.until = now + PollPlan.deniedInterval(after: 1)
            pauses[Key(vhost: vhost, way: way)]?.isTried = true
        }
        return true
    }

    mutating func refused(_ vhost: Name, _ way: Way, at now: Double) {
        let key = Key(vhost: vhost, way: way)
        // Requests that were in flight together are refused together.
        if let pause = pauses[key], pause.until > now, !pause.isTried { return }
        let refusals = min((pauses[key]?.refusals ?? 0) + 1, 10)
        if pauses.count >= Self.capacity, pauses[key] == nil { pauses = pauses.filter { $0.value.until > now } }
        if pauses.count >= Self.capacity, pauses[key] == nil { pauses = [:] }
        pauses[key] = Pause(refusals: refusals, until: now + PollPlan.deniedInterval(after: refusals))
    }

    /// Records an answer that only a user with access receives.
    mutating func admitted(_ vhost: Name, _ way: Way) {
        // A user who may log in has access over HTTP, too.
        for way in way == .amqp ? Way.allCases : [.http] { pauses[Key(vhost: vhost, way: way)] = nil }
    }

    /// Forgets the refusals of a vhost, because the user was granted access.
    mutating func forget(_ vhost: Name) {
        for way in Way.allCases { pauses[Key(vhost: vhost, way: way)] = nil }
    }
}
