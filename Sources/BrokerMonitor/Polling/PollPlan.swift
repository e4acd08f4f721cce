/// Decides which request is due when. Times are seconds of a monotonic clock.
///
/// Each request is in flight at most once. The next one starts, counted from the start of the last one, after the
/// longer of its interval and, over HTTP, twenty times the last duration, varied by up to a tenth. While a source is
/// dead, one request probes it every second and the others wait; when its return counts, they are due. When a source
/// dies that had been steady, the other sources are probed immediately; a flapping source does not cause this. A source
/// that refuses the user is polled after 15 s, 30 s, and then once per minute.
///
/// Requests in the background are one in flight for each kind of source, and their paces are set by a `PollBudget` for
/// all of them together.
struct PollPlan: Sendable {
    /// How often a request is wanted, with a value that changes when the same request would return something different.
    struct Want: Equatable, Sendable {
        var interval: Double
        var subject: Int
        /// Whether nothing on the screen waits for it, so that the budget sets its pace.
        var isBackground = false

        init(every interval: Double, subject: Int = 0) {
            self.interval = interval
            self.subject = subject
        }
    }

    static let probeInterval = 1.0
    /// Returns the seconds until a source that refuses the user is polled again.
    static func deniedInterval(after denials: Int) -> Double {
        denials <= 1 ? 15 : denials == 2 ? 30 : 60
    }
    /// The shortest time between two requests of one kind, in seconds, however often their subject changes.
    static let leastGap = 0.2
    /// The seconds until a request in the background is repeated that the source refused.
    static let refusedInterval = 60.0

    struct Track: Sendable {
        var want: Want
        var dueAt: Double
        var startedAt: Double?
        var lastStart: Double?
        var isWanted = true
        var isOutdated = false
        /// Whether a request has ended since it is wanted in its current form.
        var hasEnded = false
        /// How long the last request that ended took, in seconds, and the requests on average.
        var lastTook: Double?
        var cost: Double?
        /// When something else last returned the same.
        var servedAt: Double?
        /// By how much this pause is varied, from -1 to 1.
        var jitter = 0.0
        /// Whether the budget sets when the next request is due.
        var isPaced = false
        /// The number of requests in a row that were about as dear as this one.
        private(set) var alike = 0

        /// Records the duration of a request.
        mutating func took(_ seconds: Double) {
            alike = seconds > 4 * (lastTook ?? 0) ? 1 : min(alike + 1, 16)
            lastTook = seconds
            cost = cost.map { ($0 + seconds) / 2 } ?? seconds
        }
    }

    var tracks: [Ask: Track] = [:]
    private var health: [PolledSource: PolledSourceHealth] = [:]
    /// Until when a source that refuses the user is not polled, whatever is on the screen, because the broker logs each
    /// refusal.
    private var quietUntil: [PolledSource: Double] = [:]

    init() {}

    func isDead(_ source: PolledSource) -> Bool { health[source]?.state == .dead }
    private func isDenied(_ source: PolledSource) -> Bool { health[source]?.state == .denied }

    /// The sources that do not answer, or whose return does not count yet.
    var dead: [PolledSource] { health.compactMap { $1.state == .dead ? $0 : nil } }

    /// Whether a source that answers now counts as alive.
    func believes(_ source: PolledSource, at now: Double) -> Bool { health[source]?.believes(at: now) ?? true }

    /// Whether a source answers again but its return does not count yet.
    func isReturning(_ source: PolledSource) -> Bool { health[source]?.isReturning ?? false }

    func wants(_ ask: Ask) -> Bool { tracks[ask]?.isWanted ?? false }

    /// Returns the subject of a wanted request; `nil` if it is not wanted.
    func subject(of ask: Ask) -> Int? { tracks[ask].flatMap { $0.isWanted ? $0.want.subject : nil } }

