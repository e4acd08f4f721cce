import NIOCore
import Testing

@testable import RabbitMQManagement

@Suite("Numbers that a broker should not give, and figures that it leaves out")
struct OutsideNumberTests {
    @Test("A number beyond all types makes its field unknown, and the row and the answer stay")
    func infinite() throws {
        let json = try #require(
            JSONValue(
                parsing: #"""
                    {"items":[{"name":"a","vhost":"/","messages":1e400,"messages_ready":7,
                    "messages_details":{"rate":-1e999}},{"name":"b","vhost":"/","messages":3}],"page":1,"page_count":1}
                    """#))
        let page = try #require(Page<QueueInfo>(json: json))
        #expect(page.undecodable == 0)
        #expect(page.items.map(\.name) == ["a", "b"])
        #expect(page.items[0].messages.value == nil && page.items[0].messages.rate == nil)
        #expect(page.items[0].messagesReady.value == 7)
        #expect(page.items[1].messages.value == 3)
    }

    @Test(
        "Whole numbers of any size are kept to the digit",
        arguments: [
            "-9223372036854775808", "9223372036854775807", "9223372036854775808", "18446744073709551615",
            "-18446744073709551616", "123456789012345678901234567890",
        ])
    func exact(_ digits: String) throws {
        let value = try #require(JSONValue(parsing: digits))
        #expect(value.text == digits)
        #expect(value.jsonText == digits)
        #expect(value.integerValue == Int64(digits))
        #expect(value.doubleValue == Double(digits))
        let message = try #require(
            JSONValue(
                parsing: #"{"payload":"","properties":{"timestamp":\#(digits),"headers":{"n":\#(digits)}}}"#))
        let fetched = try #require(FetchedMessage(json: message))
        #expect(fetched.headers["n"]?.text == digits)
        #expect(fetched.properties["timestamp"]?.text == digits)
    }

    @Test("Counts that do not fit, fractions and sizes of all kinds are numbers or unknown, never a crash")
    func extremes() throws {
        let numbers = [
            "0", "-1", "-0", "1e300", "-1e300", "1e-320", "1e400", "9223372036854775807", "9223372036854775808",
            "-9223372036854775808", "-9223372036854775809", "0.5", "1E+2", "\"infinity\"", "\"NaN\"", "null", "[]",
            "{}",
        ]
        let fields = [
            "messages", "messages_ready", "consumers", "memory", "consumer_capacity", "delivery_limit", "number",
            "prefetch_count", "connected_at", "port", "timeout", "uptime", "mem_used", "sockets_total", "page_count",
            "message_count", "payload_bytes",
        ]
        for number in numbers {
            let members = fields.map { #""\#($0)":\#(number)"# }.joined(separator: ",")
            let text =
                #"{"name":"x","vhost":"/","payload":"","management_version":"4","queue":{"name":"q"},"consumer_tag":"t","#
                + #""arguments":{"x-expires":\#(number),"x-priority":\#(number)},\#(members)}"#
            let json = try #require(JSONValue(parsing: text), "\(number)")
            #expect(QueueInfo(json: json) != nil)
            #expect(ConnectionInfo(json: json) != nil)
            #expect(ChannelInfo(json: json) != nil)
            #expect(ConsumerInfo(json: json) != nil)
            #expect(NodeInfo(json: json) != nil)
            #expect(Overview(json: json) != nil)
            #expect(FetchedMessage(json: json)?.isTruncated != nil)
            let capacity = QueueInfo(json: json)?.consumerCapacity
            #expect(capacity.map { (0...1).contains($0) } ?? true)
        }
    }

    // MARK: What a broker leaves out

    @Test("Without statistics there are no listeners, and of a node no alarms", arguments: ["3.10.8", "4.3.6"])
    func withoutStatistics(_ version: String) throws {
        let overview = try #require(Overview(json: try Answers.json(version, "overview-without-statistics.json")))
        #expect(overview.isStatisticsDisabled && !overview.tellsListeners)
        #expect(overview.connections == 0 && overview.channels == nil && overview.messages.isAbsent)
        let nodes = ObjectList<NodeInfo>(
            elements: try #require(try Answers.json(version, "nodes-without-statistics.json").elements))
        #expect(try nodes.items.only().hasMemoryAlarm == nil)
        let queues = ObjectList<QueueInfo>(
            elements: try #require(try Answers.json(version, "queues-without-statistics.json").elements))
        #expect(try queues.items.only().messagesReady.value == 0)
        #expect(try Overview(json: Answers.json(version, "overview.json"))?.tellsListeners == true)
    }

    @Test("A user who may not monitor is told of no listeners", arguments: ["3.10.8", "4.3.6"])
    func managementUser(_ version: String) throws {
        let overview = try #require(Overview(json: try Answers.json(version, "overview-management.json")))
        #expect(!overview.isStatisticsDisabled && !overview.tellsListeners && overview.node == nil)
        let refusal = ManagementError.Code.refusal(
            status: 401, headers: [:],
            body: ByteBuffer(string: try Answers.text(version, "error-not-monitoring.json")), sentCredentials: true)
        #expect(refusal.code == .notPermitted)
    }

    @Test("Of queues that are gone the consumers stay in the metrics, and nothing else")
    func goneQueues() throws {
        var parser = QueueGaugeParser()
        parser.take(ByteBuffer(string: try Answers.text("4.3.6", "metrics-without-statistics.txt")))
        let gauges = parser.finish()
        #expect(gauges.rows.count == 3)
        #expect(gauges.rows.filter(\.hasDepth).map(\.name) == ["q1"])
        #expect(gauges.cluster == "rabbit@localhost")
    }

    // MARK: Consumers and sockets

    @Test("Consumers of AMQP 1.0 have no channel, and their connections are called by their containers")
    func amqp10() throws {
        let consumers = ObjectList<ConsumerInfo>(
            elements: try #require(try Answers.json("4.3.6", "consumers-amqp10.json").elements))
        #expect(consumers.items.count == 2 && consumers.undecodable == 0)
        #expect(consumers.items.allSatisfy { $0.channel == nil && $0.tag == "0" })
        let connections = ObjectList<ConnectionInfo>(
            elements: try #require(try Answers.json("4.3.6", "connections-amqp10.json").elements))
        #expect(Set(connections.items.compactMap(\.clientName)) == ["app-1", "app-2"])
    }

    @Test("MQTT connections are called by their client ids")
    func mqtt() throws {
        let json = try #require(
            JSONValue(
                parsing: #"{"name":"a -> b","protocol":["MQTT","3.1.1"],"client_properties":{"client_id":"meter-7"}}"#))
        #expect(ConnectionInfo(json: json)?.clientName == "meter-7")
    }

    @Test("Sockets that are no longer counted are not known", arguments: Answers.versions)
    func sockets(_ version: String) throws {
        let list = ObjectList<NodeInfo>(elements: try #require(try Answers.json(version, "nodes.json").elements))
        let node = try list.items.only()
        #expect((node.socketsUsed.value == nil) == (version != "3.10.8"))
    }

    @Test("A queue with a single active consumer counts all of its consumers", arguments: ["3.10.8", "4.3.6"])
    func singleActive(_ version: String) throws {
        let detail = try #require(QueueDetail(json: try Answers.json(version, "queue-detail-single-active.json")))
        #expect(detail.queue.hasSingleActiveConsumer)
        #expect(detail.queue.consumers == 2 && detail.consumers.count == 2)
        #expect(detail.consumers.count { $0.isActive == true } == 1)
    }
}
