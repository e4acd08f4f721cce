import BrokerSupport
import Foundation
import LocalBroker
import RabbitMQClient
import Testing

@testable import Lab

/// The demo's workload on a real broker: what one sees of it, and that nothing done to it lasts.
@Suite(.serialized) struct DemoWorkloadTests {
    @Test(.timeLimit(.minutes(3))) func aLivelySystem() async throws {
        try await Demo.run { demo in
            try await demo.allAtWork(within: .seconds(20))

            // Everything that was designed is there, the exclusive queue and the one that expires included.
            for host in DemoTopology.demo.virtualHosts {
                let there = try await demo.queueNames(in: host.name)
                #expect(there == Set(host.queues.map(\.name)), "in \(host.name)")
            }

            try await demo.watchDepths(within: .seconds(60)) { depths in
                // Up and down again.
                depths.breathes("在庫.更新", by: 100) && depths.breathes("logs.ingest", by: 50)
                    && depths.breathes("emails", by: 20)
                    // And up only.
                    && depths.grows("dead-letters", by: 5) && depths.grows("carts.abandoned", by: 50)
            }

            // The slow consumer holds as many messages as its prefetch allows, and never more. Between an ack and the
            // next delivery it holds one fewer.
            try await demo.eventually("image-resizer's prefetch is full", within: .seconds(10)) {
                let open = demo.connection("image-resizer")?.channels.filter { $0.state == .open } ?? []
                #expect(open.map(\.prefetch) == [10])
                #expect(open.allSatisfy { $0.unacked <= 10 })
                return open.map(\.unacked) == [10]
            }

            // Everybody who publishes is confirmed where asked for, and something comes back unroutable.
            let published = demo.report.connections.flatMap(\.channels).map(\.published).reduce(0, +)
            #expect(published > 3_000)
            try await demo.eventually("a message is returned", within: .seconds(30)) {
                demo.connection("checkout")?.channels.contains { $0.returned > 0 } == true
            }
            // The one that blunders has been told so.
            try await demo.eventually("legacy-import gets its 404", within: .seconds(30)) {
                demo.connection("legacy-import")?.channels.contains { $0.lastError?.code == 404 } == true
            }
            // The one that comes and goes has come and gone, in an orderly way.
            try await demo.eventually("nightly-report goes", within: .seconds(40)) {
                demo.report.connections.contains { $0.clientName == "nightly-report" && $0.state == .closed }
            }
        }
    }

    @Test(.timeLimit(.minutes(3))) func whatIsBrokenComesBack() async throws {
        try await Demo.run { demo in
            try await demo.allAtWork(within: .seconds(20))

            // A channel, closed by the broker with a genuine 406.
            let mailer = try #require(demo.connection("mailer"))
            let channels = mailer.channels.filter { $0.state == .open }
            let victim = try #require(channels.first)
            try await demo.closeChannel("\(mailer.name) (\(victim.number))")
            try await demo.eventually("another channel consumes emails", within: .seconds(5)) {
                let now = demo.connection("mailer")?.channels ?? []
                return now.contains { $0.id == victim.id && $0.state == .closed && $0.lastError?.code == 406 }
                    && now.contains {
                        $0.id > victim.id && !channels.map(\.id).contains($0.id) && $0.state == .open && $0.acked > 0
                    }
            }
            #expect(demo.connection("mailer")?.id == mailer.id, "the connection stays")

            // A channel, closed on this side of the wire.
            let dispatch = try #require(demo.connection("配送センター"))
            let closed = try #require(dispatch.channels.first { $0.state == .open })
            try await #require(demo.registry.channel(closed.id, ofConnection: dispatch.id)).close()
            try await demo.eventually("another channel consumes in its place", within: .seconds(5)) {
                let open = demo.connection("配送センター")?.channels.filter { $0.state == .open } ?? []
                return open.count == dispatch.channels.filter { $0.state == .open }.count
                    && !open.map(\.id).contains(closed.id) && open.allSatisfy { !$0.consumers.isEmpty }
            }

            // A connection, closed by an operator.
            let checkout = try #require(demo.connection("checkout"))
            let path = "connections/\(TestBroker.encoded(checkout.name))"
            // The management plugin learns of connections every five seconds.
            try await demo.eventually("the operator closes checkout's connection", within: .seconds(10)) {
                try await demo.broker.management("DELETE", path).status == 204
            }
            try await demo.eventually("checkout is back", within: .seconds(5)) {
                demo.connection("checkout").map {
                    $0.id == checkout.id && $0.recoveries == checkout.recoveries + 1
                        && $0.channels.contains { $0.state == .open && $0.confirmed > 0 }
                } == true
            }

            // A queue, deleted under its consumer.
            let resizer = try #require(demo.connection("image-resizer"))
            _ = try await demo.broker.management("DELETE", "queues/shop/thumbnails")
            try await demo.eventually("thumbnails is made and consumed again", within: .seconds(5)) {
                demo.connection("image-resizer")?.channels.contains { channel in
                    channel.state == .open && channel.delivered > 0 && !channel.consumers.isEmpty
                        && !resizer.channels.map(\.id).contains(channel.id)
                } == true
            }

            // The broker itself.
            let before = demo.lives
            try await demo.broker.node.kill()
            try await demo.eventually("nobody is connected", within: .seconds(10)) {
                demo.report.connections.allSatisfy { $0.state != .open && $0.state != .blocked }
            }
            try await demo.broker.node.start()
            try await demo.allAtWork(within: .seconds(15), butNot: before)
        }
    }

    /// A frozen broker says nothing: only the heartbeats tell.
    @Test(.timeLimit(.minutes(3))) func aFreezeIsNoticedAndSurvived() async throws {
        try await Demo.run { demo in
            try await demo.allAtWork(within: .seconds(20))
            let before = demo.lives
            try await demo.broker.node.freeze()
            try await demo.eventually("all connections are given up", within: .seconds(30)) {
                demo.report.connections.allSatisfy { !before.contains(Demo.Life($0)) || $0.state != .open }
            }
            try await demo.broker.node.thaw()
            try await demo.allAtWork(within: .seconds(20), butNot: before)
        }
    }

    @Test(.timeLimit(.minutes(2))) func endsPromptlyAlsoOnAFrozenBroker() async throws {
        try await Demo.run { demo in
            try await demo.allAtWork(within: .seconds(20))
            try await demo.broker.node.freeze()
            let time = await demo.end()
            #expect(time < .seconds(1.5))
            #expect(demo.report.connections.allSatisfy { $0.closedAt != nil })
            try await demo.broker.node.thaw()
        }
    }

    @Test(.timeLimit(.minutes(2))) func endsPromptlyAlsoWithoutABroker() async throws {
        try await Demo.run { demo in
            try await demo.allAtWork(within: .seconds(20))
            try await demo.broker.node.kill()
            let time = await demo.end()
            #expect(time < .seconds(1.5))
            #expect(demo.report.connections.allSatisfy { $0.closedAt != nil })
        }
    }
}
