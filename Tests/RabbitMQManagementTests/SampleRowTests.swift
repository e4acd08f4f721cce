import Testing

@testable import RabbitMQManagement

@Suite("Rows of real answers")
struct SampleRowTests {
    @Test(arguments: Answers.versions)
    func overview(_ version: String) throws {
        let overview = try #require(Overview(json: try Answers.json(version, "overview.json")))
        #expect(overview.rabbitMQVersion == version)
        #expect(overview.ratesMode == "basic")
        #expect(!overview.isStatisticsDisabled)
        #expect(overview.connections == 4)
        #expect(overview.channels == 4)
        #expect(overview.consumers == 3)
        #expect(overview.queues == 6)
        #expect(overview.exchanges == 12)
        #expect((overview.messages.value ?? 0) > 3000)
        #expect((overview.messages.rate ?? 0) > 200)
        #expect((overview.stats?.publish.rate ?? 0) > 150)
        #expect((overview.churn.channelsClosed.value ?? 0) >= 10)
        #expect(overview.listeners.contains { $0.protocolName == "amqp" && $0.address == "127.0.0.1" })
        #expect(overview.listeners.contains { $0.protocolName == "http/prometheus" })
    }

    @Test(arguments: Answers.versions)
    func nodes(_ version: String) throws {
        let list = ObjectList<NodeInfo>(elements: try #require(try Answers.json(version, "nodes.json").elements))
        #expect(list.undecodable == 0)
        let node = try list.items.only()
        #expect(node.name == "rabbit@localhost")
        #expect(node.isRunning == true)
        #expect(node.version == version)
        #expect((node.processID ?? 0) > 1)
        #expect((node.memoryUsed.value ?? 0) > 100_000_000)
        #expect((node.memoryLimit ?? 0) > 10_000_000_000)
        #expect(node.hasMemoryAlarm == false)
        #expect((node.fileDescriptorsUsed.value ?? 0) >= 45)
        #expect(node.enabledPlugins.contains("rabbitmq_prometheus"))
        #expect(node.logFiles.contains { $0.contains("amq.rabbitmq.log") })
        #expect((node.churn.queuesCreated.value ?? 0) > 0)
    }

    @Test(arguments: Answers.versions)
    func connections(_ version: String) throws {
        let page = try #require(Page<ConnectionInfo>(json: try Answers.json(version, "connections-page.json")))
        #expect(page.items.count == 2)
        #expect(page.page == 1)
        #expect(page.pageSize == 2)
        #expect(page.pageCount == 2)
        #expect(page.totalCount == 4)
        #expect(page.undecodable == 0)
        let row = try #require(page.items.first)
        #expect(row.clientName == "orders-api")
        #expect(row.state == "running")
        #expect(row.user == "guest")
        #expect(row.vhost == "/")
        #expect(row.heartbeat == 10)
        #expect(row.isTLS == false)
        #expect(row.protocolName == "AMQP 0-9-1")
        #expect(row.tlsCipher == nil)
        #expect((row.connectedAt ?? 0) > 1_795_000_000_000)
        #expect((row.received.value ?? 0) > 1000)
        #expect((row.received.rate ?? 0) > 1000)
        #expect(row.clientProperties["product"] == .string("Pika Python Client Library"))

        let all = try #require(Page<ConnectionInfo>(json: try Answers.json(version, "connections.json")))
        #expect(all.items.count == 4)
        #expect(all.totalCount == 4)
        #expect(all.pageCount == 1)

        let detail = try #require(ConnectionInfo(json: try Answers.json(version, "connection-detail.json")))
        #expect(detail.clientName == "orders-api")
        #expect(detail.channels == 1)
        #expect(detail.peerCertificateSubject == nil)
    }

    @Test(arguments: Answers.versions)
    func channels(_ version: String) throws {
        let page = try #require(Page<ChannelInfo>(json: try Answers.json(version, "channels.json")))
        #expect(page.items.count == 4)
        #expect(page.undecodable == 0)
        let publisher = try #require(page.items.first { $0.isConfirming == true })
        #expect(publisher.number == 1)
        #expect(publisher.connection?.name.contains(" -> ") == true)
        #expect((publisher.stats?.confirm.rate ?? 0) > 100)
        #expect(publisher.stats?.deliver == .absent)
        let slow = try #require(page.items.first { $0.messagesUnacknowledged == 5 })
        #expect(slow.prefetchCount == 5)
        #expect(slow.idleSince?.hasPrefix("2026-") == true)

        let detail = try #require(ChannelDetail(json: try Answers.json(version, "channel-detail.json")))
        #expect(detail.channel.name == publisher.name)
        #expect(detail.channel.globalPrefetchCount == (version == "3.10.8" ? 0 : nil))
        #expect(detail.consumers.isEmpty)
        #expect(detail.publishes.isEmpty)
    }

    @Test(arguments: Answers.versions)
    func consumers(_ version: String) throws {
        let list = ObjectList<ConsumerInfo>(
            elements: try #require(try Answers.json(version, "consumers.json").elements))
        #expect(list.items.count == 3)
        #expect(list.undecodable == 0)
        let slow = try #require(list.items.first { $0.queue.name == "orders.quorum" })
        #expect(slow.queue.vhost == "/")
        #expect(slow.prefetchCount == 5)
        #expect(slow.acknowledges == true)
        #expect(slow.activityStatus == "up")
        #expect(slow.timeout == (version == "3.10.8" ? nil : 1_800_000))
        #expect(slow.channel?.number == 1)
    }

    @Test(arguments: Answers.versions)
    func queues(_ version: String) throws {
        let page = try #require(Page<QueueInfo>(json: try Answers.json(version, "queues-page.json")))
        #expect(page.items.count == 3)
        #expect(page.filteredCount == 3)
        #expect(page.undecodable == 0)
        let quorum = try #require(page.items.first { $0.type == "quorum" })
        #expect(quorum.name == "orders.quorum")
        #expect(quorum.messagesUnacknowledged.value == 5)
        #expect((quorum.messages.rate ?? 0) > 50)
        #expect(quorum.leader == "rabbit@localhost")
        #expect(quorum.members == ["rabbit@localhost"])
        #expect(quorum.arguments["x-delivery-limit"] == .integer(5))
        #expect(quorum.deliveryLimit == (version == "3.10.8" ? nil : .deliveries(5)))
        let stream = try #require(page.items.first { $0.type == "stream" })
        #expect(stream.consumerCapacity == nil)
        #expect(stream.messageBytes == nil)
        #expect(stream.messages.value != nil)

        let detail = try #require(QueueDetail(json: try Answers.json(version, "queue-detail.json")))
        #expect(detail.queue.name == "orders.created")
        #expect(detail.queue.policy == nil)
        #expect(detail.queue.singleActiveConsumerTag == nil)
        #expect(detail.queue.expires == nil)
        #expect(detail.queue.maximumLength == 10_000)
        #expect(detail.queue.maximumLengthBytes == nil && detail.queue.overflow == nil)
        #expect(detail.queue.headMessageTimestamp == nil)
        #expect(detail.consumers.count == 2)
        #expect((detail.queue.consumerCapacity ?? 0) > 0.99)
        #expect(detail.queue.stats?.publishIn == .absent)

        let replicated = try #require(QueueDetail(json: try Answers.json(version, "queue-detail-quorum.json")))
        #expect(replicated.queue.online == ["rabbit@localhost"])
        #expect(replicated.consumers.count == 1)
    }

    @Test(arguments: Answers.versions)
    func cheapQueues(_ version: String) throws {
        let page = try #require(Page<QueueInfo>(json: try Answers.json(version, "queues-cheap.json")))
        #expect(page.items.count == 6)
        #expect(page.undecodable == 0)
        #expect(page.items.contains { $0.name == "注文.受付" && ($0.messages.value ?? 0) > 500 })
        for row in page.items {
            #expect(row.stats == nil)
            #expect(row.consumers == nil)
            #expect(row.messages.rate == nil)
        }
        let stream = try #require(page.items.first { $0.type == "stream" })
        if version != "3.10.8" { #expect(stream.messages == .absent) }
    }

    @Test(arguments: Answers.versions)
    func history(_ version: String) throws {
        let detail = try #require(QueueDetail(json: try Answers.json(version, "queue-history.json")))
        let samples = try #require(detail.queue.messages.samples)
        #expect(samples.count > 5)
        let times = samples.map(\.milliseconds)
        #expect(times == times.sorted(by: >))
        #expect(samples.first?.value == detail.queue.messages.value)
        #expect((detail.queue.stats?.ack.samples ?? []).count > 5)
    }

    @Test(arguments: Answers.versions)
    func exchangesAndBindings(_ version: String) throws {
        let exchanges = try #require(Page<ExchangeInfo>(json: try Answers.json(version, "exchanges.json")))
        #expect(exchanges.items.count == 12)
        #expect(exchanges.undecodable == 0)
        #expect(exchanges.items.contains { $0.name.isEmpty && $0.type == "direct" })
        let orders = try #require(exchanges.items.first { $0.name == "orders" })
        #expect((orders.stats?.publishOut.rate ?? 0) > (orders.stats?.publishIn.rate ?? .infinity) * 1.9)
        #expect(exchanges.items.first { $0.name == "amq.rabbitmq.log" }?.isInternal == true)

        let bindings = ObjectList<BindingInfo>(
            elements: try #require(try Answers.json(version, "bindings.json").elements))
        #expect(bindings.items.count == 11)
        #expect(bindings.undecodable == 0)
        #expect(bindings.items.contains { $0.source == "orders" && $0.routingKey == "order.*.jp" })
        #expect(bindings.items.allSatisfy { $0.destinationKind == .queue })
    }

    @Test(arguments: Answers.versions)
    func theRest(_ version: String) throws {
        let vhosts = ObjectList<VhostInfo>(elements: try #require(try Answers.json(version, "vhosts.json").elements))
        let vhost = try vhosts.items.only()
        #expect(vhost.name == "/")
        #expect(vhost.description == "Default virtual host")
        #expect(vhost.tags.isEmpty)
        #expect(vhost.clusterState == ["rabbit@localhost": "running"])
        #expect(vhost.isTracing == false)
        #expect(vhost.defaultQueueType == (version == "3.10.8" ? nil : "classic"))
        #expect((vhost.messages.value ?? 0) > 3000)

        let user = try #require(UserIdentity(json: try Answers.json(version, "whoami.json")))
        #expect(user.name == "guest")
        #expect(user.isAdministrator)
        #expect(user.canMonitor)

        #expect(try Answers.json(version, "policies.json").elements == [])
        #expect(try Answers.json(version, "alarms.json").members?["status"] == .string("ok"))
        #expect(try Answers.json(version, "feature-flags.json").elements?.isEmpty == false)
        #expect(try Answers.json(version, "extensions.json").elements?.isEmpty == false)
        #expect(try !Answers.json(version, "deprecated-features.json").isNull)
    }

    @Test(arguments: Answers.versions)
    func errors(_ version: String) throws {
        func code(_ name: String, _ status: Int) throws -> ManagementError.Code {
            ManagementError.Code.refusal(
                status: status, headers: [:], body: .init(string: try Answers.text(version, name)),
                sentCredentials: true
            ).code
        }
        #expect(try code("error-not-authorized.json", 401) == .badCredentials)
        #expect(try code("error-not-found.json", 404) == .notFound)
        #expect(try code("error-page-out-of-range.json", 400) == .pageOutOfRange)
    }
}
