import BrokerMonitor
import BrokerSupport
import Foundation
import RabbitMQClient
import RabbitMQManagement
import Testing
import TopCore

/// What watching leaves in the broker's log, and how often it is refused.
@Suite struct LinkHarmlessTests {
    /// The lines of the broker's log above info since a moment, by the broker's own clock, which is this machine's: what it
    /// did before is written late.
    private static func complaints(_ broker: TestBroker, since start: Date) throws -> [String] {
        let text = String(decoding: try Data(contentsOf: broker.node.logFile), as: UTF8.self)
        let format = Date.ISO8601FormatStyle(dateTimeSeparator: .space, includingFractionalSeconds: true)
        let first = String(start.formatted(format).dropLast())
        return text.split(separator: "\n").map(String.init).filter { line in
            (line.contains("[warning]") || line.contains("[error]")) && line.prefix(first.count) >= first
        }
    }

    /// The moment from which on the log is read: the broker is up, and its log exchange is there.
    private func beginning(_ broker: TestBroker) async throws -> Date {
        try await broker.node.waitForLogExchange()
        return Date()
    }

    /// Both wait most of the time, and so they run beside each other. The broker's log names the user of each.
    private static let refused = (
        wrongPassword: Task { try await wrongPassword() }, listener: Task { try await listener() }
    )

    @Test func aWrongPasswordIsTriedTwiceInTwelveSecondsOverAllProtocols() async throws {
        let refusals = try await Self.refused.wrongPassword.value
        #expect((1...2).contains(refusals.count), "\(refusals)")
    }

    /// - Returns: the broker's lines on refusals.
    private static func wrongPassword() async throws -> [String] {
        let broker = try await TestBroker.shared()
        let user = try await broker.makeUser("mistaken", password: "right", tags: "administrator")
        let start = Date()
        try await LinkUnderTest.with(
            broker,
            change: {
                $0.management.username = user
                $0.management.password = "wrong"
                $0.amqp = ConnectionConfiguration(port: broker.amqpPort, username: user, password: "wrong")
            }
        ) { test in
            test.watch { $0.view = .queues }
            try await test.eventually("denied") { $0.source(.management)?.state == .denied }
            try await test.eventually("the listener denied") { $0.source(.logExchange)?.state == .denied }
            // What somebody does by a key does not lock the account, either.
            for _ in 0..<3 {
                let request = PublishRequest(vhost: "/", exchange: "", routingKey: "q", count: 1, body: .text("x"))
                guard case .failed = try await test.carryOut(.publish(request)) else {
                    Issue.record("published with a wrong password")
                    return
                }
            }
            try await Task.sleep(for: .seconds(12))
        }
        return try complaints(broker, since: start).filter {
            ($0.contains("invalid credentials") || $0.contains("HTTP access denied") || $0.contains("login refused"))
                && $0.contains(user)
        }
    }

    @Test func watchingEveryViewLeavesTheLogClean() async throws {
        try await TestBroker.withRestartable(.init()) { broker in
            try await withLinkPeer(broker, name: "worker") { peer in
                let channel = try await peer.openChannel()
                _ = try await channel.declareQueue("orders", durable: true)
                let consumer = try await channel.consume("orders", prefetch: 10)
                let start = try await beginning(broker)
                try await LinkUnderTest.with(broker) { test in
                    for view in ViewID.allCases {
                        test.watch {
                            $0.view = view
                            $0.queues = [EntityID(vhost: "/", name: "orders")]
                            $0.interval = 0.2
                        }
                        _ = await test.settle(within: .seconds(5))
                        try await Task.sleep(for: .milliseconds(500))
                    }
                    // Without --show-own what watches is neither shown nor counted.
                    test.watch { $0.view = .channels }
                    try await test.eventually("the one connection", within: 20) {
                        $0.connections?.rows.map(\.clientName) == ["worker"]
                    }
                    try await test.eventually("the one channel", within: 20) { $0.channels?.rows.count == 1 }
                    test.watch { $0.view = .consumers }
                    try await test.eventually("one consumer", within: 20) { $0.consumers?.rows.count == 1 }
                    try await test.eventually("one connection in all", within: 20) {
                        $0.cluster?.overview.connections == 1
                    }
                    let heard = test.listen()
                    #expect(heard.bulk.keys.allSatisfy { !$0.name.hasPrefix("amq.gen") })
                    #expect(heard.events.allSatisfy { $0.clientName?.hasPrefix("rabbittop") != true })
                }
                let found = try Self.complaints(broker, since: start)
                #expect(found == [])
                try await consumer.cancel()
            }
        }
    }

