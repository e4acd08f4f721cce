/// Decides what is asked when. Times are seconds of a clock that never goes back.
///
/// Each ask has at most one request in flight. The next one comes after the longer of its interval and, over HTTP, twenty
/// times what the last one took, give or take a tenth, counted from its start. While a feed is dead, one ask probes it every
/// second and the others wait; when its return is believed, they are due. A feed that dies after it lived steadily has the
/// other feeds probed at once; one that flaps hurries nobody. A feed that refuses the user is asked after 15 s, 30 s, and then
/// once a minute.
struct PollPlan: Sendable {
    /// What is wanted: how often, and a value that changes when the same ask would bring something else.
    struct Want: Equatable, Sendable {
        var interval: Double
        var subject: Int

        init(every interval: Double, subject: Int = 0) {
            self.interval = interval
            self.subject = subject
        }
    }

    static let probeInterval = 1.0
    /// Seconds until a feed that refuses the user is asked again.
    static func deniedInterval(after denials: Int) -> Double {
        denials <= 1 ? 15 : denials == 2 ? 30 : 60
    }
    /// The least time between two requests of one ask, however often its subject changes.
    static let leastGap = 0.2

    private struct Track: Sendable {
        var want: Want
        var dueAt: Double
        var startedAt: Double?
        var lastStart: Double?
        var isWanted = true
        var isOutdated = false
        /// Whether a request ended since it is wanted as it is.
        var hasEnded = false
    }

    private var tracks: [Ask: Track] = [:]
    private var health: [Feed: FeedHealth] = [:]
    /// Until when a feed that refuses the user is left alone, whatever is on the screen: each refusal is in the broker's log.
    private var quietUntil: [Feed: Double] = [:]

    init() {}

    func isDead(_ feed: Feed) -> Bool { health[feed]?.state == .dead }
    private func isDenied(_ feed: Feed) -> Bool { health[feed]?.state == .denied }

    /// The feeds that do not answer, or are not yet believed to.
    var dead: [Feed] { health.compactMap { $1.state == .dead ? $0 : nil } }

    /// Whether a feed that answers now is taken to live.
    func believes(_ feed: Feed, at now: Double) -> Bool { health[feed]?.believes(at: now) ?? true }

    /// Whether it answers again and is not yet believed to live.
    func isReturning(_ feed: Feed) -> Bool { health[feed]?.isReturning ?? false }

    func wants(_ ask: Ask) -> Bool { tracks[ask]?.isWanted ?? false }

    /// The subject of what is wanted; `nil` where it is not.
    func subject(of ask: Ask) -> Int? { tracks[ask].flatMap { $0.isWanted ? $0.want.subject : nil } }

    /// Takes over what is wanted from now on. What is new, or would bring something else, is due at once.
    mutating func want(_ wants: [Ask: Want], at now: Double) {
        for ask in tracks.keys where wants[ask] == nil { tracks[ask]?.isWanted = false }
        for (ask, want) in wants {
            guard var track = tracks[ask] else {
                tracks[ask] = Track(want: want, dueAt: earliest(ask.feed, at: now))
                continue
            }
            let isNew = !track.isWanted || track.want.subject != want.subject
            let isFaster = want.interval < track.want.interval
            track.want = want
            track.isWanted = true
            if isNew {
                if track.startedAt != nil { track.isOutdated = true }
                track.hasEnded = false
                track.dueAt = earliest(ask.feed, after: track.lastStart, at: now)
            } else if isFaster, let start = track.lastStart {
                track.dueAt = min(track.dueAt, max(earliest(ask.feed, at: now), start + want.interval))
            }
            tracks[ask] = track
        }
        for (ask, track) in tracks where !track.isWanted && track.startedAt == nil { tracks[ask] = nil }
    }

    /// When an ask may start at the earliest.
    private func earliest(_ feed: Feed, after start: Double? = nil, at now: Double) -> Double {
        max(now, (start ?? -.infinity) + Self.leastGap, quietUntil[feed] ?? -.infinity)
    }

    /// Whether everything that is wanted was answered or refused at least once, or cannot be asked.
    var isSettled: Bool {
        tracks.allSatisfy { ask, track in
            !track.isWanted || track.hasEnded || isDead(ask.feed) || isDenied(ask.feed)
        }
    }

    /// What is to be asked now; each is in flight from here until `ended`.
    mutating func due(at now: Double) -> [Ask] {
        var result: [Ask] = []
        for (ask, track) in tracks where isReady(ask, track) && track.dueAt <= now { result.append(ask) }
        for ask in result {
            tracks[ask]?.startedAt = now
            tracks[ask]?.lastStart = now
            tracks[ask]?.isOutdated = false
        }
        return result
    }

    /// When `due` has something next, if nothing changes until then.
    var nextDue: Double? {
        tracks.lazy.filter { isReady($0.key, $0.value) }.map(\.value.dueAt).min()
    }

