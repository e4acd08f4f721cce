import Names

/// The vhosts in which the user was refused, and until when nothing is asked there that would be refused again: each refusal
/// is in the broker's log. After the pause, which grows to a minute, one request tries for all. Pure: times are seconds of a
/// clock that never goes back.
struct VhostRefusals: Sendable {
    /// How it was asked. Who is refused over HTTP may not log in over AMQP either; a monitoring user who may not log in may
    /// still see the lists of the HTTP API.
    enum Way: Sendable, CaseIterable { case http, amqp }

    private struct Key: Hashable {
        var vhost: Name
        var way: Way
    }

    private struct Pause {
        var refusals: Int
        var until: Double
        /// Whether somebody tries, and the others wait for it.
        var isTried = false
    }

    /// The most vhosts that are remembered.
    static let capacity = 2_000

    private var pauses: [Key: Pause] = [:]

    /// A refusal on one of these ways is enough to leave this way alone.
    private static func what(holds way: Way) -> [Way] { way == .http ? [.http] : Way.allCases }

    /// Whether what is asked this way is left alone now.
    func holds(_ vhost: Name, _ way: Way, at now: Double) -> Bool {
        Self.what(holds: way).contains { (pauses[Key(vhost: vhost, way: $0)]?.until ?? -.infinity) > now }
    }

    /// Whether to ask now. After a pause the first to ask tries for the others, which wait for what becomes of it.
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
        // Requests that were under way together are refused together.
        if let pause = pauses[key], pause.until > now, !pause.isTried { return }
        let refusals = min((pauses[key]?.refusals ?? 0) + 1, 10)
        if pauses.count >= Self.capacity, pauses[key] == nil { pauses = pauses.filter { $0.value.until > now } }
        if pauses.count >= Self.capacity, pauses[key] == nil { pauses = [:] }
        pauses[key] = Pause(refusals: refusals, until: now + PollPlan.deniedInterval(after: refusals))
    }

    /// Something was answered that is answered only to whom has access.
    mutating func admitted(_ vhost: Name, _ way: Way) {
        // Who may log in may do the rest.
        for way in way == .amqp ? Way.allCases : [.http] { pauses[Key(vhost: vhost, way: way)] = nil }
    }

    /// The user was given access.
    mutating func forget(_ vhost: Name) {
        for way in Way.allCases { pauses[Key(vhost: vhost, way: way)] = nil }
    }
}
