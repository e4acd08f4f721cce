import AMQPWire
import BrokerSupport
import RabbitMQClient
import Testing

import struct NIOCore.ByteBuffer

@Suite struct ClientPoolTests {
    @Test func channelsAreOpenedWhenNeededAndUsedAgain() async throws {
        try await withPool(size: 3) { pool in
            #expect(pool.report.open == 0)
            var numbers: Set<UInt16> = []
            for _ in 0..<20 { numbers.insert(try await pool.withChannel { $0.number }) }
            #expect(numbers.count == 1)
            let leases = [try await pool.checkout(), try await pool.checkout(), try await pool.checkout()]
            #expect(Set(leases.map(\.channel.number)).count == 3)
            #expect(pool.report.open == 3 && pool.report.inUse == 3 && pool.report.idle == 0)
            for lease in leases { lease.checkin() }
            #expect(pool.report.open == 3 && pool.report.inUse == 0 && pool.report.idle == 3)
            #expect(pool.report.discarded == 0)
        }
    }

    /// What aio-pika's pool hands out again and again (its issues 364, 429, 646, 670).
    @Test func aChannelThatTheBrokerClosedIsNeverHandedOut() async throws {
        try await withPool(size: 2) { pool in
            let queue = uniqueName("declared")
            try await pool.withChannel { _ = try await $0.declareQueue(queue, exclusive: true) }
            for round in 0..<40 {
                let error = await clientError {
                    try await pool.withChannel { channel in
                        #expect(channel.isOpen)
                        if round.isMultiple(of: 2) {
                            _ = try await channel.declareQueuePassive(uniqueName("missing"))
                        } else {
                            _ = try await channel.declareQueue(
                                queue, exclusive: true, arguments: QueueArguments(maxLength: round))
                        }
                    }
                }
                #expect(error?.closeReason?.code == (round.isMultiple(of: 2) ? 404 : 406))
                #expect(error?.code == .refused)
                try await pool.withChannel { _ = try await $0.declareQueuePassive(queue) }
            }
            #expect(pool.report.discarded == 40)
            #expect(pool.report.open <= 2)
        }
    }

    @Test func aChannelThatWasClosedWhileNobodyHadItIsNeverHandedOut() async throws {
        let registry = ClientRegistry()
        try await withPool(size: 2, registry: registry) { pool in
            let connection = pool.connection
            for round in 0..<20 {
                let lease = try await pool.checkout()
                let channel = lease.channel
                lease.checkin()
                switch round % 3 {
                case 0:
                    // Somebody kept it and breaks it.
                    _ = await clientError { _ = try await channel.declareQueuePassive(uniqueName("missing")) }
                case 1:
                    // A key of a dashboard.
                    let id = channel.report.id
                    try await registry.channel(id, ofConnection: connection.id)?.close(code: 320, text: "by hand")
                default:
                    try await channel.close()
                }
                #expect(!channel.isOpen)
                #expect(pool.report.idle == 0 && pool.report.open == 0)
                let next = try await pool.checkout()
                #expect(next.channel.isOpen && next.channel.report.id != channel.report.id)
                try await next.channel.qos(prefetch: 1)
                next.checkin()
            }
            #expect(pool.report.discarded == 20)
            #expect(connection.report.channels.count { $0.state == .open } == 1)
        }
    }

    @Test func aPublishIntoTheVoidDoesNotPoisonTheNextUser() async throws {
        try await withPool(size: 1) { pool in
            let queue = try await pool.connection.openChannel().declareQueue(exclusive: true).name
            for _ in 0..<25 {
                // No confirm is asked for: the channel is closed a moment after it came back.
                try await pool.withChannel { channel in
                    try await channel.publishUnconfirmed(
                        ByteBuffer(string: "lost"), exchange: uniqueName("missing"), routingKey: "k")
                }
                try await pool.withChannel { channel in
                    #expect(channel.isOpen)
                    try await channel.publish("kept".utf8, routingKey: queue)
                }
                // A confirm that nobody awaits is no different.
                try await pool.withChannel { channel in
                    _ = try await channel.publishDeferred(
                        ByteBuffer(string: "lost"), exchange: uniqueName("missing"), routingKey: "k")
                }
                try await pool.withChannel { try await $0.publish("kept".utf8, routingKey: queue) }
            }
            #expect(pool.report.discarded == 50)
        }
    }

