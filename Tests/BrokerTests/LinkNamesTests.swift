import BrokerMonitor
import BrokerSupport
import Names
import RabbitMQClient
import Testing
import TopCore

/// Names that look the same, or that a path cannot hold, on a broker.
@Suite struct LinkNamesTests {
    @Test func queuesThatLookTheSameHaveTheirOwnFiguresAndArePurgedEachByItself() async throws {
        let broker = try await TestBroker.shared()
        let stem = uniqueName("names")
        let composed = EntityID(vhost: "/", name: stem + "caf\u{E9}")
        let decomposed = EntityID(vhost: "/", name: stem + "cafe\u{301}")
        try await withLinkPeer(broker) { peer in
            let channel = try await peer.openChannel()
            for (id, count) in [(composed, 2), (decomposed, 6)] {
                _ = try await channel.declareQueue(id.name)
                for _ in 0..<count { try await channel.publish("x".utf8, routingKey: id.name.text) }
            }
            try await LinkUnderTest.with(broker) { test in
                test.watch {
                    $0.view = .queues
                    $0.queues = [composed, decomposed]
                    $0.interval = 0.2
                }
                _ = try await test.eventually("both in the list, with their own figures") { heard -> Bool? in
                    let figures = [heard.bulk[composed]?.ready, heard.bulk[decomposed]?.ready]
                    return figures == [2, 6] ? true : nil
                }
                let report = try await test.carryOut(.purge(composed))
                #expect(report == .finished("purged \(composed.name)"))
            }
            #expect(try await channel.declareQueuePassive(composed.name).messageCount == 0)
            #expect(try await channel.declareQueuePassive(decomposed.name).messageCount == 6)
            for id in [composed, decomposed] { try await channel.deleteQueue(id.name) }
        }
    }

    @Test(arguments: [".", ".."])
    func aQueueThatNoPathCanHoldIsLookedAtPurgedAndDeleted(name: String) async throws {
        let broker = try await TestBroker.shared()
        let vhost = try await broker.makeVhost("names")
        let id = EntityID(vhost: vhost, name: name)
        try await withLinkPeer(broker, vhost: vhost) { peer in
            let channel = try await peer.openChannel()
            _ = try await channel.declareQueue(id.name)
            for number in 0..<3 { try await channel.publish("\(number)".utf8, routingKey: name) }
            try await LinkUnderTest.with(broker) { test in
                test.watch {
                    $0.view = .queues
                    $0.queues = [id]
                    $0.detail = .queue(id)
                }
                let details = try await test.eventually("its details") { $0.details[.queue(id)] }
                #expect(details.sections.contains { $0.title == "Queue" })
                let page = try await test.browse(id, count: 2)
                #expect(page.messages.map(\.body) == [Array("0".utf8), Array("1".utf8)])
                #expect(try await channel.declareQueuePassive(id.name).messageCount == 3)
                #expect(try await test.carryOut(.purge(id)) == .finished("purged \(name)"))
                #expect(try await channel.declareQueuePassive(id.name).messageCount == 0)
                #expect(try await test.carryOut(.deleteQueue(id)) == .finished("deleted queue \(name)"))
            }
        }
    }
}
