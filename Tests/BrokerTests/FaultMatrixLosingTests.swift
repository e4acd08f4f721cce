import AMQPWire
import BrokerSupport
import Foundation
import RabbitMQClient
import TCPGate
import Testing

import struct NIOCore.ByteBuffer

/// Rows 7 to 12 of the fault matrix: the connection is lost, or must not be. Row 7 with a hundred thousand messages is
/// `FaultMatrixKillTests`.
@Suite struct FaultMatrixLosingTests {
    @Test func row07ARestartInMidPublishLeavesPublishesIndeterminateAndRetriesLoseNone() async throws {
        try await TestBroker.withRestartable { broker in
            try await restartInMidPublish(broker, killed: true)
            try await restartInMidPublish(broker, killed: false)
        }
    }

    private func restartInMidPublish(_ broker: TestBroker, killed: Bool) async throws {
        let connection = try await Connection.connect(broker.configuration { $0.recovery = .brisk })
        let channel = try await connection.openChannel()
        let queue = uniqueName("restart")
        let properties = BasicProperties(deliveryMode: 2)
        _ = try await channel.declareQueue(queue, durable: true)
        try await broker.syncDeclarations()
        try await channel.publish("0".utf8, routingKey: queue, properties: properties)
        // A frozen broker confirms nothing: these are under way for sure when it goes.
        try await broker.node.freeze()
        var pending: [RabbitMQClient.Confirmation] = []
        for number in 1...20 {
            let body = ByteBuffer(string: "\(number)")
            pending.append(try await channel.publishDeferred(body, routingKey: queue, properties: properties))
        }
        if killed {
            try await broker.node.kill()
        } else {
            async let stopped: Void = broker.node.stop()
            try await broker.node.thaw()
            try await stopped
        }
        var retries: [Int] = []
        for (index, confirmation) in pending.enumerated() {
            let error = await clientError { try await confirmation.wait() }
            if killed { #expect(error?.code == .indeterminate) }
            // An orderly end may confirm first what it had read.
            #expect(error == nil || error?.code == .indeterminate)
            if error != nil { retries.append(index + 1) }
        }
        try await broker.node.start()
        #expect(await connection.comesBack())
        let kept = try await channel.declareQueuePassive(queue).messageCount
        #expect(Int(kept) >= 21 - retries.count)
        for number in retries {
            try await channel.publish("\(number)".utf8, routingKey: queue, properties: properties)
        }
        var seen: [Int: Int] = [:]
        while let got = try await channel.get(queue, noAck: true) {
            seen[Int(String(buffer: got.delivery.body)) ?? -1, default: 0] += 1
        }
        #expect(Set(seen.keys) == Set(0...20))
        #expect(seen.values.allSatisfy { $0 <= 2 })
        await connection.close()
    }

    @Test func row08AnOperatorsCloseIsRecoveredFrom() async throws {
        let broker = try await TestBroker.shared()
        let connection = try await Connection.connect(broker.configuration { $0.recovery = .brisk })
        let log = StateLog(connection)
        let channel = try await connection.openChannel()
        let queue = try await channel.declareQueue(uniqueName("forced"), autoDelete: true).name
        let consumer = try await channel.consume(queue, tag: "steady")
        try await broker.closeConnection(fromPort: connection.localPort, "maintenance")
        #expect(await connection.comesBack())
        #expect(
            await log.tells {
                $0.closeReason?.code == 320 && $0.closeReason?.text.contains("maintenance") == true
            })
        let report = try #require(connection.lastRecovery)
        #expect(report.reason.code == 320 && report.reason.initiator == .peer)
        #expect(report.failures.isEmpty)
        #expect(connection.recoveries == 1 && connection.closeReason == nil && channel.isOpen)
        try await channel.publish("after".utf8, routingKey: queue, mandatory: true)
        var iterator = consumer.makeAsyncIterator()
        let delivery = try #require(try await iterator.next())
        #expect(String(buffer: delivery.body) == "after" && delivery.consumerTag == "steady")
        #expect(try delivery.ack() == .sent)
        await connection.close()
        #expect(await eventually { if case .closed(let reason)? = log.states.last { reason.isOrderly } else { false } })
    }

