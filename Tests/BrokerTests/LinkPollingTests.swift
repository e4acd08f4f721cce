import AMQPWire
import BrokerMonitor
import BrokerSupport
import Foundation
import NIOPosix
import Names
import RabbitMQClient
import RabbitMQManagement
import Testing
import TopCore

let linkEventLoops = MultiThreadedEventLoopGroup.singleton

@Suite struct LinkPollingTests {
    @Test func whatSomeoneElsePublishesShowsLive() async throws {
        let broker = try await TestBroker.shared()
        let name = uniqueName("live")
        let id = EntityID(vhost: "/", name: name)
        try await withLinkPeer(broker) { peer in
            let channel = try await peer.openChannel()
            _ = try await channel.declareQueue(name)
            try await LinkUnderTest.with(broker) { test in
                test.watch {
                    $0.view = .queues
                    $0.queues = [id]
                    $0.interval = 0.2
                }
                try await test.eventually("the empty queue") { $0.live[id]?.depth.ready == 0 }
                var confirmations: [RabbitMQClient.Confirmation] = []
                for _ in 0..<1_000 {
                    confirmations.append(try await channel.publishDeferred(.init(string: "x"), routingKey: name))
                }
                for confirmation in confirmations { try await confirmation.wait() }
                try await test.eventually("1,000 ready", within: 2) { $0.live[id]?.depth.ready == 1_000 }
                try await test.eventually("its details") { $0.rich[id]?.type == "classic" }
                try await test.eventually("bulk depths", within: 12) { $0.bulk[id]?.messages == 1_000 }
                let heard = test.listen()
                #expect(heard.source(.management)?.state == .live)
                #expect(heard.source(.amqp)?.state == .live)
                #expect(heard.source(.prometheus)?.state == .live)
                #expect(heard.vhosts.contains("/"))
                #expect(heard.cluster?.nodes.count == 1)
                #expect((heard.cost?.httpRequestRate ?? 0) > 0)
            }
            try await channel.deleteQueue(name)
        }
    }

    @Test func aQueueThatExpiresDoesSoWhileItIsWatched() async throws {
        let broker = try await TestBroker.shared()
        let id = EntityID(vhost: "/", name: uniqueName("expiring"))
        let other = EntityID(vhost: "/", name: uniqueName("staying"))
        try await withLinkPeer(broker) { peer in
            let channel = try await peer.openChannel()
            _ = try await channel.declareQueue(other.name.text)
            try await LinkUnderTest.with(broker) { test in
                _ = try await channel.declareQueue(id.name.text, arguments: ["x-expires": 4_000])
                test.watch {
                    $0.view = .queues
                    $0.queues = [id, other]
                    $0.interval = 0.2
                }
                try await test.eventually("the other queue live") { $0.live[other] != nil }
                try await test.eventually("its details") { $0.rich[id]?.expires == 4_000 }
                // It is not there any more when its time is over, although it was on the screen all along.
                let deadline = Date().addingTimeInterval(10)
                var status = 200
                while status == 200, Date() < deadline {
                    try await Task.sleep(for: .milliseconds(200))
                    status = try await broker.management("GET", "queues/%2F/\(id.name)").status
                }
                #expect(status == 404)
                #expect(test.listen().live[id] == nil)
            }
            try await channel.deleteQueue(other.name.text)
        }
    }