    /// Sets what is wanted from now on. Requests that are new, or would return something different, are due
    /// immediately.
    mutating func want(_ wants: [Ask: Want], at now: Double) {
        for ask in tracks.keys where wants[ask] == nil { tracks[ask]?.isWanted = false }
        for (ask, want) in wants {
            guard var track = tracks[ask] else {
                tracks[ask] = Track(want: want, dueAt: earliest(ask.source, at: now))
                continue
            }
            // In the background another subject waits for its turn.
            let isOther = track.want.subject != want.subject && !(want.isBackground && track.lastTook != nil)
            let isNew = !track.isWanted || isOther
            let isFaster = want.interval < track.want.interval
            let wasBackground = track.want.isBackground
            track.want = want
            track.isWanted = true
            if isNew { track.isPaced = false }
            if wasBackground != want.isBackground, !isNew { moved(&track, ask, at: now) }
            if isNew {
                if track.startedAt != nil { track.isOutdated = true }
                track.hasEnded = false
                track.dueAt = earliest(ask.source, after: track.lastStart, at: now)
            } else if isFaster, !want.isBackground, let start = track.lastStart {
                track.dueAt = min(track.dueAt, max(earliest(ask.source, at: now), start + want.interval))
            }
            tracks[ask] = track
        }
        for (ask, track) in tracks where !track.isWanted && track.startedAt == nil { tracks[ask] = nil }
        pace()
    }

    /// Adapts a request that came onto the screen or left it.
    private func moved(_ track: inout Track, _ ask: Ask, at now: Double) {
        track.isPaced = track.want.isBackground && track.lastTook != nil
        guard !track.want.isBackground, let start = track.lastStart else { return }
        let pause = max(track.want.interval, Self.restFactor(ask) * (track.lastTook ?? 0))
        track.dueAt = min(track.dueAt, max(earliest(ask.source, at: now), start + pause))
    }

    /// Returns the earliest time at which a request may start.
    private func earliest(_ source: PolledSource, after start: Double? = nil, at now: Double) -> Double {
        max(now, (start ?? -.infinity) + Self.leastGap, quietUntil[source] ?? -.infinity)
    }

    /// Whether every request for the screen was answered or refused at least once, or cannot be sent.
    var isSettled: Bool {
        tracks.allSatisfy { ask, track in
            !track.isWanted || track.want.isBackground || track.hasEnded || isDead(ask.source) || isDenied(ask.source)
        }
    }

    /// Whether no request is in flight.
    var isResting: Bool { tracks.values.allSatisfy { $0.startedAt == nil } }

    /// Returns the requests to send now; each is in flight from here until `ended`.
    mutating func due(at now: Double) -> [Ask] {
        var result: [Ask] = []
        var background: [Ask] = []
        for (ask, track) in tracks where isReady(ask, track) && track.dueAt <= now {
            if track.want.isBackground { background.append(ask) } else { result.append(ask) }
        }
        // The one that waits longest goes first, at the start those that the rules need most.
        background.sort {
            let (mine, other) = (tracks[$0]?.dueAt ?? now, tracks[$1]?.dueAt ?? now)
            return mine == other ? $0.urgency < $1.urgency : mine < other
        }
        for lane in BackgroundLane.allCases {
            if let first = background.first(where: { $0.lane == lane }) { result.append(first) }
        }
        for ask in result {
            tracks[ask]?.startedAt = now
            tracks[ask]?.lastStart = now
            tracks[ask]?.isOutdated = false
        }
        return result
    }

    /// When `due` next returns a request, if nothing changes until then.
    var nextDue: Double? {
        tracks.lazy.filter { isReady($0.key, $0.value) }.map(\.value.dueAt).min()
    }

    /// Whether the management API has answered anything yet; always true for a plan without a pulse.
    private var isKnown: Bool { health[.management] != nil || tracks[.pulse]?.isWanted != true }

    private func isReady(_ ask: Ask, _ track: Track) -> Bool {
        guard track.isWanted, track.startedAt == nil, !(track.want.isBackground && isBusy(ask.lane)) else {
            return false
        }
        // A dead management API is probed by the pulse alone; the other sources have one request each.
        guard ask.source == .management, ask != .pulse else { return true }
        // This holds before the first answer, too, so that a wrong password is refused once and not once per request.
        guard isKnown, !isDead(.management), !isDenied(.management) else { return false }
        // Requests that name a vhost wait until it is known which vhosts the user may open.
        if ask.namesVhost, let vhosts = tracks[.vhosts], vhosts.isWanted { return vhosts.hasEnded }
        return true
    }

    /// Whether a request in the background is in flight there.
    private func isBusy(_ lane: BackgroundLane) -> Bool {
        tracks.contains { $1.startedAt != nil && $1.want.isBackground && $0.lane == lane }
    }

