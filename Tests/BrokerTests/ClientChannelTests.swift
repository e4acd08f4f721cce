import AMQPWire
import BrokerSupport
import RabbitMQClient
import Testing

@Suite struct ClientChannelTests {
    @Test func aMissingQueueClosesTheChannelAloneWith404() async throws {
        try await TestBroker.shared().withConnection { connection in
            let other = try await connection.openChannel()
            let channel = try await connection.openChannel()
            let name = uniqueName("missing")
            let error = await clientError { _ = try await channel.declareQueuePassive(name) }
            #expect(error?.code == .refused)
            let reason = try #require(error?.closeReason)
            #expect(reason.code == 404 && reason.name == "NOT_FOUND" && reason.scope == .channel)
            #expect(reason.initiator == .peer)
            #expect(reason.methodName == "queue.declare" && reason.classID == 50 && reason.methodID == 10)
            #expect(reason.text.contains(name))
            #expect(await channel.closed() == reason)
            #expect(await clientError { try await channel.qos(prefetch: 1) }?.code == .channelClosed)
            #expect(other.isOpen)
            _ = try await other.declareQueue(exclusive: true)
        }
    }

    @Test func redeclaringOtherwiseIs406() async throws {
        try await TestBroker.shared().withConnection { connection in
            let channel = try await connection.openChannel()
            let queue = uniqueName("redeclared")
            _ = try await channel.declareQueue(queue, exclusive: true)
            let error = await clientError {
                _ = try await channel.declareQueue(queue, exclusive: true, arguments: ["x-max-length": 5])
            }
            #expect(error?.code == .refused)
            #expect(error?.closeReason?.code == 406)
            #expect(error?.closeReason?.name == "PRECONDITION_FAILED")
        }
    }

    @Test func anothersExclusiveQueueIs405() async throws {
        let broker = try await TestBroker.shared()
        try await broker.withConnection { owner in
            let queue = try await owner.openChannel().declareQueue(exclusive: true).name
            try await broker.withConnection { other in
                let channel = try await other.openChannel()
                let error = await clientError { _ = try await channel.declareQueuePassive(queue) }
                #expect(error?.closeReason?.code == 405)
                #expect(error?.closeReason?.name == "RESOURCE_LOCKED")
            }
        }
    }

    @Test func aPermissionThatIsNotThereIs403() async throws {
        let broker = try await TestBroker.shared()
        let vhost = try await broker.makeVhost()
        let user = try await broker.makeUser(password: "secret")
        try await broker.grant(user, vhost: vhost, configure: "^$", write: ".*", read: ".*")
        try await broker.withConnection({
            $0.username = user
            $0.password = "secret"
            $0.virtualHost = vhost
        }) { connection in
            let channel = try await connection.openChannel()
            let error = await clientError { _ = try await channel.declareQueue("forbidden") }
            #expect(error?.code == .refused)
            #expect(error?.closeReason?.code == 403)
            #expect(error?.closeReason?.name == "ACCESS_REFUSED")
        }
        try await broker.deleteVhost(vhost)
    }

    @Test func anUnknownExchangeTypeEndsTheConnectionAndSaysSo() async throws {
        let broker = try await TestBroker.shared()
        let connection = try await Connection.connect(broker.configuration())
        let channel = try await connection.openChannel()
        let error = await clientError { try await channel.declareExchange(uniqueName("x"), type: "no-such-type") }
        #expect(error?.code == .refused)
        let reason = await connection.closed()
        #expect(reason.code == 503 && reason.name == "COMMAND_INVALID" && reason.scope == .connection)
        #expect(reason.methodName == "exchange.declare")
    }

    @Test func pipelinedDeclaresTellTheCauseFromTheLost() async throws {
        try await TestBroker.shared().withConnection { connection in
            let setup = try await connection.openChannel()
            var names: [Name] = []
            for _ in 0..<6 { names.append(try await setup.declareQueue(exclusive: true).name) }
            let all = await setup.declareQueuesPassive(names)
            #expect(all.map { try? $0.get().name } == names)

            names.insert(Name(uniqueName("missing")), at: 3)
            let channel = try await connection.openChannel()
            let results = await channel.declareQueuesPassive(names)
            #expect(results.prefix(3).map { try? $0.get().name } == Array(names.prefix(3)))
            let codes = results.dropFirst(3).map { result in
                if case .failure(let error) = result { error.code } else { nil as ClientError.Code? }
            }
            #expect(codes == [.refused, .noAnswer, .noAnswer, .noAnswer])
            #expect(await channel.closed().code == 404)

            // The same from tasks of their own.
            let another = try await connection.openChannel()
            let counts = await withTaskGroup(of: ClientError.Code?.self) { group in
                for name in names {
                    group.addTask { await clientError { _ = try await another.declareQueuePassive(name) }?.code }
                }
                return await group.reduce(into: [ClientError.Code?: Int]()) { $0[$1, default: 0] += 1 }
            }
            #expect(counts[.refused] == 1)
            #expect(counts.values.reduce(0, +) == names.count)
        }
    }