    @Test func whatIsLeftUnsettledGoesBackAndNotToTheNextUser() async throws {
        try await withPool(size: 1) { pool in
            let setup = try await pool.connection.openChannel()
            let queue = try await setup.declareQueue(exclusive: true).name
            try await setup.publish("1".utf8, routingKey: queue)
            // A message taken and not settled.
            let first = try await pool.withChannel { channel in
                let got = try await channel.get(queue)
                #expect(got != nil)
                return channel.report.id
            }
            let second = try await pool.withChannel { $0.report.id }
            #expect(first != second)
            #expect(await eventually { (try? await setup.declareQueuePassive(queue).messageCount) == 1 })
            // A consumer left behind.
            let consumer = try await pool.withChannel { try await $0.consume(queue) }
            let third = try await pool.withChannel { $0.report.id }
            #expect(second != third)
            let end = await clientError { for try await _ in consumer {} }
            #expect(end == nil)
            #expect(await eventually { (try? await setup.declareQueuePassive(queue).consumerCount) == 0 })
            // A transaction.
            try await pool.withChannel { channel in
                try await channel.selectTransactions()
                try await channel.publishUnconfirmed(ByteBuffer(string: "2"), routingKey: queue)
            }
            let fourth = try await pool.withChannel { channel in
                #expect(!channel.report.transactional)
                try await channel.publish("3".utf8, routingKey: queue)
                return channel.report.id
            }
            #expect(third != fourth)
            // A prefetch for the whole channel.
            try await pool.withChannel { try await $0.qos(prefetch: 1, isGlobal: true) }
            let fifth = try await pool.withChannel { $0.report.id }
            #expect(fourth != fifth)
            #expect(pool.report.discarded == 4)
            #expect(try await setup.declareQueuePassive(queue).messageCount == 2)
        }
    }

