import Names

/// Follows a message from exchange to exchange.
///
/// What is certain is followed before what is not, so that an exchange or queue that both lead to counts as certain.
struct RouteWalk {
    private let model: RoutingModel
    private let keys: [Name]
    private let headers: HeaderTable
    private let rules: RoutingRules

    /// An exchange on the way.
    private struct Visit {
        var exchange: Name
        var type: Name
        /// The visit before, and how the message came from there.
        var before: (visit: Int, way: Route.Way)?
        var doubt: String?
    }

    private struct Goal {
        var exchange: Name
        var before: (visit: Int, way: Route.Way)?
        var throughBinding: Bool
        var doubt: String?
    }

    private struct Arrival {
        var visit: Int
        var way: Route.Way
        var copies: Int
        var doubt: String?
    }

    private var visits: [Visit] = []
    private var seen: Set<Name> = []
    private var certain = WaitingGoals()
    private var doubtful = WaitingGoals()
    private var arrivals: [Name: Arrival] = [:]
    private var nearest: [(nearness: Double, miss: Route.Miss)] = []
    private(set) var route = Route()

    /// First in, first out.
    private struct WaitingGoals {
        private var goals: [Goal] = []
        private var taken = 0

        mutating func append(_ goal: Goal) { goals.append(goal) }

        mutating func next() -> Goal? {
            guard taken < goals.count else { return nil }
            taken += 1
            return goals[taken - 1]
        }
    }

    init(_ model: RoutingModel, keys: [Name], headers: HeaderTable, rules: RoutingRules) {
        self.model = model
        self.keys = keys
        self.headers = headers
        self.rules = rules
    }

    /// Follows the message from an exchange to all ends.
    mutating func run(from exchange: Name) {
        go(to: exchange, before: nil, throughBinding: false, doubt: nil)
        drain()
        while rules.alternateWaitsForTheEnd, arrivals.isEmpty {
            let before = seen.count
            for name in visits.map(\.exchange) {
                guard case .found(let exchange) = model.exchange(name), case .name(let alternate) = exchange.alternate
                else { continue }
                go(to: alternate, before: nil, throughBinding: false, doubt: nil)
            }
            drain()
            if seen.count == before { break }
        }
        finish()
    }

    /// The copies that each queue gets for certain.
    var copies: [Name: Int] {
        arrivals.compactMapValues { $0.doubt == nil ? (rules.copiesPerBinding ? $0.copies : 1) : nil }
    }

    private mutating func drain() {
        while true {
            guard let goal = certain.next() ?? doubtful.next() else { return }
            visit(goal, doubt: goal.doubt)
        }
    }

    private mutating func go(
        to exchange: Name, before: (visit: Int, way: Route.Way)?, throughBinding: Bool, doubt: String?
    ) {
        let goal = Goal(exchange: exchange, before: before, throughBinding: throughBinding, doubt: doubt)
        if doubt == nil { certain.append(goal) } else { doubtful.append(goal) }
    }

    private mutating func visit(_ goal: Goal, doubt: String?) {
        let name = goal.exchange
        guard seen.insert(name).inserted else { return }
        if name.isEmpty { return visitDefault(goal, doubt) }
        let exchange: RoutingModel.Exchange
        switch model.exchange(name) {
        case .found(let found): exchange = found
        case .absent:
            let isEntry = goal.before == nil && visits.isEmpty
            return route.deadEnds.append(
                Route.DeadEnd(exchange: name, reason: .noExchange(isEntry: isEntry), doubt: doubt))
        case .unknown(let why): return route.gaps.append(Route.Gap(part: .exchange(name), why: why))
        case .unasked: return route.needs.formUnion([.exchange(name), .bindings(name)])
        }
        visits.append(Visit(exchange: name, type: exchange.type, before: goal.before, doubt: doubt))
        let floods = goal.throughBinding && rules.boundExchangesFlood
        switch model.bindings(of: name) {
        case .found(let bindings): pass(exchange, bindings, floods: floods, doubt)
        case .unknown(let why): route.gaps.append(Route.Gap(part: .bindings(name), why: why))
        case .unasked: route.needs.insert(.bindings(name))
        case .absent: pass(exchange, [], floods: floods, doubt)
        }
    }