    @Test func aMonitoringUserWithoutAVhostIsRefusedNothing() async throws {
        try await TestBroker.withRestartable(.init()) { broker in
            let user = try await broker.makeUser("watcher", password: "secret", tags: "monitoring")
            try await withLinkPeer(broker) { peer in
                let channel = try await peer.openChannel()
                _ = try await channel.declareQueue("orders", durable: true)
                let start = try await beginning(broker)
                try await LinkUnderTest.with(
                    broker,
                    change: {
                        $0.management.username = user
                        $0.management.password = "secret"
                    }
                ) { test in
                    let id = EntityID(vhost: "/", name: "orders")
                    for view in [ViewID.queues, .exchanges, .consumers, .overview] {
                        test.watch {
                            $0.view = view
                            $0.vhost = view == .overview ? nil : "/"
                            $0.queues = [id]
                            $0.detail = .queue(id)
                            $0.interval = 0.2
                        }
                        _ = await test.settle(within: .seconds(5))
                        try await Task.sleep(for: .seconds(1))
                    }
                    let heard = test.listen()
                    #expect(heard.bulk[id] != nil, "the depths come from Prometheus")
                    #expect(heard.source(.logExchange)?.state == .denied)
                    #expect(heard.source(.logExchange)?.advice?.contains("set_permissions") == true)
                    #expect(heard.source(.amqp)?.state != .live)
                }
                let found = try Self.complaints(broker, since: start)
                #expect(found == [])
            }
        }
    }

    @Test func aListenerThatMayNotListenIsRefusedOnceForEachExchange() async throws {
        let refusals = try await Self.refused.listener.value
        #expect((1...2).contains(refusals.count), "\(refusals)")
    }

    /// - Returns: the broker's lines on refusals.
    private static func listener() async throws -> [String] {
        let broker = try await TestBroker.shared()
        let user = try await broker.makeUser("watcher", password: "secret", tags: "monitoring")
        try await broker.grant(user, vhost: "/", configure: "^$", write: "^$", read: "^$")
        let start = Date()
        try await LinkUnderTest.with(
            broker,
            change: {
                $0.management.username = user
                $0.management.password = "secret"
            }
        ) { test in
            test.watch { $0.view = .events }
            let status = try await test.eventually("denied") { heard in
                heard.source(.logExchange).flatMap { $0.state == .denied ? $0 : nil }
            }
            #expect(status.problem?.contains("amq.rabbitmq.log") == true)
            #expect(status.advice?.contains("amq.gen") == true)
            try await Task.sleep(for: .seconds(10))
        }
        return try complaints(broker, since: start).filter { $0.contains("refused") && $0.contains(user) }
    }

    @Test func aPurgedQueueIsAskedForAtOnce() async throws {
        let broker = try await TestBroker.shared()
        let id = EntityID(vhost: "/", name: uniqueName("purged"))
        try await withLinkPeer(broker) { peer in
            let channel = try await peer.openChannel()
            _ = try await channel.declareQueue(id.name, durable: true, arguments: ["x-queue-type": "quorum"])
            for _ in 0..<20 { try await channel.publish("x".utf8, routingKey: id.name) }
            try await LinkUnderTest.with(broker) { test in
                test.watch {
                    $0.view = .queues
                    $0.queues = [id]
                    $0.interval = 30
                }
                try await test.eventually("20 ready", within: 20) { $0.live[id]?.depth.ready == 20 }
                guard case .finished = try await test.carryOut(.purge(id)) else {
                    Issue.record("not purged")
                    return
                }
                // The next look would be half a minute away.
                try await test.eventually("none ready", within: 3) { $0.live[id]?.depth.ready == 0 }
            }
            try await channel.deleteQueue(id.name)
        }
    }
}
