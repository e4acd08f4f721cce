import BrokerMonitor
import BrokerSupport
import Foundation
import Testing
import TopCore

@Suite struct LinkOutageTests {
    private let fed: [SourceName] = [.management, .amqp, .logExchange, .eventExchange]
    private let id = EntityID(vhost: "/", name: "watched")

    /// Watches a queue until all sources are live.
    private func watching(_ body: (TestBroker, LinkUnderTest) async throws -> Void) async throws {
        try await TestBroker.withRestartable(.init()) { broker in
            try await withLinkPeer(broker) { peer in
                _ = try await peer.openChannel().declareQueue(id.name.text, durable: true)
            }
            try await LinkUnderTest.with(broker) { test in
                test.watch {
                    $0.view = .queues
                    $0.queues = [id]
                }
                try await test.eventually("all live", within: 20) { heard in
                    heard.live[id] != nil && self.fed.allSatisfy { heard.source($0)?.state == .live }
                }
                try await body(broker, test)
            }
        }
    }

    @Test func aFrozenBrokerIsNoticedAndItsReturnToo() async throws {
        try await watching { broker, test in
            try await broker.node.freeze()
            let frozen = Date()
            try await test.eventually("all stale", within: 3) { heard in
                self.fed.allSatisfy { heard.source($0)?.state == .stale }
            }
            for name in fed {
                let age = test.listen().source(name)?.age(at: Date()) ?? 0
                #expect(age >= Date().timeIntervalSince(frozen) - 0.5, "\(name) is not older than the frost")
            }
            try await broker.node.thaw()
            try await test.eventually("all live again", within: 3) { heard in
                self.fed.allSatisfy { heard.source($0)?.state == .live }
            }
        }
    }

    @Test func aKilledBrokerComesBack() async throws {
        try await watching { broker, test in
            try await broker.syncDeclarations()
            try await broker.node.kill()
            try await test.eventually("all stale", within: 3) { heard in
                self.fed.allSatisfy { heard.source($0)?.state == .stale }
            }
            try await broker.node.start()
            let back = Date()
            try await test.eventually("all live again", within: 3) { heard in
                self.fed.allSatisfy { heard.source($0)?.state == .live }
                    && (heard.live[id].map { $0.at > back } ?? false)
            }
        }
    }

    @Test func itEndsInTimeWhateverTheBrokerDoes() async throws {
        try await TestBroker.withRestartable(.init()) { broker in
            let start = ContinuousClock.now
            var frozenAt = start
            try await LinkUnderTest.with(broker) { test in
                test.watch { $0.view = .connections }
                try await test.eventually("listening", within: 20) { $0.source(.logExchange)?.state == .live }
                try await broker.node.freeze()
                frozenAt = .now
            }
            #expect(ContinuousClock.now - frozenAt < .seconds(3))
            try await broker.node.thaw()
        }
    }
}
