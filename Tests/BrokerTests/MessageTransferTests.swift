import BrokerOperations
import BrokerSupport
import Foundation
import NIOCore
import Names
import RabbitMQClient
import Testing
import TopCore

/// Moving, copying, returning and deleting messages on a real broker.
@Suite struct MessageTransferTests {
    /// Two queues of the test's own, and the broker.
    private func withQueues(
        source: FieldTable = [:], target: FieldTable = [:],
        _ body: (TestBroker, RabbitMQClient.Channel, _ from: String, _ to: String) async throws -> Void
    ) async throws {
        let broker = try await TestBroker.shared()
        let (from, to) = (uniqueName("from"), uniqueName("to"))
        try await broker.withConnection { connection in
            let channel = try await connection.openChannel()
            _ = try await channel.declareQueue(from, durable: true, arguments: source)
            _ = try await channel.declareQueue(to, durable: true, arguments: target)
            try await body(broker, channel, from, to)
            try await channel.deleteQueue(from)
            try await channel.deleteQueue(to)
        }
    }

    private func fill(
        _ channel: RabbitMQClient.Channel, _ queue: String, _ count: Int, size: Int = 10,
        _ change: (Int, inout BasicProperties) -> Void = { _, _ in }
    ) async throws {
        let messages = (0..<count).map { number in
            var properties = BasicProperties(deliveryMode: 2, messageID: "\(number)")
            change(number, &properties)
            return Message(
                ByteBuffer(repeating: UInt8(truncatingIfNeeded: number), count: size), routingKey: queue,
                properties: properties)
        }
        #expect(await channel.publishBatch(messages).failures.isEmpty)
    }

    private func transfer(
        _ work: TransferPlan.Work, _ queue: String, _ broker: TestBroker,
        _ change: (inout TransferPlan) -> Void = { _ in }
    ) -> MessageTransfer {
        var plan = TransferPlan(work, queue: Name(queue), rules: MessageRules(user: "guest"))
        change(&plan)
        return MessageTransfer(plan, from: broker.configuration(), to: broker.configuration())
    }

    private func count(_ channel: RabbitMQClient.Channel, _ queue: String) async throws -> UInt32 {
        try await channel.declareQueuePassive(queue).messageCount
    }

    /// Takes everything out of a queue, and returns the message IDs in order.
    private func identifiers(_ channel: RabbitMQClient.Channel, _ queue: String) async throws -> [String] {
        var all: [String] = []
        while let got = try await channel.get(queue, noAck: true) {
            all.append(got.delivery.properties.messageID?.text ?? "")
        }
        return all
    }

    // MARK: Moving

