import BrokerSupport
import Foundation
import LocalBroker
import NIOPosix
import RabbitMQClient
import Testing

@testable import Lab

/// A workload at work on a node that is as a new one.
struct Demo: Sendable {
    let broker: TestBroker
    let registry: ClientRegistry
    private let task: Task<Void, Never>

    /// Starts node and workload, runs the body, ends the workload and checks that it leaves no connection.
    static func run(_ body: @Sendable (Demo) async throws -> Void) async throws {
        let options = BrokerNode.Options { $0.configuration = DemoWorkload.nodeConfiguration }
        try await TestBroker.withRestartable(options) { broker in
            let registry = ClientRegistry()
            let workload = DemoWorkload(node: broker.node, registry: registry)
            try await workload.prepare()
            let demo = Demo(broker: broker, registry: registry, task: Task { await workload.run() })
            do {
                try await body(demo)
            } catch {
                await demo.end()
                throw error
            }
            await demo.end()
            #expect(registry.report().connections.allSatisfy { $0.closedAt != nil })
        }
    }

    /// Cancels the workload and waits for its end; how long that took.
    @discardableResult
    func end() async -> Duration {
        let start = ContinuousClock.now
        task.cancel()
        await task.value
        return ContinuousClock.now - start
    }

    var report: ClientReport { registry.report() }

    /// The open connection of that application.
    func connection(_ name: String) -> ConnectionReport? {
        report.connections.first { $0.clientName == name && $0.state == .open }
    }

    /// A connection between two losses of its socket. Its name says less: it holds a port, and ports come again.
    struct Life: Hashable {
        var connection: UInt64
        var recoveries: Int

        init(_ report: ConnectionReport) {
            connection = report.id
            recoveries = report.recoveries
        }
    }

    var lives: Set<Life> { Set(report.connections.map(Life.init)) }

    /// Waits until every application that does not come and go is connected and every one of its channels does what it
    /// is there for, in other lives than those given.
    func allAtWork(within limit: Duration, butNot old: Set<Life> = []) async throws {
        for application in DemoApplication.demo where application.shift == nil {
            let quick = application.producers.filter { $0.wave.mean >= 1 }.count
            try await eventually("\(application.name) works", within: limit, describing: application.name) {
                guard let connection = connection(application.name), !old.contains(Life(connection)) else {
                    return false
                }
                let channels = connection.channels.filter { $0.state == .open }
                return channels.filter { !$0.consumers.isEmpty }.count == application.consumers.count
                    && channels.filter { $0.published > 0 }.count >= quick
                    && (application.consumers.isEmpty || channels.contains { $0.delivered > 0 })
            }
        }
    }

    /// What there is to say of an application that is not as it should be.
    private func describe(_ name: String) -> String {
        report.connections.filter { $0.clientName == name }.map { connection in
            let channels = connection.channels.map {
                "  channel \($0.number): \($0.state), \($0.consumers.count) consumers, published \($0.published), "
                    + "delivered \($0.delivered), \($0.lastError.map { "\($0)" } ?? "no error")"
            }
            let error = connection.lastError.map { "\($0)" } ?? "no error"
            return
                (["; \(connection.name) is \(connection.state), recoveries \(connection.recoveries), \(error)"]
                + channels)
                .joined(separator: "\n")
        }.joined(separator: "\n")
    }

    /// Waits until the condition holds, and fails when it does not within that time.
    func eventually(
        _ what: String, within limit: Duration, describing name: String? = nil,
        sourceLocation: SourceLocation = #_sourceLocation, _ condition: () async throws -> Bool
    ) async throws {
        let end = ContinuousClock.now + limit
        while try await !condition() {
            guard ContinuousClock.now < end else {
                let seen = name.map(describe) ?? ""
                Issue.record("not within \(limit): \(what)\(seen)", sourceLocation: sourceLocation)
                throw CancellationError()
            }
            try await Task.sleep(for: .milliseconds(50))
        }
    }

    /// The queues that are there.
    func queueNames(in virtualHost: String) async throws -> Set<String> {
        let answer = try await broker.management("GET", "queues/\(TestBroker.encoded(virtualHost))")
        let rows = try #require(answer.json as? [[String: Any]])
        return Set(rows.compactMap { $0["name"] as? String })
    }

    /// Asks for the queues' depths twice a second, on connections of its own, until the condition holds.
    func watchDepths(within limit: Duration, until condition: (Depths) -> Bool) async throws {
        var watches: [(connection: Connection, channel: RabbitMQClient.Channel, queues: [String])] = []
        for host in DemoTopology.demo.virtualHosts {
            let connection = try await Connection.connect(
                ConnectionConfiguration(port: broker.amqpPort, virtualHost: host.name, connectionName: "watch"),
                on: MultiThreadedEventLoopGroup.singleton)
            let queues = host.queues.filter { !$0.isExclusive && $0.arguments["x-expires"] == nil }.map(\.name)
            watches.append((connection, try await connection.openChannel(), queues))
        }
        var depths = Depths()
        let end = ContinuousClock.now + limit
        while !condition(depths) {
            guard ContinuousClock.now < end else {
                Issue.record("the depths do not move as they should: \(depths.seen)")
                break
            }
            for watch in watches {
                for result in await watch.channel.declareQueuesPassive(watch.queues) {
                    let queue = try result.get()
                    depths.seen[queue.name.text, default: []].append(Int(queue.messageCount))
                }
            }
            try await Task.sleep(for: .milliseconds(500))
        }
        for watch in watches { await watch.connection.close() }
    }

    /// Makes the broker close that channel, and no other, with 406.
    func closeChannel(_ name: String) async throws {
        try await broker.node.evaluate(
            """
            [rabbit_channel_common:do(P, {'basic.ack', 987654321, false}) || P <- rabbit_channel:list(), \
            [{name, N}] <- [rabbit_channel:info(P, [name])], iolist_to_binary(N) =:= <<"\(name)">>].
            """)
    }

    /// What depths queues had, one after the other.
    struct Depths {
        var seen: [String: [Int]] = [:]

        /// Whether it went up and down, or down and up, by that much.
        func breathes(_ queue: String, by size: Int) -> Bool {
            var (low, high) = (Int.max, Int.min)
            var (rise, fall) = (0, 0)
            for depth in seen[queue] ?? [] {
                (low, high) = (min(low, depth), max(high, depth))
                (rise, fall) = (max(rise, depth - low), max(fall, high - depth))
            }
            return rise >= size && fall >= size
        }

        func grows(_ queue: String, by size: Int) -> Bool {
            let depths = seen[queue] ?? []
            return (depths.last ?? 0) - (depths.first ?? 0) >= size
        }
    }
}