    @Test func topologyComesAndGoes() async throws {
        try await TestBroker.shared().withConnection { connection in
            let channel = try await connection.openChannel()
            let source = uniqueName("source")
            let target = uniqueName("target")
            try await channel.declareExchange(source, type: "topic", autoDelete: true)
            try await channel.declareExchange(target, type: "fanout", autoDelete: true)
            try await channel.declareExchangePassive(source)
            let queue = try await channel.declareQueue(exclusive: true, arguments: ["x-max-priority": 3]).name
            #expect(queue.hasPrefix("amq.gen-"))
            try await channel.bindExchange(target, source: source, routingKey: "a.*")
            try await channel.bindQueue(queue, exchange: target)
            try await channel.publish("1".utf8, exchange: source, routingKey: "a.b", mandatory: true)
            #expect(try await channel.declareQueuePassive(queue).messageCount == 1)
            #expect(try await channel.purgeQueue(queue) == 1)
            try await channel.bindQueue(queue, exchange: source, routingKey: "b")
            try await channel.unbindQueue(queue, exchange: source, routingKey: "b")
            try await channel.bindQueue(queue, exchange: source, routingKey: "c")
            try await channel.unbindExchange(target, source: source, routingKey: "a.*")
            let error = await clientError {
                try await channel.publish("2".utf8, exchange: source, routingKey: "a.b", mandatory: true)
            }
            #expect(error?.code == .returned)
            #expect(try await channel.deleteQueue(queue) == 0)
            #expect(channel.isOpen)
        }
    }

    @Test func transactionsCommitAndRollBack() async throws {
        try await TestBroker.shared().withConnection { connection in
            let channel = try await connection.openChannel()
            let queue = try await channel.declareQueue(exclusive: true).name
            try await channel.selectTransactions()
            try await channel.publishUnconfirmed(.init(string: "kept"), routingKey: queue)
            try await channel.commit()
            try await channel.publishUnconfirmed(.init(string: "dropped"), routingKey: queue)
            try await channel.rollback()
            #expect(try await channel.declareQueuePassive(queue).messageCount == 1)
            #expect(
                await clientError { try await channel.publish("x".utf8, routingKey: queue) }?.code == .invalidArgument)
            // A settlement that was rolled back can be made again.
            let got = try #require(try await channel.get(queue))
            try got.delivery.ack()
            try await channel.rollback()
            try got.delivery.ack()
            try await channel.commit()
            #expect(await clientError { try got.delivery.ack() }?.code == .alreadySettled)
        }
    }

    @Test func aTimedOutOperationLeavesLaterAnswersWithTheirCallers() async throws {
        try await TestBroker.withRestartable { broker in
            let configuration = broker.configuration {
                $0.operationTimeout = .milliseconds(400)
                $0.heartbeat = .seconds(0)
            }
            let connection = try await Connection.connect(configuration)
            let channel = try await connection.openChannel()
            let first = try await channel.declareQueue(exclusive: true).name
            let second = try await channel.declareQueue(exclusive: true).name
            try await broker.node.freeze()
            #expect(await clientError { _ = try await channel.declareQueuePassive(first) }?.code == .timeout)
            let cancelled = Task { await clientError { _ = try await channel.declareQueuePassive(first) } }
            try await Task.sleep(for: .milliseconds(50))
            cancelled.cancel()
            #expect(await cancelled.value?.code == .cancelled)
            try await broker.node.thaw()
            for name in [second, first, second] {
                #expect(try await channel.declareQueuePassive(name).name == name)
            }
            await connection.close()
        }
    }

    @Test func aNameThatDoesNotFitIsRefusedHere() async throws {
        try await TestBroker.shared().withConnection { connection in
            let channel = try await connection.openChannel()
            let long = String(repeating: "x", count: 256)
            #expect(await clientError { _ = try await channel.declareQueue(long) }?.code == .invalidArgument)
            #expect(
                await clientError { try await channel.publish("x".utf8, routingKey: long) }?.code == .invalidArgument)
            #expect(channel.isOpen)
            _ = try await channel.declareQueue(exclusive: true)
        }
    }
}
