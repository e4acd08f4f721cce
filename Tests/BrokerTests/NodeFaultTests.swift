import BrokerSupport
import Faults
import Lab
import LocalBroker
import RabbitMQClient
import Testing

import struct NIOCore.ByteBuffer

/// Each fault on a private node bites as the catalogue says, and is taken back.
@Suite(.serialized, .timeLimit(.minutes(15))) struct NodeFaultTests {
    private func withRegistry(_ body: (TestBroker, FaultRegistry) async throws -> Void) async throws {
        try await TestBroker.withRestartable { broker in
            let registry = FaultRegistry(injectors: [.node: NodeFaults(node: broker.node)])
            try await body(broker, registry)
            #expect(await registry.close(within: 60).isEmpty)
        }
    }

    @Test func aNodeIsKilledFrozenAndRestarted() async throws {
        try await withRegistry { broker, registry in
            try await killing(broker, registry)
            try await freezing(broker, registry)
            try await restarting(broker, registry)
            let alone = await faultError { _ = try await registry.inject(Fault("partition")) }
            #expect(alone?.problem.contains("needs a cluster") == true)
            let stranger = await faultError { _ = try await registry.inject(Fault("kill-node", ["node": "x@y"])) }
            #expect(stranger?.advice.contains(broker.node.name) == true)
        }
    }

    private func killing(_ broker: TestBroker, _ registry: FaultRegistry) async throws {
        let connection = try await Connection.connect(broker.configuration())
        let record = try await registry.inject(Fault("kill-node"))
        // Its time begins when it is done.
        let until = try #require(record.until)
        #expect(until >= record.since + 30)
        _ = await connection.closed()
        #expect(await clientError { _ = try await Connection.connect(broker.configuration()) } != nil)
        let twice = await faultError { _ = try await registry.inject(Fault("freeze-node")) }
        #expect(twice?.problem.contains("'kill-node' is in force") == true)
        _ = try await registry.undo(record.id)
        try await Connection.connect(broker.configuration()).close()
    }

    private func freezing(_ broker: TestBroker, _ registry: FaultRegistry) async throws {
        let connection = try await Connection.connect(broker.configuration())
        let channel = try await connection.openChannel()
        let record = try await registry.inject(Fault("freeze-node"))
        #expect(await broker.node.status == .frozen)
        #expect(connection.isOpen)
        _ = try await registry.undo(record.id)
        _ = try await channel.declareQueue(exclusive: true)
        await connection.close()
    }

    private func restarting(_ broker: TestBroker, _ registry: FaultRegistry) async throws {
        let connection = try await Connection.connect(broker.configuration())
        let record = try await registry.inject(Fault("restart-node"))
        #expect(record.state == .done)
        #expect(await connection.closed().code == 320)
        try await Connection.connect(broker.configuration()).close()
    }

    @Test func alarmsBlockPublishersAndTheirLimitsComeBack() async throws {
        try await withRegistry { broker, registry in
            let before = try await broker.node.evaluate("vm_memory_monitor:get_vm_memory_high_watermark().")
            let connection = try await Connection.connect(broker.configuration())
            let channel = try await connection.openChannel()
            let queue = try await channel.declareQueue(exclusive: true).name
            for (name, reason) in [("memory-alarm", "low on memory"), ("disk-alarm", "low on disk")] {
                let record = try await registry.inject(Fault(name))
                let confirmation = try await channel.publishDeferred(ByteBuffer(string: "x"), routingKey: queue)
                #expect(await eventually { connection.blockedReason == reason })
                _ = try await registry.undo(record.id)
                try await confirmation.wait()
                #expect(await eventually { connection.blockedReason == nil })
            }
            #expect(try await broker.node.evaluate("vm_memory_monitor:get_vm_memory_high_watermark().") == before)
            #expect(try await broker.node.evaluate("rabbit_alarm:get_alarms().") == "[]")
            await connection.close()
        }
    }

    @Test func aClusterLosesANodeAndIsPartitioned() async throws {
        let cluster = try await BrokerCluster.start(count: 3, BrokerNode.Options { $0.plugins = [] })
        do {
            try await losing(cluster)
            try await partitioning(cluster)
        } catch {
            await cluster.remove()
            throw error
        }
        await cluster.remove()
        #expect(await cluster.nodes[0].status == .stopped)
    }

    private func losing(_ cluster: BrokerCluster) async throws {
        let registry = FaultRegistry(injectors: [.node: NodeFaults(cluster: cluster)])
        let (first, last) = (cluster.nodes[0], cluster.nodes[2])
        let record = try await registry.inject(Fault("lose-node"))
        #expect(record.note == "killed \(last.name)")
        #expect(await last.status == .stopped)
        let seen = "length(rabbit_nodes:all_running())."
        #expect(await eventually { (try? await first.evaluate(seen)) == "2" })
        _ = try await registry.undo(record.id)
        #expect(try await first.evaluate(seen) == "3")
        #expect(try await last.evaluate(seen) == "3")
        #expect(await registry.close().isEmpty)
    }

    private func partitioning(_ cluster: BrokerCluster) async throws {
        let registry = FaultRegistry(injectors: [.node: NodeFaults(cluster: cluster)])
        let (first, second) = (cluster.nodes[0], cluster.nodes[1])
        let record = try await registry.inject(Fault("partition", ["node": .text(second.name)]))
        let seen = "length(rabbit_nodes:all_running())."
        #expect(await eventually { (try? await first.evaluate(seen)) == "2" })
        #expect(await eventually { (try? await second.evaluate(seen)) == "1" })
        // Both sides live.
        for node in [first, second] {
            let connection = try await Connection.connect(ConnectionConfiguration(port: node.ports.amqp))
            _ = try await connection.openChannel().declareQueue(exclusive: true)
            await connection.close()
        }
        let undone = try await registry.undo(record.id)
        #expect(undone.state == .undone)
        for node in cluster.nodes {
            #expect(try await node.evaluate(seen) == "3")
            #expect(try await node.evaluate("rabbit_node_monitor:partitions().") == "[]")
        }
        #expect(await registry.close().isEmpty)
    }
}
