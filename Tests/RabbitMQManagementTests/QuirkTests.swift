import Synchronization
import Testing

@testable import RabbitMQManagement

/// The oddities of brokers that rows must survive, one by one.
@Suite("Quirks")
struct QuirkTests {
    private func row<Row: ManagementObject>(_ text: String, as type: Row.Type = Row.self) throws -> Row {
        let json = try #require(JSONValue(parsing: text))
        return try #require(Row(json: json))
    }

    @Test("1: connections answer 500 for one client's name: asked again without names, and so for a while")
    func unreadableClientName() async throws {
        try await TestServer.answering { request in
            if request.target.contains("columns=") {
                #expect(!request.target.contains("user_provided_name"))
                #expect(!request.target.contains("client_properties"))
                return .json(#"{"items":[{"name":"a -> b","user":"guest"}],"page":1,"total_count":1}"#)
            }
            return .content([], type: "", status: 500)
        } _: { client, server in
            let page = try await client.connections()
            #expect(page.items.map(\.name) == ["a -> b"])
            #expect(page.isWithoutClientNames)
            #expect(server.requests.count == 2)
            #expect(
                server.targets.last?.hasPrefix("/api/connections?page=1&page_size=100&columns=name%2Cvhost") == true)
            _ = try await client.connections()
            #expect(server.requests.count == 3)
            // Columns that leave the names out anyway are asked for once.
            _ = try await client.connections(ListQuery(columns: ["name"]))
            #expect(server.targets.last == "/api/connections?page=1&page_size=100&columns=name")
        }
    }

    @Test("1: a 500 for another reason stays an error")
    func failingConnections() async throws {
        try await TestServer.answering { _ in
            .content([], type: "", status: 500)
        } _: { client, server in
            let error = await #expect(throws: ManagementError.self) { try await client.connections() }
            #expect(error?.code == .serverError(status: 500))
            #expect(server.requests.count == 2)
        }
    }