    @Test func movesAllInOrderAndUnchanged() async throws {
        try await withQueues { broker, channel, from, to in
            try await fill(channel, from, 3_000) { number, properties in
                properties.headers = ["n": .int32(Int32(number)), "raw": .string(Name(bytes: [0xFF]))]
                properties.priority = 4
                properties.expiration = "3600000"
            }
            let report = await transfer(.move(.queue(Name(to))), from, broker).run()
            #expect(report.end == .finished)
            #expect(report.tally.taken == 3_000 && report.tally.moved == 3_000 && report.tally.failed == 0)
            #expect(report.tally.possibleDuplicates == 0)
            #expect(
                report.tally.groups == [TransferGroup(exchange: "", routingKey: Name(to), queue: Name(to)): 3_000])
            #expect(try await count(channel, from) == 0)
            let first = try #require(try await channel.get(to, noAck: true)?.delivery)
            #expect(first.properties.headers == ["n": .int32(0), "raw": .string(Name(bytes: [0xFF]))])
            #expect(first.properties.priority == 4 && first.properties.expiration == "3600000")
            #expect(first.properties.isPersistent && first.body.readableBytes == 10)
            #expect(try await identifiers(channel, to) == (1..<3_000).map(String.init))
        }
    }

    @Test func movesAsManyAsAreWantedAndTouchesNoOther() async throws {
        try await withQueues { broker, channel, from, to in
            try await fill(channel, from, 500)
            let report = await transfer(.move(.queue(Name(to))), from, broker) {
                $0.count = 120
                $0.window = 50
            }.run()
            #expect(report.end == .finished && report.tally.moved == 120 && report.tally.delivered == 120)
            let next = try #require(try await channel.get(from)?.delivery)
            #expect(next.properties.messageID == "120" && !next.redelivered)
            try next.nack()
            #expect(try await count(channel, to) == 120)
        }
    }

    @Test func movesThoseThatMatchAndKeepsTheOrderOfTheRest() async throws {
        try await withQueues { broker, channel, from, to in
            try await fill(channel, from, 1_000) { number, properties in
                properties.type = number % 3 == 0 ? "wanted" : "other"
            }
            let filter = try MessageFilter("wanted")
            let report = await transfer(.move(.queue(Name(to))), from, broker) {
                $0.filter = { filter.matches($0, at: Date()) }
                $0.window = 40
            }.run()
            #expect(report.end == .finished)
            #expect(report.tally.moved == 334 && report.tally.skipped == 666)
            #expect(try await identifiers(channel, to) == (0..<334).map { "\($0 * 3)" })
            #expect(try await identifiers(channel, from) == (0..<1_000).filter { $0 % 3 != 0 }.map(String.init))
        }
    }

    @Test func whatTheTargetRefusesStays() async throws {
        try await withQueues(target: ["x-max-length": 100, "x-overflow": "reject-publish"]) {
            broker, channel, from, to in
            try await fill(channel, from, 300)
            let report = await transfer(.move(.queue(Name(to))), from, broker).run()
            #expect(report.end == .finished)
            let (inTarget, left) = (Int(try await count(channel, to)), Int(try await count(channel, from)))
            #expect(inTarget == report.tally.moved && left == report.tally.failed && inTarget + left == 300)
            #expect(inTarget >= 100 && report.tally.possibleDuplicates == 0)
            #expect(report.tally.failures.keys.allSatisfy { $0.contains("reject-publish") })
        }
    }

    @Test func whatNoQueueTakesStays() async throws {
        try await withQueues { broker, channel, from, to in
            let exchange = uniqueName("exchange")
            try await channel.declareExchange(exchange, type: "direct")
            try await channel.bindQueue(to, exchange: exchange, routingKey: "bound")
            try await fill(channel, from, 10) { number, properties in properties.headers = ["n": .int32(Int32(number))]
            }
            let unbound = await transfer(.move(.exchange(Name(exchange), routingKey: "free")), from, broker).run()
            #expect(unbound.tally.moved == 0 && unbound.tally.failed == 10)
            #expect(unbound.tally.failures.keys.first?.contains("312 NO_ROUTE") == true)
            #expect(try await count(channel, from) == 10)
            let bound = await transfer(.move(.exchange(Name(exchange), routingKey: "bound")), from, broker).run()
            #expect(bound.tally.moved == 10 && bound.tally.failed == 0)
            let moved = try #require(try await channel.get(to, noAck: true)?.delivery)
            #expect(moved.properties.headers == ["n": .int32(0)])
            #expect(moved.exchange == Name(exchange) && moved.routingKey == "bound")
            try await channel.deleteExchange(exchange)
        }
    }

    /// Returns are assigned to the messages that they belong to, although they carry no number.
    @Test func onlyWhatIsReturnedStays() async throws {
        try await withQueues { broker, channel, from, to in
            let exchange = uniqueName("exchange")
            try await channel.declareExchange(exchange, type: "headers")
            try await channel.bindQueue(to, exchange: exchange, routingKey: "", arguments: ["kind": "even"])
            try await fill(channel, from, 400) { number, properties in
                properties.headers = ["kind": number.isMultiple(of: 2) ? "even" : "odd"]
            }
            let report = await transfer(.move(.exchange(Name(exchange), routingKey: "k")), from, broker).run()
            #expect(report.tally.moved == 200 && report.tally.failed == 200)
            #expect(try await identifiers(channel, to) == (0..<200).map { "\($0 * 2)" })
            #expect(try await identifiers(channel, from) == (0..<200).map { "\($0 * 2 + 1)" })
            try await channel.deleteExchange(exchange)
        }
    }

    @Test func aMissingTargetOrSourceIsSaid() async throws {
        try await withQueues { broker, channel, from, _ in
            try await fill(channel, from, 5)
            let noTarget = await transfer(.move(.queue("no-such-queue")), from, broker).run()
            guard case .failed(let what, _, .other) = noTarget.end else {
                Issue.record("\(noTarget.end)")
                return
            }
            #expect(what.contains("404") && what.contains("no-such-queue"))
            #expect(try await count(channel, from) == 5)
            let noSource = await transfer(.move(.queue(Name(from))), "no-such-queue", broker).run()
            guard case .failed(let which, _, .other) = noSource.end else {
                Issue.record("\(noSource.end)")
                return
            }
            #expect(which.contains("404"))
        }
    }

    @Test func aTargetThatGoesHalfWayLosesNothing() async throws {
        try await withQueues { broker, channel, from, to in
            let target = uniqueName("going")
            _ = try await channel.declareQueue(target, durable: true)
            try await fill(channel, from, 2_000)
            let run = transfer(.move(.queue(Name(target))), from, broker) { $0.rate = 2_000 }
            async let report = run.run()
            #expect(await eventually { run.tally.moved > 300 })
            let deleted = try await channel.deleteQueue(target)
            let ended = await report
            let left = Int(try await count(channel, from))
            // What was in the target when it was deleted, or on its way into it, went with it; the rest is here. The
            // broker confirms what a queue takes along.
            #expect(ended.tally.moved + ended.tally.failed == 2_000 && left == ended.tally.failed)
            #expect(Int(deleted) <= ended.tally.moved && ended.tally.failed > 0)
            _ = to
        }
    }

    @Test func anotherUsersMessagesStayAndTheOthersGo() async throws {
        try await withQueues { broker, channel, from, to in
            let user = try await broker.makeUser(password: "secret")
            try await broker.grant(user, vhost: "/")
            try await fill(channel, from, 10) { number, properties in
                if number % 2 == 0 { properties.userID = "guest" }
            }
            var plan = TransferPlan(.move(.queue(Name(to))), queue: Name(from), rules: MessageRules(user: Name(user)))
            let address = broker.configuration {
                $0.username = user
                $0.password = "secret"
            }
            let report = await MessageTransfer(plan, from: address, to: address).run()
            #expect(report.end == .finished && report.tally.moved == 5 && report.tally.failed == 5)
            plan.rules.userID = .drop
            let dropped = await MessageTransfer(plan, from: address, to: address).run()
            #expect(dropped.tally.moved == 5 && dropped.tally.failed == 0)
            #expect(try await count(channel, to) == 10)
        }
    }

    @Test func aLargeMessageIsMoved() async throws {
        try await withQueues { broker, channel, from, to in
            try await fill(channel, from, 1, size: 100 << 20)
            try await fill(channel, from, 2)
            let report = await transfer(.move(.queue(Name(to))), from, broker).run()
            #expect(report.tally.moved == 3)
            let moved = try #require(try await channel.get(to, noAck: true)?.delivery)
            #expect(moved.body.readableBytes == 100 << 20)
        }
    }

    @Test func stopsBetweenMessages() async throws {
        try await withQueues { broker, channel, from, to in
            try await fill(channel, from, 2_000)
            let run = transfer(.move(.queue(Name(to))), from, broker) { $0.rate = 500 }
            async let report = run.run()
            #expect(await eventually { run.tally.moved > 50 })
            run.stop()
            let ended = await report
            #expect(ended.end == .stopped && ended.tally.possibleDuplicates == 0)
            #expect(Int(try await count(channel, to)) == ended.tally.moved)
            #expect(try await eventually { Int(try await count(channel, from)) == 2_000 - ended.tally.moved })
        }
    }

    @Test func othersMayTakeMessagesMeanwhile() async throws {
        try await withQueues { broker, channel, from, to in
            try await fill(channel, from, 1_000)
            let run = transfer(.move(.queue(Name(to))), from, broker) {
                $0.rate = 1_000
                $0.window = 10
            }
            async let report = run.run()
            #expect(await eventually { run.tally.moved > 10 })
            #expect(try await channel.purgeQueue(from) > 100)
            let ended = await report
            #expect(ended.end == .finished && ended.tally.failed == 0)
            #expect(Int(try await count(channel, to)) == ended.tally.moved)
        }
    }

    // MARK: Copying, deleting

    @Test func aCopyLeavesTheMessagesInTheirOrder() async throws {
        try await withQueues { broker, channel, from, to in
            try await fill(channel, from, 500)
            let report = await transfer(.copy(.queue(Name(to))), from, broker) { $0.window = 60 }.run()
            #expect(report.tally.moved == 500 && report.tally.delivered == 500)
            #expect(try await identifiers(channel, to) == (0..<500).map(String.init))
            #expect(try await identifiers(channel, from) == (0..<500).map(String.init))
        }
    }

    @Test func deletesThoseThatMatch() async throws {
        try await withQueues { broker, channel, from, _ in
            try await fill(channel, from, 600) { number, properties in properties.type = number < 200 ? "old" : "new" }
            let filter = try MessageFilter("/^old$/")
            let report = await transfer(.delete, from, broker) { $0.filter = { filter.matches($0, at: Date()) } }.run()
            #expect(report.tally.moved == 200 && report.tally.skipped == 400)
            #expect(try await identifiers(channel, from) == (200..<600).map(String.init))
        }
    }

    @Test func aStreamIsCopiedAndKeepsItsMessages() async throws {
        try await withQueues(source: ["x-queue-type": "stream"]) { broker, channel, from, to in
            try await fill(channel, from, 300)
            // A stream counts its messages a moment after it confirmed them.
            #expect(try await eventually { try await channel.declareQueuePassive(from).messageCount == 300 })
            let report = await transfer(.copy(.queue(Name(to))), from, broker) { $0.streamOffset = .first }.run()
            #expect(report.end == .finished && report.tally.moved == 300)
            let first = try #require(try await channel.get(to, noAck: true)?.delivery)
            // The offset belongs to the stream, not to the message.
            #expect(first.properties.headers?["x-stream-offset"] == nil && first.properties.messageID == "0")
            let some = await transfer(.copy(.queue(Name(to))), from, broker) {
                $0.streamOffset = .offset(290)
                $0.count = 5
            }.run()
            #expect(some.tally.moved == 5)
        }
    }

    // MARK: Dead letters

    @Test func deadLettersGoBackToTheirQueues() async throws {
        let broker = try await TestBroker.shared()
        let names = (dead: uniqueName("dead"), one: uniqueName("one"), two: uniqueName("two"))
        try await broker.withConnection { connection in
            let channel = try await connection.openChannel()
            _ = try await channel.declareQueue(names.dead, durable: true)
            let arguments: FieldTable = [
                "x-dead-letter-exchange": "", "x-dead-letter-routing-key": .string(names.dead),
            ]
            for queue in [names.one, names.two] {
                _ = try await channel.declareQueue(queue, durable: true, arguments: arguments)
                try await fill(channel, queue, 20) { _, properties in properties.headers = ["mine": true] }
                while let got = try await channel.get(queue) { try got.delivery.reject(requeue: false) }
            }
            // One that is no dead letter.
            try await fill(channel, names.dead, 1)
            #expect(try await eventually { try await count(channel, names.dead) == 41 })
            try await channel.deleteQueue(names.two)
            let report = await transfer(.move(.origin(OriginRule())), names.dead, broker).run()
            #expect(report.end == .finished && report.tally.moved == 20 && report.tally.failed == 21)
            let group = TransferGroup(
                exchange: "", routingKey: Name(names.one), queue: Name(names.one), reason: "rejected")
            #expect(report.tally.groups == [group: 20])
            #expect(report.tally.failures.keys.contains { $0.contains("312 NO_ROUTE") })
            #expect(report.tally.failures.keys.contains { $0.contains("x-death") })
            #expect(try await count(channel, names.one) == 20)
            #expect(try await count(channel, names.dead) == 21)
            let back = try #require(try await channel.get(names.one, noAck: true)?.delivery)
            #expect(back.properties.headers == ["mine": true])
            for queue in [names.one, names.dead] { try await channel.deleteQueue(queue) }
        }
    }

    /// A queue that dead-letters at once into the one that is emptied would otherwise keep the transfer busy for ever.
    @Test func messagesThatComeBackAreNotTakenAgain() async throws {
        let broker = try await TestBroker.shared()
        let (dead, loop) = (uniqueName("dead"), uniqueName("loop"))
        try await broker.withConnection { connection in
            let channel = try await connection.openChannel()
            _ = try await channel.declareQueue(dead, durable: true)
            _ = try await channel.declareQueue(
                loop, durable: true,
                arguments: [
                    "x-dead-letter-exchange": "", "x-dead-letter-routing-key": .string(dead), "x-message-ttl": 0,
                ])
            try await fill(channel, loop, 100)
            #expect(try await eventually { try await count(channel, dead) == 100 })
            let report = await transfer(.move(.origin(OriginRule())), dead, broker).run()
            #expect(report.tally.moved == 100)
            #expect(try await eventually { try await count(channel, dead) == 100 })
            for queue in [loop, dead] { try await channel.deleteQueue(queue) }
        }
    }

    // MARK: Delivery limits

    @Test func aMessageThatUsedUpItsLimitIsNotLostByALook() async throws {
        try await withQueues(source: ["x-queue-type": "quorum", "x-delivery-limit": 2]) { broker, channel, from, _ in
            try await fill(channel, from, 3)
            for _ in 0..<6 {
                let report = await transfer(.read { _, _ in true }, from, broker) { $0.deliveryLimit = 2 }.run()
                #expect(report.end == .finished && report.tally.delivered == 3)
                #expect(try await eventually { try await count(channel, from) == 3 })
            }
        }
    }
}
