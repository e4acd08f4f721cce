import Names
import Testing

@testable import MessageRouting

@Suite struct RouteTests {
    private typealias Exchange = RoutingModel.Exchange

    private func route(_ model: RoutingModel, _ exchange: Name, _ key: Name, _ headers: HeaderTable = [:]) -> Route {
        model.route(RoutedMessage(exchange: exchange, routingKey: key, headers: headers))
    }

    @Test("A path names each exchange and how the message goes on; a short way is taken")
    func paths() throws {
        let model = RoutingModel(
            exchanges: [Exchange("in", .topic), Exchange("all", .fanout), Exchange("last", .direct)], queues: ["q"],
            bindings: [
                .exchange("all", from: "in", "order.#"), .exchange("last", from: "all"),
                .queue("q", from: "last", "order.new"), .queue("q", from: "all", "x"),
            ])
        let route = route(model, "in", "order.new")
        let arrival = try #require(route.arrivals.first)
        #expect(route.arrivals.count == 1 && arrival.bindings == 2 && arrival.doubt == nil)
        #expect(
            arrival.path == [
                .init(exchange: "in", type: "topic", way: .binding(key: "order.#", arguments: [:])),
                .init(exchange: "all", type: "fanout", way: .binding(key: "x", arguments: [:])),
            ])
        #expect(route.outcome == .reached && route.deadEnds.isEmpty && route.gaps.isEmpty)
    }

    @Test("The nearest bindings that do not match come first, with the place where they do not")
    func misses() {
        let model = RoutingModel(
            exchanges: [Exchange("t", .topic)], queues: [],
            bindings: [
                .queue("a", from: "t", "us.*.paid"), .queue("b", from: "t", "eu.*.paid"),
                .queue("c", from: "t", "eu.new"), .queue("d", from: "t", "eu.new.a.b"),
                .queue("e", from: "t", "#.done"),
            ])
        let route = route(model, "t", "eu.new.a")
        #expect(route.missCount == 5)
        #expect(
            route.misses.map { "\($0.binding.destination.name): \($0.why.words)" } == [
                "c: the key goes on with 'a' after the end of the pattern",
                "d: the key ends before word 4 of the pattern, 'b'",
                "b: word 3 of the pattern is 'paid', the key has 'a'",
                "e: the key has no 'done' for word 2 of the pattern",
                "a: word 1 of the pattern is 'us', the key has 'eu'",
            ])
        #expect(route.outcome == .unroutable)
        #expect(route.deadEnds.map(\.reason) == [.noMatch(bindings: 5)])
    }

    @Test("Of a direct exchange the key that only differs in case is the nearest")
    func directMisses() {
        let many = (0..<50).map { RoutingModel.Binding.queue("q\($0)", from: "d", "key-\($0)") }
        let model = RoutingModel(
            exchanges: [Exchange("d", .direct)], queues: [], bindings: many + [.queue("near", from: "d", "Orders.EU")])
        let route = route(model, "d", "orders.eu")
        #expect(route.missCount == 51 && route.misses.count == Route.mostMisses)
        #expect(route.misses.first?.binding.destination == .queue("near"))
    }

    @Test("A headers exchange says which header is missing, different or of another type")
    func headerMisses() {
        let model = RoutingModel(
            exchanges: [Exchange("h", .headers)], queues: [],
            bindings: [
                .queue("q", from: "h", "", ["x-match": "all", "a": 1, "b": "two", "c": true]),
                .queue("r", from: "h", "", ["x-match": "any", "z": 1]),
                .queue("s", from: "h", "", ["x-match": "any"]),
            ])
        let route = route(model, "h", "", ["a": "1", "b": "three"])
        #expect(
            Set(route.misses.map(\.why.words)) == [
                "header a is a text (1), not an integer (1); header b is three, not two; header c is missing",
                "none matches: header z is missing", "it asks for one of no headers, which never matches",
            ])
    }

    @Test("CC and BCC are further keys; what is no list of texts is refused")
    func carbonCopies() {
        let model = RoutingModel(
            exchanges: [Exchange("d", .direct)], queues: ["a", "b", "c"],
            bindings: [.queue("a", from: "d", "a"), .queue("b", from: "d", "b"), .queue("c", from: "d", "c")])
        let both: HeaderTable = ["CC": ["b"], "BCC": ["c", "nobody"]]
        #expect(route(model, "d", "a", both).arrivals.map(\.queue) == ["a", "b", "c"])
        let named = route(model, "", "a", both)
        #expect(named.arrivals.map(\.queue) == ["a", "b", "c"])
        #expect(named.deadEnds.map(\.reason) == [.noQueue("nobody")])
        #expect(route(model, "d", "a", ["CC": "b"]).deadEnds.map(\.reason) == [.badHeader("CC")])
        #expect(route(model, "d", "a", ["BCC": [1]]).outcome == .unroutable)
    }

    @Test("What cannot be published to: a missing and an internal exchange")
    func refused() {
        var inner = Exchange("inner", .fanout)
        inner.isInternal = true
        let model = RoutingModel(
            exchanges: [inner, Exchange("outer", .fanout, alternate: "gone")], queues: ["q"],
            bindings: [.queue("q", from: "inner"), .exchange("inner", from: "outer")])
        #expect(route(model, "inner", "").deadEnds.map(\.reason) == [.isInternal])
        #expect(route(model, "missing", "").deadEnds.map(\.reason) == [.noExchange(isEntry: true)])
        // Exchanges may hand on to an internal one.
        #expect(route(model, "outer", "").arrivals.map(\.queue) == ["q"])
    }

    @Test("Circles of bindings and alternates end")
    func circles() {
        let model = RoutingModel(
            exchanges: [
                Exchange("a", .fanout), Exchange("b", .fanout), Exchange("c", .direct, alternate: "d"),
                Exchange("d", .direct, alternate: "c"),
            ], queues: [], bindings: [.exchange("b", from: "a"), .exchange("a", from: "b")])
        #expect(route(model, "a", "").outcome == .unroutable)
        #expect(route(model, "c", "").outcome == .unroutable)
    }

    @Test("An alternate exchange that is missing is a dead end")
    func missingAlternate() {
        let model = RoutingModel(
            exchanges: [Exchange("a", .direct, alternate: "gone")], queues: [], bindings: [])
        let route = route(model, "a", "k")
        #expect(route.deadEnds.map(\.exchange) == ["gone"])
        #expect(route.deadEnds.map(\.reason) == [.noExchange(isEntry: false)])
    }
}

