import AMQPWire
import BrokerSupport
import RabbitMQClient
import TCPGate
import Testing

import struct NIOCore.ByteBuffer

/// Rows 22 to 24 of the fault matrix: the broker does not answer, or the caller does not want the answer any more.
@Suite struct FaultMatrixWaitingTests {
    @Test func row22AMemoryAlarmIsSeenPublishesTimeOutAndAfterItAllGoesOn() async throws {
        try await TestBroker.withRestartable { broker in
            let connection = try await Connection.connect(
                broker.configuration {
                    $0.publishTimeout = .seconds(1)
                    $0.operationTimeout = .seconds(1)
                    $0.recovery = .brisk
                })
            let log = StateLog(connection)
            let channel = try await connection.openChannel()
            let queue = uniqueName("alarm")
            _ = try await channel.declareQueue(queue)
            try await channel.publish("before".utf8, routingKey: queue)
            try await broker.setMemoryLimit("0.000001")
            let publish = await Outcome.of { try await channel.publish("during".utf8, routingKey: queue) }
            #expect(publish.error?.code == .indeterminate && publish.seconds < 10)
            #expect(
                await eventually {
                    log.states.contains { if case .blocked(let why) = $0 { why.contains("memory") } else { false } }
                })
            #expect(connection.isOpen && connection.blockedReason != nil)
            // A blocked broker answers nothing else on this connection: every call has its deadline.
            let declare = await Outcome.of { _ = try await channel.declareQueuePassive(queue) }
            #expect(declare.error?.code == .timeout && declare.seconds < 10)
            let closing = await Outcome.of { try await connection.openChannel().close() }
            #expect(closing.error?.code == .timeout && closing.seconds < 10)
            try await broker.setMemoryLimit("0.6")
            #expect(await eventually { connection.state == .open })
            try await channel.publish("after".utf8, routingKey: queue)
            // What had timed out was not lost: it was indeterminate.
            #expect(try await channel.declareQueuePassive(queue).messageCount == 3)
            #expect(connection.recoveries == 0)

            // A close under an alarm has its bound.
            try await broker.setMemoryLimit("0.000001")
            _ = await clientError { try await channel.publish("again".utf8, routingKey: queue) }
            #expect(await eventually { connection.blockedReason != nil })
            let close = await Outcome.of { await connection.close(timeout: .seconds(1)) }
            #expect(close.seconds < 5)
            #expect(connection.closeReason?.isOrderly == true)
            try await broker.setMemoryLimit("0.6")
        }
    }

    @Test(arguments: ["", "body"])
    func row23AMandatoryUnroutableMessageIsReturnedAndNeverHangs(body: String) async throws {
        let broker = try await TestBroker.shared()
        try await broker.withConnection({
            $0.publishTimeout = .seconds(20)
            $0.recovery = .brisk
        }) { connection in
            let channel = try await connection.openChannel()
            let queue = try await channel.declareQueue(exclusive: true).name
            let nowhere = uniqueName("nowhere")
            let outcome = await Outcome.of {
                try await channel.publish(body.utf8, routingKey: nowhere, mandatory: true)
            }
            #expect(outcome.error?.code == .returned && outcome.seconds < 10)
            #expect(outcome.error?.returned?.code == 312 && outcome.error?.returned?.text == "NO_ROUTE")
            #expect(outcome.error?.returned?.routingKey == Name(nowhere))
            // Its neighbours are confirmed, whatever the order of returns and acks.
            let errors = await withTaskGroup(of: (Int, ClientError?).self) { group in
                for number in 0..<50 {
                    group.addTask {
                        let key = number % 2 == 0 ? queue : Name(nowhere)
                        return (
                            number,
                            await clientError { try await channel.publish(body.utf8, routingKey: key, mandatory: true) }
                        )
                    }
                }
                return await group.reduce(into: [Int: ClientError.Code]()) { $0[$1.0] = $1.1?.code }
            }
            #expect(errors.count == 25 && errors.allSatisfy { $0.key % 2 == 1 && $0.value == .returned })
            #expect(channel.report.unconfirmed == 0 && channel.report.returned == 26)
            #expect(try await channel.declareQueuePassive(queue).messageCount == 25)
        }
    }

    @Test func row24LaterRepliesStayWithTheirCallersWhenACallIsCancelled() async throws {
        let broker = try await TestBroker.shared()
        try await broker.withGatedConnection { gate, connection in
            let channel = try await connection.openChannel()
            var queues: [Name] = []
            for _ in 0..<4 { queues.append(try await channel.declareQueue(exclusive: true).name) }
            let names = queues
            try await channel.publish("got".utf8, routingKey: names[3])
            // No answer comes until all calls are made and two of them are given up.
            await gate.setFlow(toClient: .hold)
            let calls = (0..<3).map { number in
                Task { try await channel.declareQueuePassive(names[number]).name }
            }
            let get = Task { try await channel.get(names[3]) }
            #expect(await eventually { channel.report.inFlight == 4 })
            calls[0].cancel()
            get.cancel()
            #expect(await clientError { _ = try await calls[0].value }?.code == .cancelled)
            #expect(await clientError { _ = try await get.value }?.code == .cancelled)
            await gate.restore()
            #expect(try await calls[1].value == names[1])
            #expect(try await calls[2].value == names[2])
            // The message that the cancelled call would have got went back.
            #expect(await eventually { (try? await channel.declareQueuePassive(names[3]).messageCount) == 1 })
            #expect(channel.report.unacked == 0 && channel.report.inFlight == 0)
            let opening = Task {
                await gate.setFlow(toClient: .hold)
                return try await connection.openChannel().number
            }
            #expect(await eventually { connection.report.channels.contains { $0.state == .opening } })
            opening.cancel()
            #expect(await clientError { _ = try await opening.value }?.code == .cancelled)
            await gate.restore()
            // Nobody wanted that channel: it is closed, and its number used again.
            #expect(await eventually { connection.report.channels.count == 1 })
            #expect(try await connection.openChannel().number == 2)
        }
    }

    @Test func row24ConfirmsStayWithTheirPublishesWhenSomeAreCancelled() async throws {
        let broker = try await TestBroker.shared()
        try await broker.withGatedConnection { gate, connection in
            let channel = try await connection.openChannel()
            let queue = try await channel.declareQueue(
                exclusive: true, arguments: ["x-max-length": 4, "x-overflow": "reject-publish"]
            ).name
            try await channel.confirmSelect()
            await gate.setFlow(toClient: .hold)
            // In order: 0 to 3 are taken, 4 to 7 are refused by the queue, and every other one is given up.
            var publishes: [Task<ClientError?, Never>] = []
            for number in 0..<8 {
                let confirmation = try await channel.publishDeferred(
                    ByteBuffer(string: "\(number)"), routingKey: queue)
                publishes.append(Task { await clientError { try await confirmation.wait() } })
            }
            for number in [0, 2, 4, 6] { publishes[number].cancel() }
            for number in [0, 2, 4, 6] { #expect(await publishes[number].value?.code == .cancelled) }
            await gate.restore()
            for number in [1, 3] { #expect(await publishes[number].value == nil) }
            for number in [5, 7] { #expect(await publishes[number].value?.code == .nacked) }
            #expect(channel.report.unconfirmed == 0)
            #expect(channel.report.confirmed == 4 && channel.report.nacked == 4)
            #expect(try await channel.declareQueuePassive(queue).messageCount == 4)
        }
    }

    @Test func row24APublisherThatWaitsForTheSocketCanBeCancelled() async throws {
        let broker = try await TestBroker.shared()
        try await broker.withGatedConnection({ $0.publishTimeout = .seconds(60) }) { gate, connection in
            let channel = try await connection.openChannel()
            let queue = try await channel.declareQueue(exclusive: true).name
            await gate.setFlow(toServer: .hold)
            // Nobody reads: the socket fills up, and the publisher waits for room.
            let body = ByteBuffer(repeating: 1, count: 1 << 20)
            let publishing = Task {
                await clientError {
                    while true { try await channel.publishUnconfirmed(body, routingKey: queue) }
                }
            }
            var published: UInt64 = 0
            #expect(
                await eventually {
                    defer { published = channel.report.published }
                    try? await Task.sleep(for: .milliseconds(200))
                    return channel.report.published > 0 && channel.report.published == published
                })
            let confirmed = Task { await clientError { try await channel.publish(body, routingKey: queue) } }
            publishing.cancel()
            confirmed.cancel()
            #expect(await publishing.value?.code == .cancelled)
            #expect(await confirmed.value?.code == .cancelled)
            await gate.restore()
            #expect(
                await eventually {
                    (try? await channel.declareQueuePassive(queue).messageCount).map(UInt64.init)
                        == channel.report.published
                })
            // What was given up is not sent in part.
            #expect(try await channel.get(queue, noAck: true)?.delivery.body == body)
        }
    }

    @Test func row24ACancelledConsumerGivesBackWhatWasPrefetched() async throws {
        let broker = try await TestBroker.shared()
        try await broker.withQueue("cancelled") { queue, direct in
            for number in 0..<20 { try await direct.publish("\(number)".utf8, routingKey: queue) }
            try await broker.withGatedConnection { gate, connection in
                let channel = try await connection.openChannel()
                let consuming = Task {
                    var count = 0
                    for try await delivery in try await channel.consume(queue, prefetch: 10) {
                        if count < 3 { try delivery.ack() }
                        count += 1
                        if count == 5 { try? await Task.sleep(for: .seconds(60)) }
                    }
                    return count
                }
                #expect(await eventually { channel.report.acked == 3 && channel.report.unacked == 10 })
                consuming.cancel()
                #expect(try await consuming.value == 5)
                // Two were taken and not settled: they are still the caller's. All others go back.
                #expect(await eventually { (try? await direct.declareQueuePassive(queue).messageCount) == 15 })
                #expect(channel.report.unacked == 2)
                #expect(try await direct.declareQueuePassive(queue).consumerCount == 0)
                try await channel.close()
                #expect(await eventually { (try? await direct.declareQueuePassive(queue).messageCount) == 17 })
                #expect(gate.counts.accepted == 1)
            }
        }
    }

    @Test func row24AConsumeThatIsCancelledBeforeItsAnswerLeavesNoConsumer() async throws {
        let broker = try await TestBroker.shared()
        try await broker.withQueue("cancelled") { queue, direct in
            for number in 0..<5 { try await direct.publish("\(number)".utf8, routingKey: queue) }
            try await broker.withGatedConnection { gate, connection in
                let channel = try await connection.openChannel()
                await gate.setFlow(toClient: .hold)
                let consuming = Task { _ = try await channel.consume(queue) }
                #expect(
                    await eventually { (try? await direct.declareQueuePassive(queue).consumerCount) == 1 })
                consuming.cancel()
                #expect(await clientError { try await consuming.value }?.code == .cancelled)
                await gate.restore()
                #expect(
                    await eventually {
                        let queue = try? await direct.declareQueuePassive(queue)
                        return queue?.consumerCount == 0 && queue?.messageCount == 5
                    })
                // The broker's answer to the cancel is still on its way to us.
                #expect(await eventually { channel.report.consumers.isEmpty && channel.report.unacked == 0 })
                #expect(channel.isOpen)
            }
        }
    }
}