    @Test func aPoolForTransactionsRollsBackWhatWasLeft() async throws {
        try await withPool(size: 1, prepare: { channel throws(ClientError) in try await channel.selectTransactions() })
        {
            pool in
            let setup = try await pool.connection.openChannel()
            let queue = try await setup.declareQueue(exclusive: true).name
            let first = try await pool.withChannel { channel in
                try await channel.publishUnconfirmed(ByteBuffer(string: "dropped"), routingKey: queue)
                return channel.report.id
            }
            try await pool.withChannel { channel in
                #expect(channel.report.id == first && channel.report.transactional)
                try await channel.publishUnconfirmed(ByteBuffer(string: "kept"), routingKey: queue)
                try await channel.commit()
            }
            try await pool.withChannel { #expect($0.report.id == first) }
            #expect(try await setup.declareQueuePassive(queue).messageCount == 1)
            // What was acknowledged and not committed is not settled.
            let error = await clientError {
                try await pool.withChannel { channel in
                    try #require(try await channel.get(queue)).delivery.ack()
                    throw ClientError(.invalidArgument, "the body's own")
                }
            }
            #expect(error?.message == "the body's own")
            try await pool.withChannel { #expect($0.report.id != first) }
            #expect(await eventually { (try? await setup.declareQueuePassive(queue).messageCount) == 1 })
        }
    }

    @Test func manyTasksShareAFewChannels() async throws {
        try await withPool(size: 4, prepare: { channel throws(ClientError) in try await channel.confirmSelect() }) {
            pool in
            let queue = try await pool.connection.openChannel().declareQueue(exclusive: true).name
            let gauge = Gauge()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for task in 0..<200 {
                    group.addTask {
                        try await pool.withChannel(timeout: .seconds(60)) { channel in
                            gauge.enter()
                            defer { gauge.leave() }
                            #expect(channel.report.confirmMode)
                            if task % 20 == 7 {
                                _ = await clientError {
                                    _ = try await channel.declareQueuePassive(uniqueName("missing"))
                                }
                            } else {
                                try await channel.publish("\(task)".utf8, routingKey: queue)
                            }
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(gauge.most <= 4 && gauge.most > 1)
            let report = pool.report
            #expect(report.discarded == 10 && report.inUse == 0 && report.waiting == 0 && report.open <= 4)
            #expect(report.longestWait > 0)
            let count = try await pool.withChannel { try await $0.declareQueuePassive(queue).messageCount }
            #expect(count == 190)
        }
    }

    @Test func aCheckoutWaitsToItsDeadlineAndNoLonger() async throws {
        try await withPool(size: 1) { pool in
            let lease = try await pool.checkout()
            let start = ContinuousClock.now
            let error = await clientError { _ = try await pool.checkout(timeout: .milliseconds(300)) }
            #expect(error?.code == .poolTimeout)
            #expect(ContinuousClock.now - start >= .milliseconds(290))
            #expect(await clientError { try await pool.withChannel(timeout: .zero) { _ in } }?.code == .poolTimeout)
            #expect(pool.report.timeouts == 2 && pool.report.waiting == 0 && pool.report.longestWait >= 0.29)
            lease.checkin()
            try await pool.withChannel(timeout: .zero) { try await $0.qos(prefetch: 3) }
        }
    }

    @Test func waitersAreServedInOrderAndACancelledOneLeavesCleanly() async throws {
        try await withPool(size: 1) { pool in
            let lease = try await pool.checkout()
            let order = Record<Int>()
            var tasks: [Task<ClientError?, Never>] = []
            for number in 0..<5 {
                tasks.append(
                    Task {
                        await clientError {
                            try await pool.withChannel { _ in order.append(number) }
                        }
                    }
                )
                #expect(await eventually { pool.report.waiting == number + 1 })
            }
            tasks[1].cancel()
            #expect(await tasks[1].value?.code == .cancelled)
            #expect(pool.report.waiting == 4)
            lease.checkin()
            for task in tasks { _ = await task.value }
            #expect(order.items == [0, 2, 3, 4])
            #expect(pool.report.inUse == 0)
            // Cancelled before it began.
            let cancelled = Task { await clientError { _ = try await pool.checkout() } }
            cancelled.cancel()
            let code = await cancelled.value?.code
            #expect(code == .cancelled || code == nil)
            #expect(await eventually { pool.report.inUse == 0 })
        }
    }

    @Test func aLeaseGoesBackOnce() async throws {
        try await withPool(size: 1) { pool in
            let first = try await pool.checkout()
            first.checkin()
            let second = try await pool.checkout()
            #expect(second.channel.number == first.channel.number)
            // The first user's second return does not take the channel from the second user.
            first.checkin()
            pool.checkin(first)
            #expect(pool.report.inUse == 1)
            #expect(await clientError { _ = try await pool.checkout(timeout: .milliseconds(50)) }?.code == .poolTimeout)
            second.checkin()
            #expect(pool.report.inUse == 0 && pool.report.idle == 1)
        }
    }

    @Test func aLeaseThatIsDroppedGoesBack() async throws {
        try await withPool(size: 1) { pool in
            func use() async throws -> UInt64 {
                let lease = try await pool.checkout()
                return lease.channel.report.id
            }
            let first = try await use()
            let second = try await use()
            #expect(first == second)
            // The second lease goes with its last reference, which is a matter of the compiler.
            #expect(await eventually { pool.report.inUse == 0 })
        }
    }

    @Test func aSetUpThatFailsIsTheWaitersError() async throws {
        let missing = uniqueName("missing")
        try await withPool(
            size: 2,
            prepare: { channel throws(ClientError) in _ = try await channel.declareQueuePassive(missing) }
        ) { pool in
            for _ in 0..<3 {
                #expect(await clientError { try await pool.withChannel { _ in } }?.closeReason?.code == 404)
            }
            #expect(pool.report.open == 0 && pool.report.inUse == 0)
            #expect(await eventually { pool.connection.report.channels.allSatisfy { $0.state == .closed } })
        }
    }

    @Test func aConnectionWithoutFurtherChannelsMakesItWaitForItsOwn() async throws {
        try await withPool(size: 5, { $0.channelMax = 3 }) { pool in
            let leases = [try await pool.checkout(), try await pool.checkout(), try await pool.checkout()]
            let waiting = Task { try await pool.withChannel { $0.isOpen } }
            #expect(await eventually { pool.report.waiting == 1 })
            leases[0].checkin()
            #expect(try await waiting.value)
            for lease in leases { lease.checkin() }
            await pool.close()
            // With none of its own in use there is nothing to wait for.
            var others: [Channel] = []
            #expect(await eventually { pool.connection.report.channels.count { $0.state != .closed } == 0 })
            for _ in 0..<3 { others.append(try await pool.connection.openChannel()) }
            let empty = ChannelPool(pool.connection, size: 1)
            #expect(await clientError { _ = try await empty.checkout() }?.code == .channelsExhausted)
            try await others[0].close()
            try await empty.withChannel { #expect($0.isOpen) }
        }
    }

    @Test func aClosedPoolHandsOutNothingAndLeavesNothingOpen() async throws {
        let registry = ClientRegistry()
        try await withPool(size: 2, registry: registry) { pool in
            let idle = try await pool.checkout()
            let held = try await pool.checkout()
            idle.checkin()
            let waitingPool = ChannelPool(pool.connection, size: 1, name: "waiting")
            let own = try await waitingPool.checkout()
            let waiter = Task { await clientError { _ = try await waitingPool.checkout() } }
            #expect(await eventually { waitingPool.report.waiting == 1 })
            #expect(registry.report().pools.map(\.name) == ["client-tests", "waiting"])
            #expect(registry.report().pools.first?.connectionID == pool.connection.id)

            let closing = Task { await pool.close(timeout: .seconds(30)) }
            #expect(await eventually { pool.isClosed })
            #expect(await clientError { _ = try await pool.checkout() }?.code == .poolClosed)
            // Who has a channel may finish with it.
            try await held.channel.qos(prefetch: 1)
            held.checkin()
            await closing.value
            #expect(pool.report.open == 0)

            await waitingPool.close(timeout: .milliseconds(50))
            #expect(await waiter.value?.code == .poolClosed)
            #expect(!own.channel.isOpen)
            own.checkin()
            #expect(registry.report().pools.isEmpty)
            #expect(await eventually { pool.connection.report.channels.allSatisfy { $0.state == .closed } })
        }
    }

    @Test func aPoolOfAClosedConnectionFailsAtOnce() async throws {
        try await withPool(size: 2) { pool in
            let lease = try await pool.checkout()
            try await pool.withChannel { _ in }
            await pool.connection.close()
            #expect(!lease.channel.isOpen)
            #expect(await clientError { try await pool.withChannel { _ in } }?.code == .connectionClosed)
            lease.checkin()
            #expect(await clientError { try await pool.withChannel { _ in } }?.code == .connectionClosed)
            #expect(pool.report.open == 0)
        }
    }

    private func withPool(
        size: Int,
        registry: ClientRegistry? = nil,
        prepare: ChannelPool.Preparation? = nil,
        _ change: (inout ConnectionConfiguration) -> Void = { _ in },
        _ body: (ChannelPool) async throws -> Void
    ) async throws {
        try await TestBroker.shared().withConnection(registry: registry, change) { connection in
            let pool = ChannelPool(connection, size: size, name: "client-tests", prepare: prepare)
            try await body(pool)
            await pool.close()
        }
    }
}