    /// Whether the management API has answered to anything yet; a plan without a pulse does not ask.
    private var isKnown: Bool { health[.management] != nil || tracks[.pulse]?.isWanted != true }

    private func isReady(_ ask: Ask, _ track: Track) -> Bool {
        guard track.isWanted, track.startedAt == nil else { return false }
        // A dead management API is probed by the pulse alone; the other feeds have one ask each.
        guard ask.feed == .management, ask != .pulse else { return true }
        // Before the first answer, too: a wrong password is refused once, and not by as many requests as there are.
        guard isKnown, !isDead(.management), !isDenied(.management) else { return false }
        // What names a vhost waits until it is known which ones the user may open.
        if ask.namesVhost, let vhosts = tracks[.vhosts], vhosts.isWanted { return vhosts.hasEnded }
        return true
    }

    /// Takes the end of a request.
    ///
    /// - Parameter jitter: a random number from -1 to 1.
    /// - Returns: whether the feed died, refuses the user, or came back with it.
    @discardableResult
    mutating func ended(_ ask: Ask, _ result: AskResult, at now: Double, jitter: Double) -> Bool {
        guard var track = tracks[ask], let start = track.startedAt else { return false }
        track.startedAt = nil
        track.hasEnded = track.hasEnded || (result != .skipped && !track.isOutdated)
        let feed = ask.feed
        var state = health[feed] ?? FeedHealth()
        var change: Change?
        switch result {
        case .answered, .refused:
            let took = max(0, now - start)
            let pause = max(track.want.interval, Self.restFactor(ask) * took)
            if state.answered(at: now) { change = .returned }
            let rest = start + pause * (1 + 0.1 * min(max(jitter, -1), 1))
            // Looked at again soon until its return is believed, and not more often than that.
            track.dueAt = max(now, state.isReturning ? start + Self.probeInterval : rest)
        case .dead:
            track.dueAt = max(now, start + Self.probeInterval)
            let death = state.died(at: now)
            if death.isNew { change = .died(wasSteady: death.wasSteady) }
        case .denied:
            if state.refusedUser() { change = .denied }
            track.dueAt = start + Self.deniedInterval(after: state.denials)
            quietUntil[feed] = track.dueAt
        case .skipped:
            track.dueAt = start + min(track.want.interval, 0.5)
        }
        if result != .skipped {
            health[feed] = state
            if state.state != .denied { quietUntil[feed] = nil }
        }
        if track.isOutdated, result == .answered || result == .refused, !state.isReturning {
            track.dueAt = min(track.dueAt, max(now, start + Self.leastGap))
        }
        tracks[ask] = track.isWanted ? track : nil
        if ask != .pulse, feed == .management, result == .answered {
            // It lives: the next pulse is a second away.
            postponePulse(to: now + max(Self.probeInterval, tracks[.pulse]?.want.interval ?? 0))
        }
        if let change { react(to: feed, change, at: now) }
        return change != nil
    }

    private enum Change { case returned, denied, died(wasSteady: Bool) }

    /// Makes these due now, because something else told that they would find news.
    mutating func hurry(at now: Double, where isMeant: (Ask) -> Bool) {
        for (ask, track) in tracks where isMeant(ask) {
            if track.startedAt == nil {
                let earliest = earliest(ask.feed, after: track.lastStart, at: now)
                tracks[ask]?.dueAt = min(track.dueAt, earliest)
            } else {
                tracks[ask]?.isOutdated = true
            }
        }
    }

    private mutating func react(to feed: Feed, _ change: Change, at now: Double) {
        switch change {
        case .returned:
            // What waited is due; the other feeds are asked when it is their turn.
            hurry(at: now) { $0.feed == feed }
        case .denied: break
        case .died(let wasSteady):
            if feed == .management, let start = tracks[.pulse]?.lastStart {
                postponePulse(to: start + Self.probeInterval)
            }
            guard wasSteady else { return }
            // Those that are dead already are probed anyway, and need no hurry when one more dies.
            let known = Set(dead)
            hurry(at: now) { ask in
                ask.feed != feed && ask.feed != .client && ask.feed != .attached
                    && (ask.feed != .management || ask == .pulse) && !known.contains(ask.feed)
            }
        }
    }

    /// How many times as long as a request took the broker is left alone. What is asked over AMQP or of ourselves costs
    /// next to nothing: its duration is waiting, not work.
    private static func restFactor(_ ask: Ask) -> Double {
        switch ask.feed {
        case .client: 0
        case .amqp: 2
        case .attached: 5
        case .prometheus: 20
        case .management: ask == .pulse ? 0 : 20
        }
    }

    private mutating func postponePulse(to time: Double) {
        guard let dueAt = tracks[.pulse]?.dueAt else { return }
        tracks[.pulse]?.dueAt = max(dueAt, time)
    }
}
