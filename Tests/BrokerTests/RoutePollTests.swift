import AMQPWire
import BrokerMonitor
import BrokerSupport
import Foundation
import MessageRouting
import Names
import RabbitMQClient
import RabbitMQManagement
import SeededSupport
import Testing
import TopCore

@Suite(.timeLimit(.minutes(5))) struct RoutePollTests {
    /// Runs the body in a vhost of its own.
    private func withVhost(
        _ body: (TestBroker, String, Connection, RoutePoll) async throws -> Void
    ) async throws {
        let broker = try await TestBroker.shared()
        let vhost = try await broker.makeVhost("route")
        let poll = try RoutePoll(Self.configuration(broker))
        do {
            try await broker.withConnection {
                $0.virtualHost = vhost
            } _: { connection in
                try await body(broker, vhost, connection, poll)
            }
        } catch {
            await poll.shutdown()
            try? await broker.deleteVhost(vhost)
            throw error
        }
        await poll.shutdown()
        try await broker.deleteVhost(vhost)
    }

    private static func configuration(
        _ broker: TestBroker, user: String? = nil, password: String? = nil
    ) -> ManagementConfiguration {
        ManagementConfiguration(
            address: ManagementAddress(port: broker.node.ports.management), username: user ?? broker.user,
            password: password ?? broker.password, timeout: .seconds(30))
    }

    @Test(
        "Where random messages arrive in a random topology is foretold, and where their dead letters do",
        arguments: [
            7, 1_021,
        ])
    func random(_ seed: Int) async throws {
        try await withVhost { broker, vhost, connection, poll in
            var random = SeededRandom(seed: seed)
            let plan = RandomTopology(&random)
            try await connection.withChannel { channel in try await plan.declare(on: channel) }
            for (name, policy) in plan.policies {
                let answer = try await broker.management("PUT", "policies/\(vhost)/\(name)", json: policy)
                #expect(answer.status == 201, "\(policy)")
            }
            // What a policy comes to for a queue is told with its statistics.
            for queue in ["q1", "q2", "q3"] {
                let isTold = try await eventually {
                    let row = try await broker.management("GET", "queues/\(vhost)/\(queue)").json as? [String: Any]
                    return (row?["effective_policy_definition"] as? [String: Any])?.isEmpty == false
                }
                #expect(isTold, "\(queue)")
            }
            let messages = plan.messages(&random)
            var traces: [RouteTrace] = []
            for message in messages {
                let routed = RoutedMessage(
                    exchange: message.exchange, routingKey: message.key, headers: message.foretold)
                let (trace, refusal) = try await poll.trace(routed, vhost: Name(vhost))
                #expect(refusal == nil && !trace.hasGaps && trace.unfollowed == 0)
                traces.append(trace)
            }
            try await connection.withChannel { channel in
                for (index, message) in messages.enumerated() {
                    var isReturned = false
                    do {
                        try await channel.publish(
                            "\(index)".utf8, exchange: message.exchange, routingKey: message.key,
                            properties: BasicProperties(headers: message.headers), mandatory: true)
                    } catch let error as ClientError where error.code == .returned {
                        isReturned = true
                    }
                    #expect(isReturned == (traces[index].route.outcome == .unroutable), "\(seed): \(message)")
                }
            }
            try await compare(traces, plan, connection, seed)
        }
    }

    /// Reads what arrived, rejects all of it, and reads what arrives then.
    private func compare(
        _ traces: [RouteTrace], _ plan: RandomTopology, _ connection: Connection, _ seed: Int
    ) async throws {
        try await connection.withChannel { channel in
            var found: [Int: Set<Name>] = [:]
            var deliveries: [Delivery] = []
            for queue in plan.queues {
                while let got = try await channel.get(queue.name) {
                    let index = try #require(Int(String(buffer: got.delivery.body)))
                    #expect(found[index, default: []].insert(queue.name).inserted, "\(queue.name) has \(index) twice")
                    deliveries.append(got.delivery)
                }
            }
            var copies: [Name: [Int: Int]] = [:]
            for (index, trace) in traces.enumerated() {
                #expect(
                    found[index] ?? [] == Set(trace.route.arrivals.map(\.queue)),
                    "seed \(seed), \(trace.message)")
                for arrival in trace.route.arrivals {
                    guard let dead = trace.deadLetters.first(where: { $0.queue == arrival.queue }) else {
                        #expect(trace.withoutDeadLetters.contains(arrival.queue))
                        continue
                    }
                    for queue in dead.route.arrivals.map(\.queue) {
                        copies[queue, default: [:]][index, default: 0] += 1
                    }
                }
            }
            for delivery in deliveries { try delivery.reject(requeue: false) }
            for queue in plan.queues {
                let expected = copies[queue.name] ?? [:]
                let count = expected.values.reduce(0, +)
                #expect(
                    try await eventually {
                        Int(try await channel.declareQueuePassive(queue.name).messageCount) >= count
                    }, "\(queue.name): dead letters are missing")
                var dead: [Int: Int] = [:]
                while let got = try await channel.get(queue.name, noAck: true) {
                    dead[try #require(Int(String(buffer: got.delivery.body))), default: 0] += 1
                }
                #expect(dead == expected, "seed \(seed), \(queue.name)")
            }
        }
    }

    @Test("A missing vhost, exchange and queue are told apart; a user without access is refused")
    func missing() async throws {
        try await withVhost { broker, vhost, _, poll in
            let none = try await poll.trace(RoutedMessage(exchange: "none", routingKey: ""), vhost: Name(vhost)).trace
            #expect(none.route.deadEnds.map(\.reason) == [.noExchange(isEntry: true)])
            let queue = try await poll.trace(RoutedMessage(exchange: "", routingKey: "none"), vhost: Name(vhost)).trace
            #expect(queue.route.deadEnds.map(\.reason) == [.noQueue("none")])
            await #expect(throws: ManagementError.self) {
                _ = try await poll.trace(RoutedMessage(exchange: "none", routingKey: ""), vhost: "no-such-vhost")
            }
            let user = try await broker.makeUser("router", password: "secret", tags: "management")
            let other = try RoutePoll(Self.configuration(broker, user: user, password: "secret"))
            await #expect(throws: ManagementError.self) {
                _ = try await other.trace(RoutedMessage(exchange: "amq.topic", routingKey: ""), vhost: Name(vhost))
            }
            await other.shutdown()
            _ = try await broker.management("DELETE", "users/\(user)")
        }
    }

    @Test("The form for publishing is told where its message goes, as soon as it changes")
    func form() async throws {
        let broker = try await TestBroker.shared()
        let name = uniqueName("form")
        try await broker.withConnection { connection in
            let channel = try await connection.openChannel()
            _ = try await channel.declareQueue(name)
            try await LinkUnderTest.with(broker) { test in
                func question(_ key: String) -> RouteQuestion {
                    RouteQuestion(vhost: "/", message: RoutedMessage(exchange: "", routingKey: key))
                }
                test.watch { $0.route = question(name) }
                let found = try await test.eventually("the route") { $0.route }
                #expect(found.route?.arrivals.map(\.queue) == [Name(name)])
                test.watch { $0.route = question("\(name)-none") }
                let other = try await test.eventually("the other route") { heard in
                    heard.route.flatMap { $0.question == question("\(name)-none") ? $0 : nil }
                }
                #expect(other.route?.outcome == .unroutable)
            }
            try await channel.deleteQueue(name)
        }
    }

    @Test("The topology has what was declared, and only what belongs to the vhost")
    func topology() async throws {
        try await withVhost { broker, vhost, connection, _ in
            try await connection.withChannel { channel in
                try await channel.declareExchange(
                    "odd \"name\"", type: "topic", arguments: ["alternate-exchange": "amq.fanout"])
                _ = try await channel.declareQueue(
                    "q", durable: true, arguments: ["x-dead-letter-exchange": "", "x-dead-letter-routing-key": "q"])
                try await channel.bindQueue("q", exchange: "odd \"name\"", routingKey: "a.#", arguments: ["n": .void])
            }
            let poll = try TopologyPoll(Self.configuration(broker))
            let found = try await poll.topologies(vhost: Name(vhost))
            await poll.shutdown()
            #expect(found.map(\.vhost) == [Name(vhost)] && found[0].gaps.isEmpty)
            let topology = found[0]
            #expect(topology.queues.map(\.queue.name) == ["q"])
            #expect(
                topology.bindings == [
                    RoutingModel.Binding(
                        from: "odd \"name\"", to: .queue("q"), key: "a.#",
                        arguments: ["n": .either([.void, .text("undefined")])])
                ])
            let exchange = topology.exchanges.first { $0.exchange.name == "odd \"name\"" }?.exchange
            #expect(exchange?.alternate == .name("amq.fanout") && exchange?.kind == .topic)
            #expect(TopologyMarks(topology)[.queue("q")].contains(.deadLetterLoop))
        }
    }
}