    @Test func queuesOfEveryKindInThreeVhosts() async throws {
        let broker = try await TestBroker.shared()
        var vhosts: [String] = []
        for _ in 0..<3 { vhosts.append(try await broker.makeVhost("link")) }
        let ids = vhosts.map { EntityID(vhost: $0, name: "orders") }
        let exclusive = EntityID(vhost: vhosts[0], name: "exclusive")
        let doomed = EntityID(vhost: vhosts[0], name: "doomed")
        let quorum = EntityID(vhost: vhosts[1], name: "quorum")
        let stream = EntityID(vhost: vhosts[2], name: "stream")
        try await withLinkPeer(broker, vhost: vhosts[0]) { owner in
            let channel = try await owner.openChannel()
            _ = try await channel.declareQueue(exclusive.name.text, exclusive: true)
            _ = try await channel.declareQueue(doomed.name.text)
            let kinds: [(EntityID, FieldTable)] = [
                (ids[0], [:]), (ids[1], [:]), (ids[2], [:]), (quorum, ["x-queue-type": "quorum"]),
                (stream, ["x-queue-type": "stream"]),
            ]
            for (id, arguments) in kinds {
                try await withLinkPeer(broker, vhost: id.vhost.text) { peer in
                    let channel = try await peer.openChannel()
                    _ = try await channel.declareQueue(id.name.text, durable: true, arguments: arguments)
                    try await channel.publish("one".utf8, routingKey: id.name.text)
                }
            }
            try await LinkUnderTest.with(broker) { test in
                test.watch {
                    $0.view = .queues
                    $0.queues = [exclusive, doomed] + ids + [quorum, stream]
                    $0.interval = 0.2
                }
                for id in ids + [quorum] {
                    try await test.eventually("\(id) live") { $0.live[id]?.depth.ready == 1 }
                }
                try await test.eventually("the stream live") { $0.live[stream] != nil }
                try await test.eventually("the doomed live") { $0.live[doomed] != nil }
                #expect(
                    test.listen().live[stream]?.depth.consumers == nil, "a declare does not count a stream's consumers")
                #expect(test.listen().rich[exclusive]?.exclusive == true)
                #expect(test.listen().live[exclusive] == nil)
                try await channel.deleteQueue(doomed.name.text)
                try await test.eventually("the deleted queue gone", within: 3) { $0.gone.contains(doomed) }
                // The others of its vhost are asked again, and our own 404 is no news.
                let rounds = test.listen().liveRounds
                try await test.eventually("more rounds") { $0.liveRounds > rounds + 6 }
                let heard = test.listen()
                #expect((heard.live[ids[0]]?.at.timeIntervalSinceNow ?? -100) > -2)
                #expect(heard.events.allSatisfy { $0.queue != doomed.name })
            }
        }
        for vhost in vhosts { try await broker.deleteVhost(vhost) }
    }

    @Test func everyListAndDetail() async throws {
        let broker = try await TestBroker.shared()
        let registry = ClientRegistry()
        let name = uniqueName("lists")
        try await withLinkPeer(broker, name: name, registry: registry) { peer in
            let channel = try await peer.openChannel()
            _ = try await channel.declareQueue(name, arguments: ["x-max-length": 10])
            try await channel.declareExchange(name, type: "topic")
            try await channel.bindQueue(name, exchange: name, routingKey: "a.#")
            let consumer = try await channel.consume(name, tag: "reader", prefetch: 7)
            try await LinkUnderTest.with(broker, change: { $0.registry = registry }) { test in
                test.watch { $0.view = .connections }
                let connection = try await test.eventually("the connection", within: 20) { heard in
                    heard.connections?.rows.first { $0.clientName == Name(name) }
                }
                #expect(connection.name == peer.name && connection.user == "guest")
                test.watch { $0.view = .channels }
                let row = try await test.eventually("the channel", within: 20) { heard in
                    heard.channels?.rows.first {
                        $0.id.connection == peer.name && $0.local && $0.clientName == Name(name)
                    }
                }
                #expect(row.id.number == Int(channel.number))
                test.watch { $0.view = .consumers }
                let reader = try await test.eventually("the consumer", within: 20) { heard in
                    heard.consumers?.rows.first { $0.id.queue.name == name && $0.id.channel != nil }
                }
                #expect(reader.id.tag == "reader" && reader.prefetch == 7 && reader.ackRequired == true)
                test.watch { $0.view = .exchanges }
                try await test.eventually("the exchange with its binding", within: 20) { heard in
                    heard.exchanges?.rows.first { $0.id.name == name }?.bindingsOut == 1
                }
                let rows: [RowID] = [
                    .queue(EntityID(vhost: "/", name: name)), .connection(Name(peer.name)), .channel(row.id),
                    .consumer(reader.id), .exchange(EntityID(vhost: "/", name: name)),
                    .node(try #require(test.listen().cluster?.nodes.first?.name)),
                ]
                for row in rows {
                    test.watch {
                        $0.view = .nodes
                        $0.detail = row
                    }
                    let part = try await test.eventually("the details of \(row)") { $0.details[row] }
                    #expect(!part.sections.isEmpty && part.sections.allSatisfy { !$0.fields.isEmpty })
                    #expect(part.sections.first?.title != "Gone")
                }
                test.watch {
                    $0.view = .client
                    $0.interval = 0.2
                }
                let own = try await test.eventually("the broker agrees", within: 30) { heard in
                    heard.client?.rows.first {
                        $0.channel == Int(channel.number) && $0.name == name && $0.brokerAgrees == true
                    }
                }
                #expect(own.connection == peer.name && own.consumers == 1)
            }
            try await consumer.cancel()
            try await channel.deleteExchange(name)
            try await channel.deleteQueue(name)
        }
    }

    @Test func settlesWhenEverythingNeededHasAnswered() async throws {
        let broker = try await TestBroker.shared()
        try await LinkUnderTest.with(broker) { test in
            test.watch { $0.view = .exchanges }
            #expect(await test.settle(within: .seconds(10)))
            let heard = test.listen()
            #expect(heard.exchanges?.rows.isEmpty == false && heard.cluster != nil)
            test.watch { $0.view = .connections }
            #expect(await test.settle(within: .seconds(10)))
            #expect(test.listen().connections != nil)
        }
    }

    @Test func aWrongPasswordIsSaidWithAdvice() async throws {
        let broker = try await TestBroker.shared()
        try await LinkUnderTest.with(broker, change: { $0.management.password = "wrong" }) { test in
            let status = try await test.eventually("denied") { heard in
                heard.source(.management).flatMap { $0.state == .denied ? $0 : nil }
            }
            #expect(status.problem?.contains("password") == true && status.advice != nil)
            #expect(status.problem?.contains("wrong") == false)
        }
    }

    @Test func aUserWithoutATagIsSaidWithAdvice() async throws {
        let broker = try await TestBroker.shared()
        let user = try await broker.makeUser("plain", password: "secret")
        try await LinkUnderTest.with(
            broker,
            change: {
                $0.management.username = user
                $0.management.password = "secret"
            }
        ) { test in
            let status = try await test.eventually("denied") { heard in
                heard.source(.management).flatMap { $0.state == .denied ? $0 : nil }
            }
            #expect(status.advice?.contains("monitoring") == true)
        }
    }

    @Test func aUserWhoMaySeeSomeSeesThat() async throws {
        let broker = try await TestBroker.shared()
        let user = try await broker.makeUser("some", password: "secret", tags: "management")
        try await broker.grant(user, vhost: "/")
        try await LinkUnderTest.with(
            broker,
            change: {
                $0.management.username = user
                $0.management.password = "secret"
            }
        ) { test in
            test.watch { $0.view = .exchanges }
            let status = try await test.eventually("live, with a limit") { heard in
                heard.source(.management).flatMap { $0.state == .live && $0.problem != nil ? $0 : nil }
            }
            #expect(status.advice?.contains("monitoring") == true)
            try await test.eventually("the exchanges") { $0.exchanges?.rows.isEmpty == false }
            #expect(test.listen().cluster != nil)
        }
    }
}
