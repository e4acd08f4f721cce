import BrokerSupport
import Foundation
import Names
import RabbitMQManagement
import Testing

@Suite("Management: a real broker", .timeLimit(.minutes(3)))
struct ManagementClientTests {
    @Test("The cluster, its nodes and we ourselves")
    func cluster() async throws {
        try await ManagementFixture.run { fixture in
            let client = fixture.client
            let overview = try await client.overview(history: HistoryRange(age: 60, increment: 5))
            #expect(overview.rabbitMQVersion?.isEmpty == false)
            #expect(overview.listeners.contains { $0.protocolName == "amqp" && $0.port == fixture.broker.amqpPort })
            let nodes = try await client.nodes()
            #expect(nodes.undecodable == 0)
            let name = try #require(nodes.items.first?.name)
            // A fresh node has name, type and running only.
            let node = try await fixture.eventually("the node's figures") {
                let node = try await client.node(name)
                return node.memoryUsed.value == nil ? nil : node
            }
            #expect(node.isRunning == true)
            #expect((node.memoryUsed.value ?? 0) > 0)
            let user = try await client.whoAmI()
            #expect(user.name == "guest")
            #expect(user.isAdministrator)
            let alarms = try await client.alarms()
            #expect(alarms.isOK)
            let vhosts = try await client.vhosts()
            #expect(vhosts.items.contains { $0.name == "/" })
            let vhost = try await client.vhost("/")
            #expect(vhost.name == "/")
            let permissions = try await client.permissions(user: "guest")
            #expect(permissions.items.contains { $0.vhost == "/" && $0.read == ".*" })
            let consumers = try await client.consumers(vhost: "/")
            #expect(consumers.undecodable == 0)
            let channels = try await client.channels()
            #expect(channels.undecodable == 0)
        }
    }

    @Test("Exchanges and bindings; the default exchange has no name")
    func routing() async throws {
        try await ManagementFixture.run { fixture in
            let client = fixture.client
            let exchanges = try await client.exchanges(ListQuery(pageSize: 500), vhost: "/")
            #expect(exchanges.items.contains { $0.name == "amq.topic" && $0.type == "topic" })
            let standard = try await client.exchange(vhost: "/", name: "")
            #expect(standard.exchange.name.isEmpty)
            try await fixture.withQueue("bound") { queue in
                let ofQueue = try await client.bindings(vhost: "/", queue: queue)
                #expect(ofQueue.items.map(\.routingKey) == [Name(queue)])
                let ofDefault = try await client.bindings(vhost: "/", sourceExchange: "")
                #expect(ofDefault.items.contains { $0.destination == queue })
            }
            let name = uniqueName("x/y")
            _ = try await fixture.broker.management(
                "PUT", "exchanges/%2F/\(TestBroker.encoded(name))", json: #"{"type":"fanout"}"#)
            let made = try await client.exchange(vhost: "/", name: name)
            #expect(made.exchange.type == "fanout")
            try await client.deleteExchange(vhost: "/", name: name, ifUnused: true)
            let gone = await #expect(throws: ManagementError.self) {
                try await client.exchange(vhost: "/", name: name)
            }
            #expect(gone?.code == .notFound)
        }
    }

    @Test("Names of any kind come back as they went", arguments: ["注文 受付", "a/b?c#d&e", "100% +", "q\"\\x"])
    func names(_ stem: String) async throws {
        try await ManagementFixture.run { fixture in
            try await fixture.withQueue(stem) { queue in
                let detail = try await fixture.client.queue(vhost: "/", name: queue)
                #expect(detail.queue.name == Name(queue))
                // 3.10 answers 500 while any queue of the broker, of another test perhaps, is being declared.
                let page = try await fixture.eventually("the list of queues") {
                    do {
                        return try await fixture.client.queues(ListQuery(name: Name(queue)), vhost: "/")
                    } catch let error as ManagementError where error.code == .serverError(status: 500) {
                        return nil
                    }
                }
                #expect(page.items.map(\.name) == [Name(queue)])
                let gauges = try await fixture.client.queueGauges(at: fixture.prometheus, vhost: "/")
                #expect(gauges.undecodable == 0)
            }
        }
    }