    @Test("2: virtual hosts are never asked for by pages")
    func unpagedVhosts() async throws {
        try await TestServer.answering { _ in
            .json(#"[{"name":"/"}]"#)
        } _: { client, server in
            let vhosts = try await client.vhosts()
            #expect(vhosts.items.map(\.name) == ["/"])
            #expect(server.targets == ["/api/vhosts"])
        }
    }

    @Test("3: empty objects come as []")
    func emptyObjectsAsArrays() throws {
        let channel: ChannelInfo = try row(#"{"name":"c (1)","connection_details":[],"message_stats":[]}"#)
        #expect(channel.connection == nil)
        #expect(channel.stats == nil)
        let consumer: ConsumerInfo = try row(
            #"{"consumer_tag":"t","queue":{"name":"q","vhost":"/"},"channel_details":[],"arguments":[]}"#)
        #expect(consumer.channel == nil)
        #expect(consumer.arguments.isEmpty)
        let queue: QueueInfo = try row(#"{"name":"q","vhost":"/","arguments":[],"effective_policy_definition":[]}"#)
        #expect(queue.arguments.isEmpty)
    }

    @Test("4: message_stats absent or empty are no zeros")
    func absentStats() throws {
        #expect(try row(#"{"name":"q","vhost":"/"}"#, as: QueueInfo.self).stats == nil)
        #expect(try row(#"{"name":"q","vhost":"/","message_stats":{}}"#, as: QueueInfo.self).stats == nil)
        let some = try row(#"{"name":"q","vhost":"/","message_stats":{"publish":0}}"#, as: QueueInfo.self)
        #expect(some.stats?.publish == Figure(value: 0))
        #expect(some.stats?.ack == .absent)
    }

    @Test("5: a new queue has no state and no figures")
    func stateless() throws {
        let queue = try row(#"{"name":"q","vhost":"/","durable":true}"#, as: QueueInfo.self)
        #expect(queue.state == nil)
        #expect(queue.messages == .absent)
        #expect(queue.consumers == nil)
        #expect(queue.isDurable == true)
    }

    @Test("6: a queue of a node that is down is listed, and not found when asked for")
    func queueOfDeadNode() async throws {
        try await TestServer.answering { request in
            request.target.hasPrefix("/api/queues?")
                ? .json(#"{"items":[{"name":"q","vhost":"/","state":"down"}],"page":1}"#)
                : .json(#"{"error":"Object Not Found","reason":"Not Found"}"#, status: 404)
        } _: { client, _ in
            let listed = try await client.queues()
            #expect(listed.items.first?.state == "down")
            let error = await #expect(throws: ManagementError.self) { try await client.queue(vhost: "/", name: "q") }
            #expect(error?.code == .notFound)
        }
    }

    @Test("7: a node that is down has name, type and running only")
    func deadNode() throws {
        let node = try row(#"{"name":"rabbit@b","type":"disc","running":false}"#, as: NodeInfo.self)
        #expect(node.isRunning == false)
        #expect(node.memoryUsed == .absent)
        #expect(node.hasMemoryAlarm == nil)
        #expect(node.partitions.isEmpty)
    }

    @Test(
        "8: null, absent and empty tags and policies",
        arguments: [#""policy":null,"tags":null,"#, "", #""policy":"","tags":"","#])
    func nullishSettings(_ fields: String) throws {
        #expect(try row("{\(fields)\"name\":\"q\",\"vhost\":\"/\"}", as: QueueInfo.self).policy == nil)
        #expect(try row("{\(fields)\"name\":\"v\"}", as: VhostInfo.self).tags.isEmpty)
        #expect(try row("{\(fields)\"name\":\"u\"}", as: UserIdentity.self).tags.isEmpty)
    }

    @Test("8: tags as one string with commas")
    func tagsAsString() throws {
        let user = try row(#"{"name":"u","tags":"monitoring, policymaker"}"#, as: UserIdentity.self)
        #expect(user.tags == ["monitoring", "policymaker"])
        #expect(user.canMonitor)
    }

    @Test("9: default_queue_type undefined is none")
    func undefinedQueueType() throws {
        #expect(try row(#"{"name":"v","default_queue_type":"undefined"}"#, as: VhostInfo.self).defaultQueueType == nil)
    }

    @Test("10: internal_owner is false or an object")
    func internalOwner() throws {
        let none = try row(#"{"name":"q","vhost":"/","internal":false,"internal_owner":false}"#, as: QueueInfo.self)
        #expect(none.internalOwner == nil)
        let some = try row(
            #"{"name":"q","vhost":"/","internal":true,"internal_owner":{"name":"owner","kind":"exchange"}}"#,
            as: QueueInfo.self)
        #expect(some.isInternal == true)
        #expect(some.internalOwner == "owner")
    }

    @Test("11: delivery_limit is a number or unlimited")
    func deliveryLimit() throws {
        func limit(_ json: String) throws -> DeliveryLimit? {
            try row("{\"name\":\"q\",\"vhost\":\"/\",\"delivery_limit\":\(json)}", as: QueueInfo.self).deliveryLimit
        }
        #expect(try limit("20") == .deliveries(20))
        #expect(try limit(#""unlimited""#) == .unlimited)
        #expect(try limit("-1") == .unlimited)
        #expect(try limit("null") == nil)
    }

    @Test("12: infinity and mixed arrays in backing_queue_status")
    func backingQueueStatus() throws {
        let queue = try row(
            """
            {"name":"q","vhost":"/","messages":7,"backing_queue_status":{"target_ram_count":"infinity",
            "delta":["delta","undefined",0,{},"undefined"],"avg_egress_rate":1.5e-320}}
            """, as: QueueInfo.self)
        #expect(queue.messages.value == 7)
    }

    @Test("13: os_pid is a string")
    func processID() throws {
        #expect(try row(#"{"name":"n","os_pid":"30616"}"#, as: NodeInfo.self).processID == 30616)
        #expect(try row(#"{"name":"n","os_pid":"undefined"}"#, as: NodeInfo.self).processID == nil)
    }

    @Test("13: a bare JSON string is JSON")
    func bareString() {
        #expect(JSONValue(parsing: #""4.3.6""#) == .string("4.3.6"))
    }

    @Test("14: memory and disk may be not_available")
    func notAvailable() throws {
        let node = try row(
            #"{"name":"n","mem_limit":"not_available","disk_free":"not_available","mem_used":5}"#, as: NodeInfo.self)
        #expect(node.memoryLimit == nil)
        #expect(node.diskFree == .absent)
        #expect(node.memoryUsed.value == 5)
    }

    @Test("15: consumers of a quorum queue are what the broker says")
    func quorumGetCounts() throws {
        #expect(try row(#"{"name":"q","vhost":"/","type":"quorum","consumers":1}"#, as: QueueInfo.self).consumers == 1)
    }

    @Test("16: streams refuse get and purge")
    func streams() async throws {
        try await TestServer.answering { _ in
            .json(
                #"{"error":"bad_request","reason":"540 NOT_IMPLEMENTED - basic.get not supported by stream queues"}"#,
                status: 400)
        } _: { client, _ in
            let get = await #expect(throws: ManagementError.self) {
                try await client.getMessages(vhost: "/", queue: "s", count: 1, ackMode: .requeue)
            }
            #expect(get?.code == .badRequest(reason: "540 NOT_IMPLEMENTED - basic.get not supported by stream queues"))
            await #expect(throws: ManagementError.self) { try await client.purge(vhost: "/", queue: "s") }
        }
        let stream = try row(#"{"name":"s","vhost":"/","type":"stream","messages":3}"#, as: QueueInfo.self)
        #expect(stream.consumerCapacity == nil)
        #expect(stream.messageBytes == nil)
    }

    @Test("17: a malformed regular expression is a 400, an empty 200, or a list without rows")
    func malformedPattern() async throws {
        try await TestServer.answering { request in
            if request.target.contains("queues") { return .content([], type: "application/json") }
            if request.target.contains("channels") { return .json(#"{"items":[],"total_count":4,"filtered_count":0}"#) }
            return .json(#"{"error":"bad_request","reason":["missing )",2]}"#, status: 400)
        } _: { client, server in
            let query = ListQuery(name: "(", isRegularExpression: true)
            let empty = await #expect(throws: ManagementError.self) { try await client.queues(query) }
            #expect(empty?.code == .badRequest(reason: "the regular expression is not valid"))
            let refused = await #expect(throws: ManagementError.self) { try await client.exchanges(query) }
            #expect(refused?.code == .badRequest(reason: "missing ); 2"))
            let none = try await client.channels(query)
            #expect(none.patternMayBeInvalid)
            let unfiltered = try await client.channels(ListQuery(name: "x"))
            #expect(!unfiltered.patternMayBeInvalid)
            #expect(server.targets.first == "/api/queues?page=1&page_size=100&name=%28&use_regex=true")
        }
    }

    @Test("18: statistics switched off")
    func statisticsOff() async throws {
        let overview = try row(#"{"management_version":"4.0.5","disable_stats":true,"node":"n"}"#, as: Overview.self)
        #expect(overview.isStatisticsDisabled)
        #expect(overview.messages == .absent)
        #expect(overview.connections == nil)
        try await TestServer.answering { request in
            request.target.contains("queues")
                ? .json(#"{"items":[{"name":"q","vhost":"/","type":"classic"}],"page":1}"#)
                : .json(
                    #"{"error":"bad_request","reason":"Stats in management UI are disabled on this node"}"#, status: 400
                )
        } _: { client, _ in
            let basic = try await client.queues()
            #expect(basic.items.first?.messages == .absent)
            let error = await #expect(throws: ManagementError.self) { try await client.consumers() }
            #expect(error?.code == .statisticsDisabled)
        }
    }

    @Test("19: HTML-escaped error text")
    func escapedText() async throws {
        try await TestServer.answering { _ in
            .json(
                #"{"error":"bad_request","reason":"no exchange &#39;a&amp;lt;b&#39; in &quot;&lt;v&gt;&quot;\n\u001b[31m!"}"#,
                status: 400)
        } _: { client, _ in
            let error = await #expect(throws: ManagementError.self) { try await client.nodes() }
            #expect(error?.brokerReply == #"no exchange 'a&lt;b' in "<v>" [31m!"#)
        }
    }

    @Test("20: a path prefix moves everything")
    func pathPrefix() async throws {
        try await TestServer.answering { _ in
            .json(#"{"name":"guest"}"#)
        } configure: {
            $0.address = ManagementAddress(port: $0.address.port, pathPrefix: "rabbit/mq/")
        } _: { client, server in
            let user = try await client.whoAmI()
            #expect(user.name == "guest")
            #expect(server.targets == ["/rabbit/mq/api/whoami"])
        }
    }

    @Test("A queue being declared makes the list of queues a 500 for a moment (3.10)")
    func queueBeingDeclared() async throws {
        let asked = Mutex(0)
        try await TestServer.answering { _ in
            let isFirst = asked.withLock { count in
                count += 1
                return count == 1
            }
            return isFirst ? .content([], type: "", status: 500) : .json(#"{"items":[{"name":"q","vhost":"/"}]}"#)
        } _: { client, server in
            let page = try await client.queues()
            #expect(page.items.map(\.name) == ["q"])
            #expect(server.requests.count == 2)
        }
    }

    @Test("One row that is none does not lose the list")
    func badRow() async throws {
        try await TestServer.answering { _ in
            .json(
                #"{"items":[{"name":"a","vhost":"/"},{"vhost":"/"},7,null,{"name":"b","vhost":"/","messages":"x"}],"page":1}"#
            )
        } _: { client, _ in
            let page = try await client.queues()
            #expect(page.items.map(\.name) == ["a", "b"])
            #expect(page.undecodable == 3)
            #expect(page.items.last?.messages == .absent)
        }
    }
}
