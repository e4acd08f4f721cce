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
