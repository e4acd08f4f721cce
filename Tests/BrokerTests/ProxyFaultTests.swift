import AMQPProxy
import BrokerSupport
import Faults
import Foundation
import Names
import Testing

/// Each fault of the proxy, and what applications in other people's libraries report of it.
@Suite struct ProxyFaultTests {
    /// A fault on one application, and the words that each library has for it.
    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        var parameters: [String: FaultValue] = [:]
        var selector = FaultSelector()
        /// By library.
        var sees: [String: [String]]
        var heartbeat = 0
        /// Seconds between two publishes.
        var pause = 0.02

        var testDescription: String {
            name + parameters.sorted { $0.key < $1.key }.map { " \($0.key)=\($0.value)" }.joined()
        }
    }

    private static let lost = ["pika": ["lost"], "aio-pika": ["connection closed"], "kombu": ["error"]]

    static let closing: [Case] = [
        Case(
            name: "close-channel", parameters: ["code": 311, "text": "too large", "towards": "client"],
            sees: [
                "pika": ["ChannelClosedByBroker 311 too large"], "aio-pika": ["311", "too large"], "kombu": ["311"],
            ]),
        Case(
            name: "close-channel", parameters: ["code": 406, "text": "both told"],
            sees: [
                "pika": ["ChannelClosedByBroker 406 both told"], "aio-pika": ["channel closed", "both told"],
                "kombu": ["406", "both told"],
            ]),
        Case(
            name: "close-channel", parameters: ["code": 541, "text": "inside"],
            sees: ["pika": ["ChannelClosedByBroker 541 inside"]]),
        Case(
            name: "close-connection", parameters: ["text": "CONNECTION_FORCED - because"],
            sees: [
                "pika": ["ConnectionClosedByBroker 320", "because"], "aio-pika": ["connection closed", "because"],
                "kombu": ["320", "because"],
            ]),
        Case(name: "reset-connection", sees: lost),
        Case(name: "reset-connection", selector: FaultSelector(afterMessages: 50), sees: ["pika": ["lost"]]),
        Case(
            name: "half-open", sees: ["pika": ["missed heartbeat"], "aio-pika": ["connection closed"]], heartbeat: 2),
        Case(
            name: "refuse-channels", parameters: ["text": "no more"],
            sees: ["pika": ["ChannelClosedByBroker 506 no more"]]),
        Case(name: "cancel-consumer", sees: ["pika": ["consumer cancelled"]]),
    ]

    static let streams: [Case] = [
        Case(
            name: "black-hole", sees: ["pika": ["missed heartbeat"], "aio-pika": ["connection closed"]], heartbeat: 2),
        Case(
            name: "latency", parameters: ["delay_ms": 200, "jitter_ms": 20],
            sees: ["pika": ["slow confirm"], "aio-pika": ["slow confirm"], "kombu": ["slow confirm"]]),
        Case(
            name: "bandwidth", parameters: ["bytes_per_s": 300],
            sees: ["pika": ["slow confirm"], "aio-pika": ["slow confirm"], "kombu": ["slow confirm"]]),
        Case(name: "cut-frame", sees: lost),
        Case(
            name: "corrupt-frame",
            sees: ["pika": ["lost", "Frame"], "aio-pika": ["connection closed"], "kombu": ["error"]]),
        Case(
            name: "corrupt-frame", parameters: ["towards": "broker"],
            sees: ["pika": ["ConnectionClosedByBroker 501"], "aio-pika": ["connection closed"], "kombu": ["501"]]),
        Case(
            name: "truncate-frame",
            sees: ["pika": ["ConnectionClosedByBroker", "50"], "aio-pika": ["connection closed"]]),
        Case(
            name: "interleave-frames",
            sees: [
                "pika": ["ConnectionClosedByBroker 505"], "aio-pika": ["connection closed", "UNEXPECTED_FRAME"],
                "kombu": ["505"],
            ]),
        Case(
            name: "swallow-heartbeats", parameters: ["towards": "client"], sees: ["pika": ["missed heartbeat"]],
            heartbeat: 2, pause: 30),
        Case(
            name: "block-connection", parameters: ["reason": "no room", "hold": false],
            sees: ["pika": ["blocked no room"]]),
    ]

    static let messages: [Case] = [
        Case(
            name: "swallow", parameters: ["what": "acks"],
            sees: ["pika": ["no delivery"], "aio-pika": ["no delivery"], "kombu": ["no delivery"]]),
        Case(
            name: "swallow", parameters: ["what": "confirms"],
            sees: ["aio-pika": ["publish timed out"], "kombu": ["timed out"]]),
        Case(
            name: "swallow", parameters: ["what": "deliveries"],
            sees: ["pika": ["no delivery"], "aio-pika": ["no delivery"], "kombu": ["no delivery"]]),
        Case(
            name: "delay", parameters: ["what": "confirms", "delay_ms": 600],
            sees: ["pika": ["slow confirm"], "aio-pika": ["slow confirm"], "kombu": ["slow confirm"]]),
        Case(
            name: "delay", parameters: ["what": "deliveries", "delay_ms": 800],
            sees: ["pika": ["late delivery"], "aio-pika": ["late delivery"], "kombu": ["late delivery"]]),
        Case(
            name: "delay", parameters: ["what": "acks", "delay_ms": 5_000], sees: ["pika": ["no delivery"]]),
        Case(
            name: "duplicate", parameters: ["what": "acks"],
            sees: [
                "pika": ["ChannelClosedByBroker 406", "unknown delivery tag"], "aio-pika": ["unknown delivery tag"],
                "kombu": ["406", "unknown delivery tag"],
            ]),
        Case(
            name: "duplicate", parameters: ["what": "deliveries"],
            sees: ["pika": ["delivery tag twice"], "aio-pika": ["delivery tag twice"], "kombu": ["delivery tag twice"]]),
        Case(name: "nack-confirm", sees: ["pika": ["nacked"], "aio-pika": ["not delivered"]]),
        Case(name: "return-message", sees: ["pika": ["returned 312 True"], "aio-pika": ["not delivered"]]),
    ]

    private static let libraries = ["pika", "aio-pika", "kombu"]
    // The libraries' applications wait most of the time, and so those of all three run beside each other.
    private static let closingRuns = runs(closing)
    private static let streamRuns = runs(streams)
    private static let messageRuns = runs(messages)

    @Test(.timeLimit(.minutes(3)), arguments: libraries)
    func closingIsSeenForWhatItIs(library: String) async throws {
        #expect(try await Self.closingRuns[library]?.value == [])
    }

    @Test(.timeLimit(.minutes(3)), arguments: libraries)
    func brokenStreamsAreSeenForWhatTheyAre(library: String) async throws {
        #expect(try await Self.streamRuns[library]?.value == [])
    }

    @Test(.timeLimit(.minutes(3)), arguments: libraries)
    func lostAndDoubledMessagesAreSeenForWhatTheyAre(library: String) async throws {
        #expect(try await Self.messageRuns[library]?.value == [])
    }

    private static func runs(_ cases: [Case]) -> [String: Task<[String], any Error>] {
        var runs: [String: Task<[String], any Error>] = [:]
        for library in libraries { runs[library] = Task { try await run(cases, library) } }
        return runs
    }

    /// Each case has an application of its own; all pass through one proxy, where a fault meets its own application alone.
    ///
    /// - Returns: what was not seen.
    private static func run(_ cases: [Case], _ library: String) async throws -> [String] {
        let broker = try await TestBroker.shared()
        let fixture = try await ProxyFixture(broker)
        let registry = FaultRegistry(injectors: [.proxy: ProxyFaults(fixture.proxy)])
        // A missed heartbeat takes the longest, and so it begins first.
        let mine = cases.filter { $0.sees[library] != nil }.sorted { $0.heartbeat > $1.heartbeat }
        var missed = await withTaskGroup(of: String?.self) { tasks in
            var missed: [String] = []
            for (index, item) in mine.enumerated() {
                // Two cores: a few at a time.
                if index >= 2, let words = await tasks.next() ?? nil { missed.append(words) }
                tasks.addTask { await run(item, library, fixture, registry) }
            }
            for await words in tasks { if let words { missed.append(words) } }
            return missed
        }
        missed += await registry.close().map { "\($0) is not undone" }
        await fixture.proxy.stop()
        return missed
    }

    /// - Returns: what was not seen; nil when all was.
    private static func run(
        _ item: Case, _ library: String, _ fixture: ProxyFixture, _ registry: FaultRegistry
    ) async -> String? {
        let name = uniqueName("app")
        let words = item.sees[library] ?? []
        do {
            async let python = Python.run(
                ProxyFaultApplications.script(library),
                arguments: ["\(fixture.proxy.port)", name, "\(item.heartbeat)", "\(item.pause)"] + words,
                deadline: .seconds(90))
            _ = try await fixture.session("\(name) that publishes and consumes") { session in
                session.identity.clientName == Name(name) && session.channels.map(\.published).reduce(0, +) > 0
                    && session.channels.map(\.delivered).reduce(0, +) > 0
            }
            var selector = item.selector
            selector.connection = name
            let record = try await registry.inject(Fault(item.name, item.parameters, on: selector))
            let lines = try await python.standardOutput.split(separator: "\n")
            guard lines.contains(where: { line in words.allSatisfy { line.contains($0) } }) else {
                return "\(item) \(library): \(lines)"
            }
            if await registry.records.first(where: { $0.id == record.id })?.isInForce == true {
                try await registry.undo(record.id)
            }
            let after = await registry.records.first { $0.id == record.id }
            return (after?.hits ?? 0) > 0 ? nil : "\(item) \(library) did not strike"
        } catch {
            return "\(item) \(library): \(error)"
        }
    }

    // MARK: Those that have no application to select

    @Test(.timeLimit(.minutes(2)), arguments: ["reset", "close"]) func newConnectionsAreRefused(how: String)
        async throws
    {
        let broker = try await TestBroker.shared()
        try await ProxyFixture.with(broker) { fixture in
            let registry = FaultRegistry(injectors: [.proxy: ProxyFaults(fixture.proxy)])
            let record = try await registry.inject(Fault("refuse-connections", ["how": .text(how)]))
            let error = await fixture.connectError()
            if how == "close" {
                #expect(error?.closeReason?.code == 320)
            } else {
                #expect(error != nil)
            }
            try await registry.undo(record.id)
            #expect(await fixture.connectError() == nil)
        }
    }

    @Test(.timeLimit(.minutes(2))) func limitsAreLoweredForNewConnections() async throws {
        let broker = try await TestBroker.shared()
        try await ProxyFixture.with(broker) { fixture in
            let registry = FaultRegistry(injectors: [.proxy: ProxyFaults(fixture.proxy)])
            try await registry.inject(Fault("tune", ["frame_max": 8_192, "channel_max": 7, "heartbeat": 11]))
            let output = try await Python.run(
                ProxyFaultApplications.script("pika"),
                arguments: ["\(fixture.proxy.port)", uniqueName("tuned"), "-1", "0.1", "tuned"])
            #expect(output.standardOutput.contains("tuned 8192 7 11"))
        }
    }

    @Test(.timeLimit(.minutes(2))) func whatABlockHeldBackPassesWhenItIsUndone() async throws {
        let broker = try await TestBroker.shared()
        try await ProxyFixture.with(broker) { fixture in
            let registry = FaultRegistry(injectors: [.proxy: ProxyFaults(fixture.proxy)])
            let name = uniqueName("blocked")
            async let python = Python.run(
                ProxyFaultApplications.script("pika"),
                arguments: ["\(fixture.proxy.port)", name, "2", "0.02", "unblocked"])
            let session = try await fixture.session("the application") { session in
                session.identity.clientName == Name(name) && session.channels.contains { $0.delivered > 0 }
            }
            // Longer than the broker takes for a peer that is not heard of.
            let record = try await registry.inject(
                Fault("block-connection", on: FaultSelector(connection: name), for: 7))
            let output = try await python
            #expect(output.standardOutput.contains("blocked low on memory"))
            #expect(!output.standardOutput.contains("lost"))
            let after = await registry.records.first { $0.id == record.id }
            #expect(after?.state == .undone)
            #expect(session.id > 0)
        }
    }
}