    @Test("Messages are fetched, put back, purged; a queue in use is not deleted")
    func messages() async throws {
        try await ManagementFixture.run { fixture in
            let client = fixture.client
            try await fixture.withQueue("peek") { queue in
                try await fixture.publish(
                    "hällo", to: queue, properties: #"{"content_type":"text/plain","headers":{"a":[1,"x"]}}"#)
                try await fixture.publish("AP+A", encoding: "base64", to: queue)
                let first = try await client.getMessages(vhost: "/", queue: queue, count: 10, ackMode: .requeue)
                #expect(first.items.map(\.payload) == [Array("hällo".utf8), [0x00, 0xFF, 0x80]])
                #expect(first.items.map(\.isRedelivered) == [false, false])
                #expect(first.items.map(\.isText) == [true, false])
                #expect(first.items[0].properties["content_type"] == .string("text/plain"))
                #expect(first.items[0].headers["a"] == .array([.integer(1), .string("x")]))
                let again = try await client.getMessages(
                    vhost: "/", queue: queue, count: 1, ackMode: .rejectAndRequeue, truncate: 2)
                #expect(again.items.first?.isRedelivered == true)
                #expect(again.items.first?.isTruncated == true)
                let used = await #expect(throws: ManagementError.self) {
                    try await client.deleteQueue(vhost: "/", name: queue, ifEmpty: true)
                }
                guard case .badRequest = used?.code else {
                    Issue.record("\(String(describing: used))")
                    return
                }
                try await client.purge(vhost: "/", queue: queue)
                let none = try await client.getMessages(vhost: "/", queue: queue, count: 1, ackMode: .ack)
                #expect(none.items.isEmpty)
                try await client.deleteQueue(vhost: "/", name: queue, ifUnused: true, ifEmpty: true)
                let gone = await #expect(throws: ManagementError.self) {
                    try await client.purge(vhost: "/", queue: queue)
                }
                #expect(gone?.code == .notFound)
            }
        }
    }

    @Test("Streams refuse get and purge with a reason")
    func streams() async throws {
        try await ManagementFixture.run { fixture in
            try await fixture.withQueue("stream", arguments: #"{"x-queue-type":"stream"}"#) { queue in
                let get = await #expect(throws: ManagementError.self) {
                    try await fixture.client.getMessages(vhost: "/", queue: queue, count: 1, ackMode: .requeue)
                }
                guard case .badRequest(let reason) = get?.code else {
                    Issue.record("\(String(describing: get))")
                    return
                }
                #expect(!reason.isEmpty)
            }
        }
    }

    @Test("A queue that expires, by its own argument or by a policy, is told")
    func expiry() async throws {
        try await ManagementFixture.run { fixture in
            try await fixture.withQueue("leased", arguments: #"{"x-expires":600000}"#) { queue in
                let detail = try await fixture.client.queue(vhost: "/", name: queue)
                #expect(detail.queue.expires == 600_000)
                let policy = uniqueName("expiring")
                _ = try await fixture.broker.management(
                    "PUT", "policies/%2F/\(policy)",
                    json: #"{"pattern":"^\#(queue)$","definition":{"expires":500000},"apply-to":"queues"}"#)
                let row = try await fixture.eventually("the policy applies") {
                    let row = try await fixture.client.queue(vhost: "/", name: queue).queue
                    return row.policy == Name(policy) ? row : nil
                }
                #expect(row.expires == 500_000)
                let policies = try await fixture.client.policies(vhost: "/")
                #expect(policies.items.first { $0.name == policy }?.definition["expires"] == .integer(500_000))
                _ = try await fixture.client.operatorPolicies()
                _ = try await fixture.broker.management("DELETE", "policies/%2F/\(policy)")
            }
        }
    }

    @Test("Prometheus counts what is in a queue")
    func prometheus() async throws {
        try await ManagementFixture.run { fixture in
            let support = try await fixture.client.prometheusSupport(at: fixture.prometheus)
            #expect(support == .detailed(hasConsumers: true))
            try await fixture.withQueue("counted \"\\") { queue in
                for _ in 0..<3 { try await fixture.publish("x", to: queue) }
                let gauge = try await fixture.eventually("three messages") {
                    try await fixture.client.queueGauges(at: fixture.prometheus).rows
                        .first { $0.name == queue && $0.messages == 3 }
                }
                #expect(
                    gauge == QueueGauge(vhost: "/", name: queue, messages: 3, ready: 3, unacknowledged: 0, consumers: 0)
                )
            }
        }
    }

    @Test("Refusals are told apart")
    func refusals() async throws {
        try await ManagementFixture.run { fixture in
            let client = fixture.client
            let page = await #expect(throws: ManagementError.self) {
                try await client.exchanges(ListQuery(page: 4000))
            }
            #expect(page?.code == .pageOutOfRange)
            let missing = await #expect(throws: ManagementError.self) {
                try await client.queue(vhost: "/", name: uniqueName("none"))
            }
            #expect(missing?.code == .notFound)
        }
        try await ManagementFixture.run {
            $0.password = "wrong"
        } _: { fixture in
            let error = await #expect(throws: ManagementError.self) { try await fixture.client.overview() }
            #expect(error?.code == .badCredentials)
        }
        try await ManagementFixture.run {
            $0.username = ""
        } _: { fixture in
            let error = await #expect(throws: ManagementError.self) { try await fixture.client.overview() }
            #expect(error?.code == .noCredentials)
        }
        let broker = try await TestBroker.shared()
        let user = try await broker.makeUser(password: "pass")
        try await ManagementFixture.run {
            $0.username = user
            $0.password = "pass"
        } _: { fixture in
            let error = await #expect(throws: ManagementError.self) { try await fixture.client.nodes() }
            #expect(error?.code == .notPermitted)
        }
        try await ManagementFixture.run {
            $0.address = ManagementAddress(port: broker.amqpPort)
        } _: { fixture in
            let error = await #expect(throws: ManagementError.self) { try await fixture.client.nodes() }
            #expect(error?.code == .notJSON(contentType: "no HTTP"))
        }
    }

    @Test("A client's connection is seen with its channel and consumer, and closed with a reason")
    func closing() async throws {
        try await ManagementFixture.run { fixture in
            let client = fixture.client
            try await fixture.withQueue("watched") { queue in
                let name = uniqueName("worker")
                let script = """
                    import pika, sys
                    p = pika.ConnectionParameters("127.0.0.1", int(sys.argv[1]), client_properties={"connection_name": sys.argv[2]})
                    c = pika.BlockingConnection(p)
                    ch = c.channel()
                    ch.basic_qos(prefetch_count=7)
                    ch.basic_consume(sys.argv[3], lambda *a: None)
                    try:
                        ch.start_consuming()
                    except pika.exceptions.ConnectionClosed as e:
                        print(e.reply_code, e.reply_text)
                    """
                async let output = Python.run(
                    script, arguments: [String(fixture.broker.amqpPort), name, queue], deadline: .seconds(120))
                let row = try await fixture.eventually("the connection and its consumer") {
                    let consumers = try await client.consumers().items.filter { $0.queue.name == queue }
                    guard consumers.first?.channel != nil else { return ConnectionInfo?.none }
                    return try await client.connections(ListQuery(pageSize: 500)).items.first {
                        $0.clientName == Name(name)
                    }
                }
                let detail = try await client.connection(row.name)
                #expect(detail.user == "guest")
                let channels = try await fixture.eventually("the channel") {
                    let channels = try await client.channels(ofConnection: row.name).items
                    return channels.isEmpty ? nil : channels
                }
                let channel = try await client.channel(try #require(channels.first).name)
                #expect(channel.consumers.map(\.prefetchCount) == [7])
                try await client.closeConnection(row.name, reason: "moved to another node")
                let printed = try await output.standardOutput
                #expect(printed.hasPrefix("320 CONNECTION_FORCED"))
                #expect(printed.contains("moved to another node"))
                _ = try await fixture.eventually("the connection is gone") {
                    do {
                        _ = try await client.connection(row.name)
                        return Bool?.none
                    } catch let error as ManagementError where error.code == .notFound {
                        return true
                    }
                }
            }
        }
    }
}