/// Exchanges of all types, queues and bindings between them, made of random numbers.
private struct RandomTopology {
    struct Exchange {
        var name: String
        var type: String
        var alternate: String?
    }

    struct Queue {
        var name: Name
        var arguments: FieldTable = [:]
    }

    struct Message: CustomStringConvertible {
        var exchange: String
        var key: String
        var headers: FieldTable
        var foretold: HeaderTable

        var description: String { "'\(exchange)' \(key) \(headers)" }
    }

    private static let words = ["a", "b", "c", ""]
    private static let values: [(FieldValue, HeaderValue)] = [
        (1, 1), (2, 2), ("1", "1"), ("x", "x"), (true, true), (.double(1.5), 1.5), (.void, .void),
    ]

    var exchanges: [Exchange] = []
    var queues: [Queue] = []
    var bindings: [(source: String, target: String, isQueue: Bool, key: String, arguments: FieldTable)] = []
    /// The policies, as JSON by their names.
    var policies: [String: String] = [:]

    init(_ random: inout SeededRandom) {
        let types = ["direct", "fanout", "topic", "headers"]
        for index in 0..<10 {
            let other = "x\(Int.random(in: 0..<11, using: &random))"
            exchanges.append(
                Exchange(name: "x\(index)", type: types[index % 4], alternate: index % 3 == 0 ? other : nil))
        }
        for index in 0..<6 {
            var arguments: FieldTable = [:]
            if index % 2 == 0 {
                arguments["x-dead-letter-exchange"] = .string(
                    index == 2 ? "" : "x\(Int.random(in: 0..<11, using: &random))")
                if index != 0 {
                    arguments["x-dead-letter-routing-key"] = .string(index == 2 ? "q5" : Self.key(&random))
                }
            }
            queues.append(Queue(name: Name("q\(index)"), arguments: arguments))
        }
        for _ in 0..<45 {
            let source = exchanges[Int.random(in: 0..<exchanges.count, using: &random)]
            let isQueue = Int.random(in: 0..<3, using: &random) > 0
            let number = Int.random(in: 0..<(isQueue ? queues.count : exchanges.count), using: &random)
            var arguments: FieldTable = [:]
            if source.type == "headers" {
                arguments = Self.headers(&random, isBinding: true).wire
                if let match = ["all", "any", nil].randomElement(using: &random) ?? nil {
                    arguments["x-match"] = .string(match)
                }
            }
            bindings.append(
                (source.name, (isQueue ? "q" : "x") + "\(number)", isQueue, Self.pattern(&random), arguments))
        }
        policies["alternates"] =
            #"{"pattern":"^x[1-5]$","apply-to":"exchanges","definition":{"alternate-exchange":"x9"}}"#
        policies["letters"] =
            #"{"pattern":"^q[1-3]$","apply-to":"queues","definition":{"dead-letter-exchange":"x2","dead-letter-routing-key":"a.b"}}"#
    }

