public import Names

/// Where a message goes, and where the dead letters of the queues that it reaches go.
public struct RouteTrace: Sendable, Hashable {
    /// Where the dead letters of a queue go.
    public struct DeadLetters: Sendable, Hashable {
        /// The queue.
        public var queue: Name
        /// The exchange that they go to; empty is the default exchange.
        public var exchange: Name
        /// The routing key that they get; nil: they keep theirs.
        public var key: Name?
        /// Where they go from there.
        public var route: Route
        /// The queues among those that they have been in before. RabbitMQ drops a message that comes back, unless it
        /// was rejected on the way: then it circles.
        public var returnsTo: [Name]
    }

    /// The message.
    public var message: RoutedMessage
    /// Where it goes.
    public var route: Route
    /// Where the dead letters of each reached queue go that has a dead-letter exchange, and those of the queues that
    /// these reach.
    public var deadLetters: [DeadLetters] = []
    /// The queues whose dead letters go nowhere.
    public var withoutDeadLetters: [Name] = []
    /// The number of queues whose dead letters were not followed, because there are so many.
    public var unfollowed = 0
    /// Why the dead letters of queues are not known.
    public var gaps: [Route.Gap] = []
    /// What was not asked for yet.
    public var needs: Set<RoutingModel.Part> = []

    /// Whether something could not be learned that the answer may depend on.
    public var hasGaps: Bool { !gaps.isEmpty || !route.gaps.isEmpty || deadLetters.contains { !$0.route.gaps.isEmpty } }
}

extension RoutingModel {
    /// Returns how many copies of a message each queue gets for certain; queues without a copy are left out.
    ///
    /// - Parameters:
    ///   - exchange: where it is published to; empty is the default exchange, to which every queue is bound with its
    ///     name.
    ///   - rules: those of AMQP, or those of a misconception.
    /// - Returns: an empty dictionary if the exchange does not exist.
    public func route(
        to exchange: some NameConvertible, key: some NameConvertible, headers: HeaderTable = [:],
        by rules: RoutingRules = .amqp
    ) -> [Name: Int] {
        let message = RoutedMessage(exchange: exchange, routingKey: key, headers: headers)
        var walk = RouteWalk(self, keys: message.keys, headers: headers, rules: rules)
        walk.run(from: message.exchange)
        return walk.copies
    }

    /// Returns where a message goes that a client publishes.
    public func route(_ message: RoutedMessage) -> Route {
        var refused = Route()
        if let header = message.badHeader {
            refused.deadEnds = [Route.DeadEnd(exchange: message.exchange, reason: .badHeader(header), doubt: nil)]
            return refused
        }
        if case .found(let exchange) = exchange(message.exchange), exchange.isInternal {
            refused.deadEnds = [Route.DeadEnd(exchange: message.exchange, reason: .isInternal, doubt: nil)]
            return refused
        }
        return passed(message.keys, message.headers, from: message.exchange)
    }

    /// Returns where a message goes that a client publishes, and where the dead letters of the queues go.
    ///
    /// - Parameter most: the most queues whose dead letters are followed.
    public func trace(_ message: RoutedMessage, deadLettersOf most: Int = 100) -> RouteTrace {
        let route = route(message)
        var trace = RouteTrace(message: message, route: route)
        trace.needs = route.needs
        followDeadLetters(of: route.arrivals.map(\.queue), message, most, into: &trace)
        return trace
    }

    private func passed(_ keys: [Name], _ headers: HeaderTable, from exchange: Name) -> Route {
        var walk = RouteWalk(self, keys: keys, headers: headers, rules: .amqp)
        walk.run(from: exchange)
        return walk.route
    }

    /// A queue that a message has come to, with the keys that it has there.
    private struct Stop {
        var queue: Name
        var keys: [Name]
        var headers: HeaderTable
        /// The place of the stop before among all.
        var before: Int?
    }

    private struct Visit: Hashable {
        var queue: Name
        var keys: [Name]
    }

    private func followDeadLetters(
        of queues: [Name], _ message: RoutedMessage, _ most: Int, into trace: inout RouteTrace
    ) {
        var stops = queues.prefix(most).map { Stop(queue: $0, keys: message.keys, headers: message.headers) }
        trace.unfollowed = queues.count - stops.count
        var seen = Set(stops.map { Visit(queue: $0.queue, keys: $0.keys) })
        var place = 0
        while place < stops.count {
            defer { place += 1 }
            let stop = stops[place]
            guard let target = target(of: stop, into: &trace) else { continue }
            let keys = target.key.map { [$0] } ?? stop.keys
            let headers = stop.headers.ofDeadLetters(withNewKey: target.key != nil)
            let route = passed(keys, headers, from: target.exchange)
            trace.needs.formUnion(route.needs)
            let earlier = chain(to: place, stops)
            trace.deadLetters.append(
                RouteTrace.DeadLetters(
                    queue: stop.queue, exchange: target.exchange, key: target.key, route: route,
                    returnsTo: route.arrivals.map(\.queue).filter(earlier.contains)))
            for arrival in route.arrivals where !earlier.contains(arrival.queue) {
                guard seen.insert(Visit(queue: arrival.queue, keys: keys)).inserted else { continue }
                guard stops.count < most else {
                    trace.unfollowed += 1
                    continue
                }
                stops.append(Stop(queue: arrival.queue, keys: keys, headers: headers, before: place))
            }
        }
    }

    private func target(of stop: Stop, into trace: inout RouteTrace) -> (exchange: Name, key: Name?)? {
        let part = Part.queue(stop.queue)
        let found: Queue
        switch queue(stop.queue) {
        case .found(let queue): found = queue
        case .absent: return nil
        case .unknown(let why):
            trace.gaps.append(Route.Gap(part: part, why: why))
            return nil
        case .unasked:
            trace.needs.insert(part)
            return nil
        }
        switch (found.deadLetterExchange, found.deadLetterKey) {
        case (.none, _):
            if !trace.withoutDeadLetters.contains(stop.queue) { trace.withoutDeadLetters.append(stop.queue) }
            return nil
        case (.unknown(let why), _), (.name, .unknown(let why)):
            trace.gaps.append(Route.Gap(part: part, why: why))
            return nil
        case (.name(let exchange), .name(let key)): return (exchange, key)
        case (.name(let exchange), .none): return (exchange, nil)
        }
    }

    /// Returns the queues on the way to a stop, and its own.
    private func chain(to place: Int, _ stops: [Stop]) -> Set<Name> {
        var names: Set<Name> = []
        var next: Int? = place
        while let place = next {
            names.insert(stops[place].queue)
            next = stops[place].before
        }
        return names
    }
}

extension HeaderTable {
    /// The headers of a dead letter: RabbitMQ adds its own, and takes the further keys away with a new key.
    fileprivate func ofDeadLetters(withNewKey: Bool) -> HeaderTable {
        var entries = entries.filter { $0.name != "BCC" && !(withNewKey && $0.name == "CC") }
        for name: Name in ["x-death", "x-first-death-exchange", "x-first-death-queue", "x-first-death-reason"]
        where self[name] == nil {
            entries.append(Entry(name: name, value: .unknown))
        }
        return HeaderTable(entries)
    }
}