    @Test func row08AShutdownIsRecoveredFromWhenTheBrokerIsBack() async throws {
        try await TestBroker.withRestartable { broker in
            let connection = try await Connection.connect(
                broker.configuration {
                    $0.recovery = .brisk
                    $0.operationTimeout = .seconds(120)
                })
            let log = StateLog(connection)
            let channel = try await connection.openChannel()
            let queue = uniqueName("shutdown")
            _ = try await channel.declareQueue(queue, durable: true)
            try await channel.publish("kept".utf8, routingKey: queue, properties: .init(deliveryMode: 2))
            try await broker.node.stop()
            #expect(await log.tells { _ in true })
            #expect(log.errors.first?.closeReason?.code == 320)
            #expect(connection.closeReason == nil)
            // An operation that is called meanwhile waits for the broker.
            async let count = channel.declareQueuePassive(queue).messageCount
            try await broker.node.start()
            #expect(try await count == 1)
            #expect(await connection.comesBack())
            #expect(log.errors.dropFirst().allSatisfy { !$0.isPermanent })
            await connection.close()
        }
    }

    @Test func row09ABlackHoleIsNoticedWithinThreeHeartbeatsAndAllWaitersFail() async throws {
        let broker = try await TestBroker.shared()
        try await broker.withQueue("hole") { queue, _ in
            try await broker.withGatedConnection({
                $0.heartbeat = .seconds(2)
                $0.recovery = .off
            }) { gate, connection in
                let channel = try await connection.openChannel()
                let other = try await connection.openChannel()
                try await channel.publish("1".utf8, routingKey: queue)
                let consumer = try await other.consume(queue)
                var iterator = consumer.makeAsyncIterator()
                _ = try await iterator.next()
                await gate.blackHole()
                let start = ContinuousClock.now
                let outcomes = await withTaskGroup(of: Outcome.self) { group in
                    group.addTask { await .of { try await channel.publish("2".utf8, routingKey: queue) } }
                    group.addTask { await .of { _ = try await channel.declareQueuePassive(queue) } }
                    group.addTask { await .of { _ = try await channel.get(queue) } }
                    group.addTask { await .of { _ = try await connection.openChannel() } }
                    group.addTask { await .of { try await connection.updateSecret("guest", reason: "test") } }
                    group.addTask { await .of { for try await _ in consumer {} } }
                    group.addTask { await .of { _ = await channel.closed() } }
                    group.addTask { await .of { _ = await connection.closed() } }
                    return await group.reduce(into: [Outcome]()) { $0.append($1) }
                }
                let waited = ContinuousClock.now - start
                // The last byte may have come up to half a heartbeat before the hole.
                #expect(waited > .seconds(3) && waited < .seconds(7.5))
                #expect(outcomes.count == 8)
                for outcome in outcomes {
                    #expect(outcome.strange == nil)
                    #expect([nil, .indeterminate, .connectionClosed].contains(outcome.error?.code))
                    #expect(outcome.error?.closeReason.map { $0.initiator == .transport } ?? true)
                }
                #expect(outcomes.count { $0.error?.code == .indeterminate } == 1)
                #expect(outcomes.count { $0.error?.code == .connectionClosed } == 5)
                #expect(connection.closeReason?.text.contains("heartbeat") == true)
            }
        }
    }

    @Test func row09AfterABlackHoleTheConnectionComesBack() async throws {
        let broker = try await TestBroker.shared()
        try await broker.withQueue("hole") { queue, direct in
            try await broker.withGatedConnection({
                $0.heartbeat = .seconds(1)
                $0.connectTimeout = .seconds(1)
            }) { gate, connection in
                let channel = try await connection.openChannel()
                let consumer = try await channel.consume(queue)
                await gate.blackHole()
                async let publishing = clientError { try await channel.publish("lost".utf8, routingKey: queue) }
                async let asking = clientError { _ = try await channel.declareQueuePassive(queue) }
                #expect(await publishing?.code == .indeterminate)
                #expect(await asking?.code == .connectionClosed)
                #expect(connection.closeReason == nil && !connection.isOpen)
                await gate.reset()
                await gate.restore()
                #expect(await connection.comesBack())
                try await direct.publish("after".utf8, routingKey: queue)
                var iterator = consumer.makeAsyncIterator()
                #expect(try await iterator.next().map { String(buffer: $0.body) } == "after")
            }
        }
    }