@Suite struct DoubtfulRouteTests {
    private typealias Exchange = RoutingModel.Exchange

    private func route(_ model: RoutingModel, _ exchange: Name) -> Route {
        model.route(RoutedMessage(exchange: exchange, routingKey: "k"))
    }

    @Test("A hash chooses one: each is possible, one is certain; with one queue there is no choice")
    func hashes() {
        let one = Exchange("hash", type: "x-consistent-hash", alternate: .name("spare"))
        let model = RoutingModel(
            exchanges: [one, Exchange("spare", .fanout)], queues: [RoutingModel.Queue("a")],
            bindings: [.queue("a", from: "hash", "1"), .queue("b", from: "hash", "2"), .queue("s", from: "spare")])
        let two = route(model, "hash")
        #expect(two.arrivals.map(\.queue) == ["a", "b"])
        #expect(two.arrivals.allSatisfy { $0.doubt?.contains("the hash of the message") == true })
        #expect(two.outcome == .reached)
        let alone = RoutingModel(
            exchanges: [one], queues: [RoutingModel.Queue("a")],
            bindings: [.queue("a", from: "hash", "1"), .queue("a", from: "hash", "3")])
        #expect(route(alone, "hash").arrivals.map(\.doubt) == [nil])
        let none = RoutingModel(
            exchanges: [one, Exchange("spare", .fanout)], queues: [RoutingModel.Queue("s")],
            bindings: [.queue("s", from: "spare")])
        #expect(route(none, "hash").arrivals.map(\.queue) == ["s"])
    }