    private mutating func visitDefault(_ goal: Goal, _ doubt: String?) {
        visits.append(Visit(exchange: "", type: "direct", before: goal.before, doubt: doubt))
        var doubt = doubt
        if case .alternate = goal.before?.way {
            doubt = doubt ?? "what the default exchange does as an alternate exchange depends on the broker's version"
        }
        for key in keys {
            if key.hasPrefix("amq.rabbitmq.reply-to.") {
                route.gaps.append(
                    Route.Gap(part: .queue(key), why: "a direct reply goes to the requester, if it still waits"))
                continue
            }
            switch model.queue(key) {
            case .found: arrive(key, .name, doubt)
            case .absent: route.deadEnds.append(Route.DeadEnd(exchange: "", reason: .noQueue(key), doubt: doubt))
            case .unknown(let why): route.gaps.append(Route.Gap(part: .queue(key), why: why))
            case .unasked: route.needs.insert(.queue(key))
            }
        }
    }

    /// Passes the message on from the exchange that was visited last.
    private mutating func pass(
        _ exchange: RoutingModel.Exchange, _ bindings: [RoutingModel.Binding], floods: Bool, _ doubt: String?
    ) {
        let visit = visits.count - 1
        var isRouted = false
        var perhaps: String?
        let isOne = exchange.isOneOf && Set(bindings.map(\.destination)).count == 1
        for binding in bindings {
            let match = floods || isOne ? .yes : exchange.match(binding, keys, headers, by: rules)
            let own: String?
            switch match {
            case .yes:
                isRouted = true
                own = nil
            case .perhaps(let why):
                perhaps = perhaps ?? why
                own = why
            case .no(let why):
                miss(Route.Miss(binding: binding, why: why))
                continue
            }
            let way = Route.Way.binding(key: binding.key, arguments: binding.arguments)
            switch binding.destination {
            case .queue(let queue): arrive(queue, way, doubt ?? own)
            case .exchange(let other): go(to: other, before: (visit, way), throughBinding: true, doubt: doubt ?? own)
            }
        }
        if exchange.isOneOf, !bindings.isEmpty {
            isRouted = true
            if doubt == nil, bindings.allSatisfy({ $0.isToQueue }) { route.isCertainOfOne = true }
        }
        guard !rules.alternateWaitsForTheEnd, !isRouted || rules.alternateGetsAll else { return }
        let isDoubtful = doubt ?? perhaps.map { "only if no binding matches: \($0)" }
        switch exchange.alternate {
        case .name(let alternate):
            go(to: alternate, before: (visit, .alternate), throughBinding: false, doubt: isDoubtful)
        case .unknown(let why): route.gaps.append(Route.Gap(part: .exchange(exchange.name), why: why))
        case .none where perhaps == nil && !isRouted:
            let reason = Route.DeadEnd.Reason.noMatch(bindings: bindings.count)
            route.deadEnds.append(Route.DeadEnd(exchange: exchange.name, reason: reason, doubt: doubt))
        case .none: break
        }
    }

    /// Counts an arrival from the exchange that was visited last.
    private mutating func arrive(_ queue: Name, _ way: Route.Way, _ doubt: String?) {
        let visit = visits.count - 1
        guard var known = arrivals[queue] else {
            arrivals[queue] = Arrival(visit: visit, way: way, copies: 1, doubt: doubt)
            return
        }
        if known.doubt != nil, doubt == nil { (known.visit, known.way, known.doubt) = (visit, way, nil) }
        known.copies += 1
        arrivals[queue] = known
    }

    private mutating func miss(_ miss: Route.Miss) {
        route.missCount += 1
        let nearness = miss.why.nearness(to: keys)
        if nearest.count >= Route.mostMisses, let last = nearest.last, last.nearness >= nearness { return }
        let place = nearest.firstIndex { $0.nearness < nearness } ?? nearest.count
        nearest.insert((nearness, miss), at: place)
        if nearest.count > Route.mostMisses { nearest.removeLast() }
    }

    private mutating func finish() {
        route.misses = nearest.map(\.miss)
        route.arrivals = arrivals.sorted { $0.key < $1.key }.map { queue, arrival in
            Route.Arrival(
                queue: queue, path: path(to: arrival), bindings: arrival.copies, doubt: arrival.doubt)
        }
    }

    private func path(to arrival: Arrival) -> [Route.Step] {
        var steps: [Route.Step] = []
        var place: (visit: Int, way: Route.Way)? = (arrival.visit, arrival.way)
        while let (visit, way) = place {
            steps.append(Route.Step(exchange: visits[visit].exchange, type: visits[visit].type, way: way))
            place = visits[visit].before
        }
        return steps.reversed()
    }
}

extension RoutingModel.Exchange {
    fileprivate var isOneOf: Bool {
        if case .oneOf = kind { true } else { false }
    }
}

extension RoutingModel.Binding {
    fileprivate var isToQueue: Bool {
        if case .queue = destination { true } else { false }
    }
}