    @Test func row10AResetInMidFrameDeliversNoPartOfAMessage() async throws {
        let broker = try await TestBroker.shared()
        try await broker.withQueue("cut") { queue, direct in
            try await broker.withGatedConnection { gate, connection in
                let channel = try await connection.openChannel()
                let consumer = try await channel.consume(queue)
                let body = ByteBuffer(bytes: (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 13) })
                let before = connection.report.bytesIn
                // The first frame of the body is whole, the second is not.
                await gate.cut(.toClient, afterBytes: 200_000, .hold)
                try await direct.publish(body, routingKey: queue)
                try await gate.until { $0.cut == 1 }
                #expect(await eventually { connection.report.bytesIn == before + 200_000 })
                #expect(connection.report.channels.first?.delivered == 0)
                await gate.reset()
                #expect(await connection.comesBack())
                await gate.restore()
                var iterator = consumer.makeAsyncIterator()
                let delivery = try #require(try await iterator.next())
                #expect(delivery.body == body)
                #expect(delivery.redelivered)
                #expect(try delivery.ack() == .sent)
                #expect(await eventually { (try? await direct.declareQueuePassive(queue).messageCount) == 0 })
                #expect(connection.report.channels.first?.delivered == 1)
            }
        }
    }

    @Test func row11APublisherIdleForOverThreeHeartbeatsStaysOpen() async throws {
        let broker = try await TestBroker.shared()
        try await broker.withQueue("idle") { queue, _ in
            try await broker.withGatedConnection({ $0.heartbeat = .seconds(1) }) { gate, connection in
                let log = StateLog(connection)
                let channel = try await connection.openChannel()
                try await channel.publish("before".utf8, routingKey: queue)
                let quiet = gate.counts
                // What passes meanwhile are heartbeats, of 8 bytes, in both directions.
                try await Task.sleep(for: .seconds(5))
                let later = gate.counts
                #expect(later.bytesToServer >= quiet.bytesToServer + 4 * 8)
                #expect(later.bytesToClient >= quiet.bytesToClient + 4 * 8)
                #expect((later.bytesToServer - quiet.bytesToServer) % 8 == 0)
                try await channel.publish("after".utf8, routingKey: queue)
                #expect(try await channel.declareQueuePassive(queue).messageCount == 2)
                #expect(gate.counts.accepted == 1 && log.states == [.open])
            }
        }
    }

    @Test func row12AHandlerSlowerThanTheHeartbeatDoesNotStopHeartbeats() async throws {
        let broker = try await TestBroker.shared()
        try await broker.withQueue("slow") { queue, direct in
            try await broker.withGatedConnection({ $0.heartbeat = .seconds(1) }) { gate, connection in
                let handlers = ProcessInfo.processInfo.activeProcessorCount
                for number in 0..<handlers { try await direct.publish("\(number)".utf8, routingKey: queue) }
                let channel = try await connection.openChannel()
                let consumer = try await channel.consume(queue)
                let start = ContinuousClock.now
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for _ in 0..<handlers {
                        let delivery = try #require(try await consumer.first { _ in true })
                        group.addTask {
                            // A handler that blocks its thread; together they block every thread that runs tasks.
                            blockThread(seconds: 5)
                            let settlement = try delivery.ack()
                            #expect(settlement == .sent)
                        }
                    }
                    try await group.waitForAll()
                }
                #expect(ContinuousClock.now - start >= .seconds(5))
                #expect(await eventually { channel.report.acked == UInt64(handlers) })
                #expect(try await channel.declareQueuePassive(queue).messageCount == 0)
                #expect(gate.counts.accepted == 1 && connection.isOpen)
            }
        }
    }
}

/// What a handler that knows nothing of tasks does.
private func blockThread(seconds: Double) {
    Thread.sleep(forTimeInterval: seconds)
}
