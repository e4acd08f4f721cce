// The paces of the requests in the background.
extension PollPlan {
    /// What the requests of the screen leave of the budget, divided among those in the background.
    private var budget: PollBudget {
        var used = 0.0
        var demands: [Double] = []
        for (ask, track) in tracks where track.isWanted && ask.isWorkForBroker {
            guard let cost = track.cost else { continue }
            if track.want.isBackground {
                demands.append(track.demand)
            } else {
                used += cost / max(track.want.interval, Self.restFactor(ask) * cost, 0.001)
            }
        }
        return PollBudget(demands: demands, used: used)
    }

    /// Sets when the requests in the background are due, whenever what they cost or what is wanted has changed.
    mutating func pace() {
        let budget = budget
        for (ask, track) in tracks where track.isPaced && track.startedAt == nil {
            let last = max(track.lastStart ?? -.infinity, track.servedAt ?? -.infinity)
            guard last.isFinite else { continue }
            tracks[ask]?.dueAt = last + track.pace(budget) * (1 + 0.1 * track.jitter)
        }
    }

    func isBackground(_ ask: Ask) -> Bool { tracks[ask]?.want.isBackground ?? false }

    /// Returns the seconds between two requests; nil for one that was not answered yet.
    func pace(of ask: Ask) -> Double? {
        guard let track = tracks[ask], track.isWanted, let took = track.lastTook else { return nil }
        guard track.want.isBackground else { return max(track.want.interval, Self.restFactor(ask) * took) }
        return track.pace(budget)
    }

    /// The paces of the requests in the background that were answered, and whether the budget makes them slower.
    var paces: [(ask: Ask, seconds: Double, isSlowed: Bool)] {
        let budget = budget
        return tracks.compactMap { ask, track in
            guard track.isWanted, track.want.isBackground, track.lastTook != nil else { return nil }
            let seconds = track.pace(budget)
            return (ask, seconds, seconds > track.want.interval * 1.05)
        }
    }
}

extension PollPlan.Track {
    /// The share of the time for which it would keep the broker busy at the pace that is wanted.
    var demand: Double { (cost ?? 0) / max(want.interval, 0.001) }

    /// The seconds after which a list is asked for again that was dear once: it may have been on a busy machine. The time
    /// doubles with each request that is as dear, up to the pace that the budget allows.
    private static let secondLook = 600.0

    func pace(_ budget: PollBudget) -> Double {
        guard let lastTook else { return want.interval }
        let pace = budget.pace(took: lastTook, interval: want.interval, demand: demand)
        return min(pace, max(want.interval, Self.secondLook * Double(1 << max(0, alike - 1))))
    }
}

/// The kinds of sources that are polled in the background beside each other.
enum BackgroundLane: CaseIterable { case management, others }

extension Ask {
    var lane: BackgroundLane { source == .management ? .management : .others }

    /// Whether answering it takes time of the broker.
    var isWorkForBroker: Bool {
        switch source {
        case .management, .prometheus: true
        case .amqp, .client, .attached: false
        }
    }

    /// The order among requests in the background that are due at the same time.
    var urgency: Int {
        switch self {
        case .pulse, .cluster, .vhosts, .bulk, .cheap, .rich, .page, .downQueues, .live, .connections, .channels,
            .consumers, .exchanges, .bindings, .client, .attached, .detail, .route, .incoming, .named:
            0
        case .whole(.connections): 1
        case .whole(.channels): 2
        case .whole(.consumers): 3
        case .suspects: 4
        case .whole(.queues): 5
        case .whole(.exchanges): 6
        case .configuration: 7
        case .streamConsumers, .logs, .unroutable: 8
        }
    }
}
