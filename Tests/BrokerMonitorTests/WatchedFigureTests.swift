import Foundation
import Names
import RabbitMQManagement
import Testing
import TopCore

@testable import BrokerMonitor

/// What the diagnosis reads of rows beyond what the tables show.
@Suite("The figures that rules read")
struct WatchedFigureTests {
    private func whole<Row: ManagementObject>(_ version: String, _ name: String) throws -> Row {
        let value = try Answer.sample(version, name)
        return try #require(Row(json: value))
    }

    private func list<Row: ManagementObject>(_ version: String, _ name: String) throws -> [Row] {
        try #require(try Answer.sample(version, name).elements).compactMap(Row.init)
    }

    private func details(_ json: String) throws -> TopCore.QueueDetails {
        TopCore.QueueDetails(try Answer.row(json), majorVersion: 4)
    }

    @Test("A real quorum queue tells its members; a classic queue its length limit", arguments: ["3.10.8", "4.3.6"])
    func realQueues(_ version: String) throws {
        let replicated: QueueDetail = try whole(version, "queue-detail-quorum.json")
        let quorum = TopCore.QueueDetails(replicated.queue, majorVersion: nil)
        #expect(quorum.members == ["rabbit@localhost"] && quorum.onlineMembers == quorum.members)
        #expect(quorum.leader == "rabbit@localhost")
        #expect((quorum.messageBytes ?? 0) > 10_000 && quorum.maxLength == nil)
        let limited: QueueDetail = try whole(version, "queue-detail.json")
        let classic = TopCore.QueueDetails(limited.queue, majorVersion: nil)
        #expect(classic.maxLength == 10_000 && classic.maxLengthBytes == nil && classic.overflow == nil)
        #expect(classic.members == nil && classic.leader == nil && classic.headMessageAt == nil)
        #expect((classic.consumerCapacity ?? 0) > 0.99)
    }

    @Test("Of a limit by argument and one by policy the smaller holds; a negative one is none")
    func limits() throws {
        let both = try details(
            #"""
            {"name":"q","vhost":"/","arguments":{"x-max-length":500,"x-overflow":"reject-publish"},
            "effective_policy_definition":{"max-length":100,"max-length-bytes":-1,"consumer-timeout":90000}}
            """#)
        #expect(both.maxLength == 100 && both.maxLengthBytes == nil && both.overflow == "reject-publish")
        #expect(both.consumerTimeout == 90)
    }

    @Test(
        "The age of the oldest message, whether its publisher wrote seconds or milliseconds",
        arguments: [
            ("1700000000", 1_700_000_000), ("1700000000123", 1_700_000_000.123), ("null", nil), ("\"\"", nil),
            ("0", nil), ("-5", nil), ("9223372036854775807", nil), ("1e300", nil),
        ] as [(String, Double?)])
    func headMessage(_ written: String, _ expected: Double?) throws {
        let queue = try details(#"{"name":"q","vhost":"/","head_message_timestamp":\#(written)}"#)
        #expect(queue.headMessageAt?.timeIntervalSince1970 == expected)
    }

    @Test(
        "What a channel published into nothing is counted; what is not told is unknown", arguments: ["4.0.5", "4.3.6"])
    func unroutable(_ version: String) throws {
        let detail: ChannelDetail = try whole(version, "channel-detail.json")
        let publisher = try #require(ChannelRow(detail))
        #expect(publisher.unroutableRate == 0 && publisher.unroutable == 0)
        // Without detailed rates it is not known where it publishes to.
        #expect(publisher.publishes == nil && publisher.deliveries == nil && publisher.globalPrefetch == nil)
        let lost: ChannelInfo = try Answer.row(
            #"""
            {"name":"a -> b (1)","number":1,"global_prefetch_count":7,"message_stats":{"drop_unroutable":9,
            "drop_unroutable_details":{"rate":2.5},"return_unroutable":9223372036854775807}}
            """#)
        let channel = try #require(ChannelRow(lost))
        #expect(channel.unroutableRate == 2.5 && channel.returnedRate == nil && channel.droppedRate == 2.5)
        #expect(channel.unroutable == .max && channel.globalPrefetch == 7)
        let new: ChannelInfo = try Answer.row(#"{"name":"a -> b (1)","number":1}"#)
        let quiet = try #require(ChannelRow(new))
        #expect(quiet.unroutableRate == nil && quiet.unroutable == nil)
    }

    @Test("With detailed rates a channel's details say which exchanges and queues it works with")
    func detailedRates() throws {
        let detail: ChannelDetail = try Answer.row(
            #"""
            {"name":"a -> b (1)","number":1,
            "publishes":[{"exchange":{"name":"orders","vhost":"/"},
            "stats":{"publish":3,"publish_details":{"rate":1.5}}}],
            "deliveries":[{"queue":{"name":"q","vhost":"/"},"stats":{"deliver_get_details":{"rate":4.0}}}]}
            """#)
        let channel = try #require(ChannelRow(detail))
        #expect(channel.publishes == [.init(exchange: EntityID(vhost: "/", name: "orders"), rate: 1.5)])
        #expect(channel.deliveries == [.init(queue: EntityID(vhost: "/", name: "q"), rate: 4)])
        // What a queue delivers to the channel is what its consumers there take.
        let consumers = ["q", "other"].map { queue in
            ConsumerRow(id: ConsumerID(queue: EntityID(vhost: "/", name: queue), channel: channel.id, tag: "t"))
        }
        var part = ListPart(at: Date(timeIntervalSince1970: 0), rows: consumers)
        part.complete([channel.id: channel])
        #expect(part.rows.map(\.deliverRate) == [4, nil])
    }

    @Test("A consumer tells within which time it must acknowledge, since 4.0", arguments: ["3.10.8", "4.0.5", "4.3.6"])
    func consumerTimeout(_ version: String) throws {
        let rows = ConsumerRow.rows(of: try list(version, "consumers.json"))
        #expect(!rows.isEmpty && rows.allSatisfy { $0.timeout == (version == "3.10.8" ? nil : 1800) })
    }

    @Test("A vhost that does not run on a node is told with its state; a list without states tells nothing")
    func vhostStates() throws {
        func part(_ vhosts: [VhostInfo]) -> ClusterPart {
            var part = ClusterPart(at: Date(timeIntervalSince1970: 0))
            part.take(vhosts)
            return part
        }
        let real = part(try list("4.3.6", "vhosts.json"))
        #expect(real.stoppedVhosts == [] && real.tracedVhosts == [])
        let some = part([
            try Answer.row(#"{"name":"/","cluster_state":{"b@x":"stopped","a@x":"running"},"tracing":true}"#),
            try Answer.row(#"{"name":"v","cluster_state":{"a@x":"running"},"tracing":false}"#),
        ])
        #expect(some.stoppedVhosts == [VhostState(vhost: "/", node: "b@x", state: "stopped")])
        #expect(some.tracedVhosts == ["/"])
        let silent = part([try Answer.row(#"{"name":"/"}"#)])
        #expect(silent.stoppedVhosts == nil && silent.tracedVhosts == nil)
    }
}
