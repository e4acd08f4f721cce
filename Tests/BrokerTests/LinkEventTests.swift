import BrokerMonitor
import BrokerSupport
import Faults
import Foundation
import Names
import RabbitMQClient
import Testing
import TopCore

@Suite struct LinkEventTests {
    /// Two errors on channels of a foreign client, closed by the broker on our demand.
    @Test func anybodysChannelIsClosedAndTheNewsSayWhy() async throws {
        let broker = try await TestBroker.shared()
        let name = uniqueName("victim")
        try await LinkUnderTest.with(broker) { test in
            test.watch { $0.view = .channels }
            try await test.eventually("the log exchange live") { $0.source(.logExchange)?.state == .live }
            let script = """
                import pika, sys, time
                p = pika.ConnectionParameters('127.0.0.1', int(sys.argv[1]), client_properties={'connection_name': sys.argv[2]})
                c = pika.BlockingConnection(p)
                channels = [c.channel() for _ in range(3)]
                deadline = time.time() + 40
                while sum(ch.is_open for ch in channels) > 1 and time.time() < deadline:
                    c.process_data_events(0.1)
                codes = sorted(str(ch._impl._closing_reason) if hasattr(ch, '_impl') else '' for ch in channels if ch.is_closed)
                print('open', sum(ch.is_open for ch in channels), c.is_open)
                c.close()
                """
            async let python = Python.run(script, arguments: ["\(broker.amqpPort)", name])
            let rows = try await test.eventually("its channels", within: 30) { heard in
                let rows = heard.channels?.rows.filter { $0.clientName == Name(name) } ?? []
                return rows.count == 3 ? rows.sorted { $0.id.number < $1.id.number } : nil
            }
            let first = try await test.carryOut(.closeChannel(rows[0].id, .preconditionFailed))
            guard case .finished(let done) = first else {
                Issue.record("\(first)")
                return
            }
            #expect(done.contains("406"))
            let second = try await test.carryOut(.closeChannel(rows[1].id, .notFound))
            guard case .finished = second else {
                Issue.record("\(second)")
                return
            }
            let output = try await python.standardOutput
            #expect(output.contains("open 1 True"), "its sibling and its connection live on")
            for (row, code, text) in [(rows[0], 406, "987654321"), (rows[1], 404, "rabbittop")] {
                let entry = try await test.eventually("the news of \(code)", within: 5) { heard in
                    heard.events.first { $0.connection == row.id.connection.text && $0.code == code }
                }
                #expect(entry.channel == row.id.number && entry.clientName == name && entry.kind == .error)
                #expect(entry.text.contains(text) && entry.user == "guest" && entry.vhost == "/")
            }
            let again = try await test.carryOut(.closeChannel(rows[0].id, .preconditionFailed))
            guard case .failed = again else {
                Issue.record("\(again)")
                return
            }
        }
    }

    @Test func withoutRabbitmqctlTheConnectionIsOffered() async throws {
        let broker = try await TestBroker.shared()
        try await LinkUnderTest.with(broker, change: { $0.rabbitmqctl = nil }) { test in
            let id = ChannelID(connection: "127.0.0.1:1 -> 127.0.0.1:2", number: 1)
            let report = try await test.carryOut(.closeChannel(id, .preconditionFailed))
            guard case .offersConnection(id, _) = report else {
                Issue.record("\(report)")
                return
            }
        }
    }

    @Test func aThousandErrorsAreAThousandEntries() async throws {
        try await TestBroker.withRestartable(.init()) { broker in
            let registry = ClientRegistry()
            // Three sources tell of the same errors: the client, the log exchange and the log file.
            let file = broker.node.logFile.path
            try await LinkUnderTest.with(
                broker,
                change: {
                    $0.registry = registry
                    $0.brokerLogFile = file
                }
            ) { test in
                try await test.eventually("every source live") { heard in
                    heard.source(.logExchange)?.state == .live && heard.source(.eventExchange)?.state == .live
                        && heard.source(.logFile)?.state == .live
                }
                try await withLinkPeer(broker, name: "clumsy", registry: registry) { peer in
                    for _ in 0..<1_000 {
                        let channel = try await peer.openChannel()
                        await #expect(throws: ClientError.self) { _ = try await channel.declareQueuePassive("nope") }
                    }
                }
                try await test.eventually("1,000 entries", within: 20) { heard in
                    heard.events.count { $0.code == 404 } >= 1_000
                }
                try await test.eventually("the end of the connection") { heard in
                    heard.events.contains { $0.kind == .closed && $0.clientName == "clumsy" }
                }
                try await Task.sleep(for: .seconds(2))
                let heard = test.listen()
                #expect(heard.events.count { $0.code == 404 } == 1_000)
                #expect(heard.dropped == 0)
                #expect(heard.events.count { $0.kind == .opened && $0.clientName == "clumsy" } == 1)
                #expect(heard.events.count { $0.kind == .closed && $0.clientName == "clumsy" } == 1)
                #expect(heard.events.allSatisfy { $0.code != 404 || ($0.queue == "nope" && $0.clientName == "clumsy") })
                #expect(
                    heard.events.allSatisfy { $0.clientName?.hasPrefix("rabbittop") != true },
                    "we are no news ourselves")
            }
        }
    }

    @Test func anAlarmIsToldOnceWhenItComesAndGoes() async throws {
        try await TestBroker.withRestartable(.init()) { broker in
            try await LinkUnderTest.with(broker) { test in
                try await test.eventually("listening", within: 20) { heard in
                    heard.source(.logExchange)?.state == .live && heard.source(.eventExchange)?.state == .live
                }
                try await broker.setMemoryLimit("0.000001")
                try await test.eventually("the alarm") { $0.events.contains { $0.kind == .alarm } }
                try await test.eventually("the alarm in the overview") { $0.cluster?.overview.alarms?.isEmpty == false }
                try await broker.setMemoryLimit("0.8")
                try await test.eventually("its end") { $0.events.contains { $0.text.contains("cleared") } }
                try await Task.sleep(for: .seconds(1))
                let alarms = test.listen().events.filter { $0.kind == .alarm }.map(\.text)
                #expect(
                    alarms == [
                        "memory alarm set on \(broker.node.name)", "memory alarm cleared on \(broker.node.name)",
                    ])
            }
        }
    }

    @Test func aFailedLoginIsOneEntry() async throws {
        let broker = try await TestBroker.shared()
        let user = uniqueName("nobody")
        try await LinkUnderTest.with(broker) { test in
            try await test.eventually("listening") { heard in
                heard.source(.logExchange)?.state == .live && heard.source(.eventExchange)?.state == .live
            }
            await #expect(throws: ClientError.self) {
                _ = try await Connection.connect(
                    ConnectionConfiguration(port: broker.amqpPort, username: user, password: "x"), on: linkEventLoops)
            }
            try await test.eventually("the refusal") { $0.events.contains { $0.user == user } }
            try await Task.sleep(for: .seconds(1))
            let entries = test.listen().events.filter { $0.user == user }
            #expect(entries.count == 1)
            #expect(entries.first?.kind == .authentication && entries.first?.code == 403)
        }
    }
}
