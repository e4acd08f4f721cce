import Foundation
import RabbitMQManagement
import Testing
import TopCore

@testable import BrokerMonitor

@Suite("The broker's rows as the views have them")
struct RowConversionTests {
    private func list<Row: ManagementObject>(_ version: String, _ name: String) throws -> [Row] {
        try #require(try Answer.sample(version, name).elements).compactMap(Row.init)
    }

    // MARK: Numbers

    @Test("Counts below zero are none, wherever they are shown; sizes below zero are not known")
    func negative() throws {
        let overview = TopCore.OverviewRow(
            try Answer.row(
                #"""
                {"management_version":"4","queue_totals":{"messages":-4,"messages_ready":-3,"messages_unacknowledged":-1},
                "object_totals":{"connections":-1,"channels":-2,"queues":-3,"consumers":-4,"exchanges":-5}}
                """#), nodes: nil)
        #expect([overview.ready, overview.unacked, overview.messages] == [0, 0, 0])
        #expect([overview.connections, overview.channels, overview.queues, overview.consumers] == [0, 0, 0, 0])
        let queue: QueueInfo = try Answer.row(
            #"{"name":"q","vhost":"/","messages":-4,"messages_ready":-4,"consumers":-2,"memory":-7}"#)
        let depth = QueueDepth(queue)
        #expect(depth.messages == 0 && depth.ready == 0 && depth.consumers == 0)
        #expect(TopCore.QueueDetails(queue, majorVersion: 4).memory == nil)
        let gauge = QueueDepth(QueueGauge(vhost: "/", name: "q", messages: -4, ready: -4, consumers: -1))
        #expect(gauge.messages == 0 && gauge.ready == 0 && gauge.consumers == 0)
        let node = NodeRow(try Answer.row(#"{"name":"a","running":true,"mem_used":-1,"disk_free":-1,"uptime":-5}"#))
        #expect(node.memory == nil && node.diskFree == nil && node.uptime == nil)
    }

    @Test("Details of numbers beyond all measure are words, not a crash")
    func extremeDetails() throws {
        for number in ["1e300", "-1e300", "9223372036854775807", "-9223372036854775808", "1e-320", "1e400", "0.5"] {
            let json = #"""
                {"name":"q","vhost":"/","running":true,"messages":\#(number),"messages_ready":\#(number),
                "consumer_capacity":\#(number),"consumer_utilisation":\#(number),"memory":\#(number),
                "reductions":1,"reductions_details":{"rate":\#(number)},"delivery_limit":\#(number),
                "recv_oct":\#(number),"recv_oct_details":{"rate":\#(number)},"send_oct_details":{"rate":\#(number)},
                "gc_num":3,"gc_num_details":{"rate":\#(number)},"mem_used":\#(number),"uptime":\#(number),
                "connected_at":\#(number),"timeout":\#(number),"number":\#(number),"peer_host":"::1","peer_port":\#(number),
                "message_stats":{"publish":\#(number),"publish_details":{"rate":\#(number)}}}
                """#
            let sections =
                DetailSections.queue(try Answer.row(json), bindings: [])
                + DetailSections.connection(try Answer.row(json))
                + DetailSections.channel(try Answer.row(json)) + DetailSections.node(try Answer.row(json))
                + DetailSections.exchange(try Answer.row(json), out: [], into: [])
            #expect(sections.flatMap(\.fields).allSatisfy { !$0.value.isEmpty })
            #expect(sections.contains { $0.title == "Connection" })
            _ = TopCore.QueueDetails(try Answer.row(json), majorVersion: 4)
            _ = ConnectionRow(try Answer.row(json) as ConnectionInfo)
            _ = NodeRow(try Answer.row(json))
        }
        let queue: QueueDetail = try Answer.row(#"{"name":"q","vhost":"/","consumer_capacity":0.987,"consumers":2}"#)
        let fields = DetailSections.queue(queue, bindings: []).flatMap(\.fields)
        #expect(fields.contains(DetailField("consumer capacity", "98.7 %")))
    }

    // MARK: What is not told

    @Test("Without statistics alarms are not known, though the nodes are", arguments: ["3.10.8", "4.3.6"])
    func withoutStatistics(_ version: String) throws {
        let overview = try #require(Overview(json: try Answer.sample(version, "overview-without-statistics.json")))
        let nodes: [NodeInfo] = try list(version, "nodes-without-statistics.json")
        let row = TopCore.OverviewRow(overview, nodes: nodes)
        #expect(row.alarms == nil && row.nodesRunning == 1)
        #expect(row.publishRate == nil && row.consumers == nil)
        #expect(ClusterGap.all(of: overview, nodes: nodes, identity: nil) == [.statistics])
        // With statistics they are known.
        let whole = try #require(Overview(json: try Answer.sample(version, "overview.json")))
        #expect(TopCore.OverviewRow(whole, nodes: try list(version, "nodes.json")).alarms == [])
    }

    @Test("An alarm that one node tells stands, whatever another does not say")
    func partlyKnownAlarms() throws {
        let overview: Overview = try Answer.row(#"{"management_version":"4"}"#)
        func nodes(_ alarm: Bool) throws -> [NodeInfo] {
            [
                try Answer.row(#"{"name":"a","running":true}"#),
                try Answer.row(#"{"name":"b","running":true,"mem_alarm":\#(alarm),"disk_free_alarm":false}"#),
                try Answer.row(#"{"name":"c","running":false}"#),
            ]
        }
        #expect(TopCore.OverviewRow(overview, nodes: try nodes(true)).alarms == ["memory on b"])
        #expect(TopCore.OverviewRow(overview, nodes: try nodes(false)).alarms == nil)
        #expect(TopCore.OverviewRow(overview, nodes: Array(try nodes(false).dropFirst())).alarms == [])
    }

    @Test("A user with the tag management sees his own connections, and no nodes")
    func managementUser() throws {
        let overview = try #require(Overview(json: try Answer.sample("4.3.6", "overview-management.json")))
        let clerk: UserIdentity = try Answer.row(#"{"name":"clerk","tags":["management"]}"#)
        #expect(ClusterGap.all(of: overview, nodes: nil, identity: clerk) == [.nodes, .otherConnections])
        let boss: UserIdentity = try Answer.row(#"{"name":"boss","tags":"administrator"}"#)
        #expect(ClusterGap.all(of: overview, nodes: [], identity: boss).isEmpty)
    }

    // MARK: Consumers

    @Test("Consumers of AMQP 1.0 are two rows without channel and connection")
    func consumersWithoutChannel() throws {
        let rows = ConsumerRow.rows(of: try list("4.3.6", "consumers-amqp10.json"))
        #expect(rows.map(\.id.channel) == [nil, nil] && rows.map(\.id.connection) == [nil, nil])
        #expect(Set(rows.map(\.id)).count == 2)
        let json = Export.text(rows, format: .jsonl, frame: .init(at: Date(), view: .consumers))
        #expect(json.contains(#""tag":"0","connection":null,"channel":null,"#))
        #expect(!json.contains(#""channel":0"#))
    }

    @Test("A single active consumer's queue says how many of its consumers are active", arguments: ["3.10.8", "4.3.6"])
    func singleActiveConsumer(_ version: String) throws {
        let detail = try #require(QueueDetail(json: try Answer.sample(version, "queue-detail-single-active.json")))
        let fields = DetailSections.queue(detail, bindings: []).flatMap(\.fields)
        #expect(fields.contains(DetailField("consumers", "1 active of 2")))
        #expect(QueueDepth(detail.queue).consumers == 2)
        let details = TopCore.QueueDetails(detail.queue, majorVersion: nil)
        #expect(details.singleActiveConsumer && !details.declareCountsConsumers)
    }

    @Test(
        "Times of idle_since, in the forms of all versions",
        arguments: [
            "2022-02-03 7:15:58", "2022-02-03 07:15:58", "2022-02-03T07:15:58Z", "2022-02-03T08:15:58.000+01:00",
        ])
    func idleSince(_ text: String) throws {
        let queue: QueueInfo = try Answer.row(#"{"name":"q","vhost":"/","idle_since":"\#(text)"}"#)
        let details = TopCore.QueueDetails(queue, majorVersion: nil)
        #expect(details.idleSince == Date(timeIntervalSince1970: 1_643_872_558))
    }

    // MARK: Addresses that nobody tells

    @Test("Where the broker tells no listeners the usual ports are tried, and are known to be a guess")
    func assumedAddresses() throws {
        let configuration = BrokerConfiguration(
            management: ManagementConfiguration(
                address: ManagementAddress(host: "broker.example", port: 15672), username: "u"))
        let overview = try #require(Overview(json: try Answer.sample("4.3.6", "overview-without-statistics.json")))
        let amqp = try #require(BrokerAddress.amqp(configuration, overview).address)
        #expect(amqp.host == "broker.example" && amqp.port == 5672)
        #expect(BrokerAddress.isAMQPAssumed(configuration, overview))
        #expect(
            BrokerAddress.prometheus(configuration, overview)
                == ["rabbit@localhost": ManagementAddress(host: "broker.example", port: 15692)])
        #expect(BrokerAddress.isPrometheusAssumed(configuration, overview))
        // The answer to a user who may not monitor does not even name the node.
        let partial = try #require(Overview(json: try Answer.sample("3.10.8", "overview-management.json")))
        #expect(BrokerAddress.prometheus(configuration, partial).values.map(\.port) == [15692])
        let told = try #require(Overview(json: try Answer.sample("4.3.6", "overview.json")))
        #expect(!BrokerAddress.isAMQPAssumed(configuration, told))
        #expect(!BrokerAddress.isPrometheusAssumed(configuration, told))
    }

    @Test("Without statistics nothing is asked that must fail or would be empty")
    func plan() {
        var facts = BrokerFacts()
        facts.lacksStatistics = true
        facts.isSmall = true
        for view in ViewID.allCases {
            var interest = Interest()
            interest.view = view
            interest.order = RowOrder(by: QueueRow.column(.publishRate), descending: true)
            let wants = PollPlan.wants(interest, facts)
            #expect(wants[.channels] == nil && wants[.consumers] == nil && wants[.page] == nil, "\(view)")
        }
    }
}