    @Test("An unknown type is not 'no', and what another way leads to is certain")
    func unknownTypes() {
        let model = RoutingModel(
            exchanges: [
                Exchange("all", .fanout), Exchange("odd", type: "x-odd", alternate: .name("spare")),
                Exchange("spare", .fanout),
            ], queues: [RoutingModel.Queue("a")],
            bindings: [
                .exchange("odd", from: "all"), .queue("sure", from: "all"), .queue("sure", from: "odd"),
                .queue("maybe", from: "odd"), .queue("rest", from: "spare"),
            ])
        let route = route(model, "odd")
        #expect(route.outcome == .unknown)
        #expect(route.arrivals.map(\.queue) == ["maybe", "rest", "sure"])
        #expect(route.arrivals.allSatisfy { $0.doubt != nil } && route.deadEnds.isEmpty)
        let all = self.route(model, "all")
        #expect(all.outcome == .reached)
        #expect(all.arrivals.filter { $0.doubt == nil }.map(\.queue) == ["sure"])
    }

    private static let plugins: [(Name, HeaderTable)] = [
        ("x-recent-history", [:]), ("x-delayed-message", ["x-delayed-type": "fanout"]),
    ]

    @Test("Exchanges of plugins that route as a known type do", arguments: plugins)
    func pluginTypes(_ type: Name, _ arguments: HeaderTable) {
        let model = RoutingModel(
            exchanges: [Exchange("x", type: type, arguments: arguments)], queues: [RoutingModel.Queue("q")],
            bindings: [.queue("q", from: "x")])
        #expect(route(model, "x").arrivals.map(\.doubt) == [nil])
    }

    @Test("An alternate exchange that is not known makes the rest unknown, unless a binding matches")
    func unknownAlternate() {
        let model = RoutingModel(
            exchanges: [Exchange("d", type: "direct", alternate: .unknown("no access to its policy"))],
            queues: [RoutingModel.Queue("q")], bindings: [.queue("q", from: "d", "k")])
        #expect(route(model, "d").gaps.isEmpty)
        let other = model.route(RoutedMessage(exchange: "d", routingKey: "other"))
        #expect(other.outcome == .unknown && other.gaps.map(\.why) == ["no access to its policy"])
    }

    @Test("Whether 10 equals 10.0 depends on the broker's version")
    func numbers() {
        let model = RoutingModel(
            exchanges: [Exchange("h", .headers)], queues: [],
            bindings: [.queue("q", from: "h", "", ["n": 10]), .queue("r", from: "h", "", ["n": 11])])
        let route = model.route(RoutedMessage(exchange: "h", routingKey: "", headers: ["n": 10.0]))
        #expect(route.arrivals.map(\.queue) == ["q"] && route.arrivals[0].doubt != nil)
    }

    @Test("What was not asked for is needed, step by step; what cannot be had is a gap")
    func asking() {
        var model = RoutingModel.unasked
        #expect(route(model, "in").needs == [.exchange("in"), .bindings("in")])
        model.take(Exchange("in", .fanout), named: "in")
        model.take([.exchange("far", from: "in"), .queue("q", from: "in")], of: "in")
        let second = route(model, "in")
        #expect(second.needs == [.exchange("far"), .bindings("far")] && second.arrivals.map(\.queue) == ["q"])
        model.lacks(.exchange("far"), why: "not permitted")
        #expect(route(model, "in").needs.isEmpty && route(model, "in").gaps.map(\.why) == ["not permitted"])
        model.take(nil as Exchange?, named: "none")
        #expect(route(model, "none").deadEnds.map(\.reason) == [.noExchange(isEntry: true)])
    }
}
