import BrokerSupport
import Foundation
import Names
import Testing
import TopCore

/// Creating, changing and removing queues, exchanges, bindings and policies.
@Suite struct LinkChangeTests {
    private func eventuallyGone(_ broker: TestBroker, _ path: String) async throws -> Bool {
        try await eventually { try await broker.management("GET", path).status == 404 }
    }

    @Test func whatIsCreatedIsThereAndCanBeRemoved() async throws {
        let broker = try await TestBroker.shared()
        let vhost = try await broker.makeVhost()
        try await LinkUnderTest.with(broker) { test in
            let id = EntityID(vhost: Name(vhost), name: "made")
            var queue = QueueDeclaration(id: id, kind: .classic)
            queue.arguments = [
                NamedSetting("x-max-length", .integer(5)), NamedSetting("x-overflow", .text("reject-publish")),
            ]
            #expect(try await test.carryOut(.change(.declareQueue(queue))) == .finished("declared"))
            // The same again changes nothing.
            #expect(try await test.carryOut(.change(.declareQueue(queue))) == .finished("declared"))

            // All that differs is said, not only what the broker names first.
            var other = QueueDeclaration(id: id, kind: .classic)
            other.arguments = [NamedSetting("x-max-length", .integer(6)), NamedSetting("x-max-priority", .integer(2))]
            guard case .failed(let text, _, _) = try await test.carryOut(.change(.declareQueue(other))) else {
                Issue.record("it was declared")
                return
            }
            #expect(text.hasPrefix("PRECONDITION_FAILED: queue made exists and differs"))
            #expect(text.contains("x-max-length: wanted 6, there 5"), "\(text)")
            #expect(text.contains("x-overflow: wanted none, there \"reject-publish\""), "\(text)")
            #expect(text.contains("x-max-priority: wanted 2, there none"), "\(text)")

            let exchange = ExchangeDeclaration(id: EntityID(vhost: Name(vhost), name: "e"), type: "headers")
            #expect(try await test.carryOut(.change(.declareExchange(exchange))) == .finished("declared"))
            var wrong = exchange
            wrong.type = "topic"
            guard case .failed(let why, _, _) = try await test.carryOut(.change(.declareExchange(wrong))) else {
                Issue.record("it was declared")
                return
            }
            #expect(why.contains("type: wanted \"topic\", there \"headers\""), "\(why)")

            var binding = BindingDeclaration(
                vhost: Name(vhost), source: "e", destination: "made", isToQueue: true, key: "k/1")
            binding.arguments = [NamedSetting("x-match", .text("all")), NamedSetting("n", .integer(1))]
            #expect(try await test.carryOut(.change(.bind(binding))) == .finished("bound"))
            let name = Name("e to queue made by 'k/1' {\"n\":1,\"x-match\":\"all\"}")
            #expect(
                try await test.carryOut(.change(.unbind(vhost: Name(vhost), binding: name))) == .finished("removed"))
            guard case .failed = try await test.carryOut(.change(.unbind(vhost: Name(vhost), binding: name))) else {
                Issue.record("it was removed twice")
                return
            }

            let policyID = EntityID(vhost: Name(vhost), name: "p")
            var policy = PolicyDeclaration(
                id: policyID, pattern: "^made", target: .queues, priority: 1,
                definition: [NamedSetting("max-length", .integer(3))])
            #expect(try await test.carryOut(.change(.setPolicy(policy))) == .finished("set"))
            policy.priority = 2
            guard case .finished(let before) = try await test.carryOut(.change(.setPolicy(policy))) else {
                Issue.record("it was not set")
                return
            }
            #expect(before == "set; before: matches ^made, of queues, priority 1, {\"max-length\":3}")
            guard case .finished(let was) = try await test.carryOut(.change(.deletePolicy(policyID))) else {
                Issue.record("it was not deleted")
                return
            }
            #expect(was.contains("priority 2"))
            #expect(try await eventuallyGone(broker, "policies/\(vhost)/p"))
        }
        try await broker.deleteVhost(vhost)
    }

    private static func text(of broker: TestBroker, _ path: String) async throws -> String {
        String(decoding: try await broker.management("GET", path).body, as: UTF8.self)
    }

    @Test func whatTheViewsByNameChangeIsThereAndSaysWhatItWas() async throws {
        let broker = try await TestBroker.shared()
        let vhost = try await broker.makeVhost()
        let user = try await broker.makeUser(password: "x", tags: "management")
        try await broker.expectSuccess("PUT", "vhosts/\(vhost)", json: #"{"description":"kept","tags":"blue,green"}"#)
        try await broker.expectSuccess("PUT", "exchanges/\(vhost)/e", json: #"{"type":"headers"}"#)
        try await broker.expectSuccess("PUT", "queues/\(vhost)/q", json: "{}")
        try await LinkUnderTest.with(broker) { test in
            func change(_ change: NamedChange) async throws -> OperationReport {
                try await test.carryOut(.change(.named(change)))
            }
            let limits = LimitChange(of: .vhost(Name(vhost)), to: [.connections: 9, .queues: 5])
            #expect(
                try await change(.setLimits(limits))
                    == .finished("max-connections 9, before none; max-queues 5, before none"))
            #expect(try await change(.setLimits(limits)) == .finished("as they were"))
            let fewer = LimitChange(of: .vhost(Name(vhost)), to: [.queues: 6])
            #expect(
                try await change(.setLimits(fewer))
                    == .finished("max-connections none, before 9; max-queues 6, before 5"))

            for isOn in [true, false] {
                guard case .finished = try await change(.setTracing(vhost: Name(vhost), isOn: isOn)) else {
                    Issue.record("tracing was not set")
                    return
                }
                let answer = try await Self.text(of: broker, "vhosts/\(vhost)")
                #expect(answer.contains(#""tracing":\#(isOn)"#), "\(answer)")
                #expect(answer.contains("kept") && answer.contains("blue") && answer.contains("green"), "\(answer)")
            }

            let permission = UserRow.Permission(vhost: Name(vhost), configure: "^$", write: "^a", read: ".*")
            #expect(
                try await change(.setPermission(user: Name(user), permission)) == .finished("set; before: none"))
            #expect(
                try await change(.setPermission(user: Name(user), permission))
                    == .finished("set; before: configure '^$', write '^a', read '.*'"))

            for n in 1...2 {
                try await broker.expectSuccess(
                    "POST", "bindings/\(vhost)/e/e/q/q", json: #"{"routing_key":"k","arguments":{"n":\#(n)}}"#)
            }
            let row = BindingRow(
                vhost: Name(vhost), source: "e", destinationKind: .queue, destination: "q", routingKey: "k",
                arguments: #"{"n":2}"#)
            #expect(try await change(.removeBinding(row)) == .finished("removed"))
            let left = try await Self.text(of: broker, "bindings/\(vhost)/e/e/q/q")
            #expect(left.contains(#""n":1"#) && !left.contains(#""n":2"#), "\(left)")
            guard case .failed = try await change(.removeBinding(row)) else {
                Issue.record("it was removed twice")
                return
            }
        }
        // Without the right it is said which one is missing.
        try await LinkUnderTest.with(
            broker,
            change: {
                $0.management.username = user
                $0.management.password = "x"
            }
        ) { test in
            let limits = LimitChange(of: .vhost(Name(vhost)), to: [.queues: 7])
            for (change, right) in [
                (ConfigurationChange.named(.setLimits(limits)), "administrator"),
                (.named(.setTracing(vhost: Name(vhost), isOn: true)), "administrator"),
                (.deletePolicy(EntityID(vhost: Name(vhost), name: "none")), "policymaker"),
            ] {
                guard case .failed(let what, _, .notPermitted) = try await test.carryOut(.change(change)) else {
                    Issue.record("\(change) was permitted")
                    continue
                }
                #expect(what.hasPrefix("not permitted: ") && what.contains(right), "\(what)")
            }
        }
        try await broker.deleteVhost(vhost)
        try await broker.expectSuccess("DELETE", "users/\(user)")
    }

    @Test func readOnlyRefusesEachChange() async throws {
        let broker = try await TestBroker.shared()
        try await LinkUnderTest.with(broker, change: { $0.isReadOnly = true }) { test in
            let id = EntityID(vhost: "/", name: Name(uniqueName("never")))
            guard
                case .failed(_, _, .notPermitted) = try await test.carryOut(
                    .change(.declareQueue(QueueDeclaration(id: id, kind: .classic))))
            else {
                Issue.record("it was declared")
                return
            }
        }
    }
}