    func declare(on channel: Channel) async throws {
        for exchange in exchanges {
            try await channel.declareExchange(
                exchange.name, type: exchange.type,
                arguments: ExchangeArguments(alternateExchange: exchange.alternate).table)
        }
        for queue in queues {
            _ = try await channel.declareQueue(queue.name, durable: true, arguments: queue.arguments)
        }
        for binding in bindings {
            if binding.isQueue {
                try await channel.bindQueue(
                    binding.target, exchange: binding.source, routingKey: binding.key, arguments: binding.arguments)
            } else {
                try await channel.bindExchange(
                    binding.target, source: binding.source, routingKey: binding.key, arguments: binding.arguments)
            }
        }
    }

    func messages(_ random: inout SeededRandom) -> [Message] {
        (0..<25).map { index in
            var (wire, foretold) = Self.headers(&random)
            if index % 5 == 0 {
                let (one, other) = (Self.key(&random), Self.key(&random))
                wire["CC"] = [.string(one)]
                wire["BCC"] = [.string(other)]
                foretold.entries.append(.init(name: "CC", value: .list([.text(Name(one))])))
                foretold.entries.append(.init(name: "BCC", value: .list([.text(Name(other))])))
            }
            let isDefault = index % 8 == 7
            return Message(
                exchange: isDefault ? "" : "x\(index % 10)",
                key: isDefault ? "q\(Int.random(in: 0..<8, using: &random))" : Self.key(&random), headers: wire,
                foretold: foretold)
        }
    }

    private static func key(_ random: inout SeededRandom) -> String {
        (0..<Int.random(in: 1...3, using: &random)).map { _ in words.randomElement(using: &random) ?? "" }
            .joined(separator: ".")
    }

    private static func pattern(_ random: inout SeededRandom) -> String {
        (0..<Int.random(in: 1...3, using: &random)).map { _ in (words + ["*", "#"]).randomElement(using: &random) ?? ""
        }
        .joined(separator: ".")
    }

    /// - Parameter isBinding: whether no value is void, which the API does not tell from a text.
    private static func headers(
        _ random: inout SeededRandom, isBinding: Bool = false
    ) -> (wire: FieldTable, foretold: HeaderTable) {
        var wire: FieldTable = [:]
        var foretold: HeaderTable = [:]
        for name in ["h", "i", "x-j"] where Bool.random(using: &random) {
            let (value, own) = values[Int.random(in: 0..<values.count - (isBinding ? 1 : 0), using: &random)]
            wire[name] = value
            foretold.entries.append(.init(name: Name(name), value: own))
        }
        return (wire, foretold)
    }
}
