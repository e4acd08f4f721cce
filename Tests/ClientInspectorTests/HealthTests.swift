import Foundation
import RabbitMQClient
import Testing

@testable import ClientInspector

@Suite("What counts as healthy") struct HealthTests {
    private typealias Link = SampleReport.Link

    private func health(_ links: [Link], _ rules: HealthRules = HealthRules(), checks: [String: String?] = [:]) throws
        -> Health
    {
        Health(try SampleReport.make(links), rules: rules, checks: checks)
    }

    @Test("Open connections are well, and so is one that the broker blocked, unless the rules say otherwise")
    func open() throws {
        let blocked = Link(id: 2, state: "blocked", blockedReason: "low on memory")
        let both = try health([Link(), blocked])
        #expect(both.status == .ok && both.broker == Health.Part(why: nil))
        #expect(both.connections.map(\.state) == ["open", "blocked"])
        let strict = try health([Link(), blocked], HealthRules(allowsBlocked: false))
        #expect(strict.status == .unavailable)
        #expect(strict.broker.why == "orders: blocked by the broker: low on memory")
        #expect(strict.connections.map(\.status) == [.ok, .unavailable])
    }

    @Test("Without a connection nothing is well, unless the rules say otherwise")
    func none() throws {
        #expect(try health([]).broker.why == "there is no connection")
        let closed = Link(state: "closed", closedAt: 1900)
        #expect(try health([closed]).broker.why == "all connections are closed")
        #expect(try health([closed]).status == .unavailable)
        #expect(try health([], HealthRules(allowsNone: true)).status == .ok)
        #expect(try health([closed], HealthRules(allowsNone: true)).status == .ok)
    }

    @Test(
        "A connection that its application closed is not looked at; one that ended by an error is, until another is open"
    )
    func ended() throws {
        let orderly = Link(
            id: 1, state: "closed", closedAt: 1900, error: (code: 200, text: "Goodbye", initiator: "local"))
        #expect(try health([Link(id: 2), orderly]).connections.map(\.id) == [2])
        let lostBefore = Link(
            state: "closed", closedAt: 1900, errorAt: 1899, error: (code: 0, text: "Reset", initiator: "transport"))
        #expect(try health([lostBefore]).broker.why == "all connections are closed", "it had recovered")
        let forced = Link(
            id: 1, state: "closed", closedAt: 1900,
            error: (code: 320, text: "Closed via management plugin", initiator: "peer"))
        let lost = try health([forced])
        #expect(lost.broker.why == "orders: closed: 320 CONNECTION_FORCED Closed via management plugin")
        let other = Link(id: 2, clientName: "billing", openedAt: 1950)
        #expect(
            try health([other, forced]).status == .unavailable, "another application's connection replaces nothing")
        let beside = Link(id: 4, openedAt: 1899)
        #expect(try health([beside, forced]).status == .unavailable, "one that was there before replaces nothing")
        let next = Link(id: 3, openedAt: 1950)
        #expect(try health([next, forced]).status == .ok)
    }

    @Test("A first connection that opens is not well; a further one has some seconds")
    func opening() throws {
        let young = Link(id: 2, state: "opening", openedAt: 1998)
        #expect(try health([young]).broker.why == "orders: connecting")
        #expect(try health([Link(), young]).status == .ok)
        let slow = Link(id: 2, state: "opening", openedAt: 1994)
        #expect(try health([Link(), slow]).status == .unavailable)
    }

    @Test("What a check of the application's own says stands apart from the broker")
    func checks() throws {
        let health = try health([Link()], checks: ["database": "connection refused", "disk": nil])
        #expect(health.status == .unavailable)
        #expect(health.broker.status == .ok)
        #expect(health.checks["database"] == Health.Part(why: "connection refused"))
        #expect(health.checks["disk"] == Health.Part(why: nil))
    }

    @Test("As JSON it has the same keys whatever it says")
    func json() throws {
        for links in [[], [Link(clientName: nil)], [Link(state: "opening")]] {
            let data = try JSONEncoder().encode(try health(links, checks: ["disk": nil]))
            let object = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
            #expect(Set(object.keys) == ["status", "at", "broker", "connections", "checks"])
            #expect(object["at"] as? String == "1970-01-01T00:33:20Z")
            #expect(Set((object["broker"] as? [String: Any] ?? [:]).keys) == ["status", "why"])
            for connection in object["connections"] as? [[String: Any]] ?? [] {
                #expect(Set(connection.keys) == ["id", "name", "client_name", "vhost", "state", "status", "why"])
            }
        }
    }
}