    /// Records the end of a request.
    ///
    /// - Parameter jitter: a random number from -1 to 1.
    /// - Returns: whether the source died, refused the user, or came back with this request.
    @discardableResult
    mutating func ended(_ ask: Ask, _ result: AskResult, at now: Double, jitter: Double) -> Bool {
        guard var track = tracks[ask], let start = track.startedAt else { return false }
        track.startedAt = nil
        track.hasEnded = track.hasEnded || (result != .skipped && !track.isOutdated)
        let source = ask.source
        var state = health[source] ?? PolledSourceHealth()
        var change: Change?
        switch result {
        case .answered, .refused:
            let took = max(0, now - start)
            let pause = max(track.want.interval, Self.restFactor(ask) * took)
            if state.answered(at: now) { change = .returned }
            track.took(took)
            track.jitter = min(max(jitter, -1), 1)
            // What is refused in the background is asked again rarely.
            let isPutOff = track.want.isBackground && result == .refused
            track.isPaced = track.want.isBackground && !isPutOff && !state.isReturning && !track.isOutdated
            let rest = start + max(pause, isPutOff ? Self.refusedInterval : 0) * (1 + 0.1 * track.jitter)
            // Polled again soon until its return counts, but not more often than that.
            track.dueAt = max(now, state.isReturning ? start + Self.probeInterval : rest)
        case .dead:
            track.dueAt = max(now, start + Self.probeInterval)
            let death = state.died(at: now)
            if death.isNew { change = .died(wasSteady: death.wasSteady) }
        case .denied:
            if state.refusedUser() { change = .denied }
            track.dueAt = start + Self.deniedInterval(after: state.denials)
            quietUntil[source] = track.dueAt
        case .skipped:
            track.dueAt = start + min(track.want.interval, 0.5)
        }
        if result != .skipped {
            health[source] = state
            if state.state != .denied { quietUntil[source] = nil }
        }
        if track.isOutdated, result == .answered || result == .refused, !state.isReturning {
            track.dueAt = min(track.dueAt, max(now, start + Self.leastGap))
        }
        tracks[ask] = track.isWanted ? track : nil
        if ask != .pulse, source == .management, result == .answered {
            // The source is alive, so the next pulse is at least a second away.
            postponePulse(to: now + max(Self.probeInterval, tracks[.pulse]?.want.interval ?? 0))
        }
        pace()
        if let change { react(to: source, change, at: now) }
        return change != nil
    }

    /// Records that something else has just returned what a request in the background is for.
    mutating func served(_ ask: Ask, at now: Double) {
        guard var track = tracks[ask], track.startedAt == nil, track.want.isBackground else { return }
        track.servedAt = now
        track.isPaced = true
        tracks[ask] = track
        pace()
    }

    private enum Change { case returned, denied, died(wasSteady: Bool) }

    /// Makes these requests due now, because something else reported that there are changes.
    mutating func hurry(at now: Double, where isMeant: (Ask) -> Bool) {
        for (ask, track) in tracks where isMeant(ask) {
            tracks[ask]?.isPaced = false
            if track.startedAt == nil {
                let earliest = earliest(ask.source, after: track.lastStart, at: now)
                tracks[ask]?.dueAt = min(track.dueAt, earliest)
            } else {
                tracks[ask]?.isOutdated = true
            }
        }
    }

    private mutating func react(to source: PolledSource, _ change: Change, at now: Double) {
        switch change {
        case .returned:
            // The waiting requests are due; the other sources keep their schedule.
            hurry(at: now) { $0.source == source }
        case .denied: break
        case .died(let wasSteady):
            if source == .management, let start = tracks[.pulse]?.lastStart {
                postponePulse(to: start + Self.probeInterval)
            }
            guard wasSteady else { return }
            // Feeds that are already dead are probed anyway and need not be hurried.
            let known = Set(dead)
            hurry(at: now) { ask in
                ask.source != source && ask.source != .client && ask.source != .attached
                    && (ask.source != .management || ask == .pulse) && !known.contains(ask.source)
            }
        }
    }

    /// Returns the factor by which a request's duration is multiplied to get the pause after it. Requests over AMQP or
    /// to rabbittop itself cost almost nothing: their duration is waiting, not work.
    static func restFactor(_ ask: Ask) -> Double {
        switch ask.source {
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
