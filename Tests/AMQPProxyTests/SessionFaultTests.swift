import AMQPWire
import Faults
import NIOCore
import Testing

@testable import AMQPProxy

/// What each fault makes of the bytes that pass.
@Suite struct SessionFaultTests {
    // MARK: Frames

    @Test func aCutFrameIsHalfThereAndAllElseIsLost() throws {
        let session = try Session.faulty("cut-frame", ["towards": "client"])
        session.receive(.deliver(1, "t", 1) + .deliver(1, "t", 2), from: .broker)
        let method = ByteBuffer.frame(1, .basicDeliver(BasicDeliver(consumerTag: "t", deliveryTag: 1)))
        #expect(session.takeToClient() == method.getSlice(at: 0, length: method.readableBytes / 2))
        #expect(session.resets == [.client, .broker])
        session.receive(.publish(1, "late"), from: .client)
        #expect(session.takeToBroker() == ByteBuffer())
    }

    @Test(arguments: [("end", -1), ("type", 0), ("payload", 7)])
    func aCorruptFrameDiffersInOneByte(what: String, place: Int) throws {
        let session = try Session.faulty("corrupt-frame", ["towards": "broker", "what": .text(what)])
        let frames = ByteBuffer.publish(1, "x") + .publish(1, "y")
        session.receive(frames, from: .client)
        let came = Array(session.takeToBroker().readableBytesView)
        let sent = Array(frames.readableBytesView)
        let method = ByteBuffer.frame(1, .basicPublish(BasicPublish(exchange: "", routingKey: "q"))).readableBytes
        let differing = zip(came, sent).enumerated().filter { $0.element.0 != $0.element.1 }.map(\.offset)
        #expect(came.count == sent.count)
        #expect(differing == [place < 0 ? method + place : place])
    }

    @Test(arguments: [true, false]) func aTruncatedFrameLacksItsLastBytes(fixesSize: Bool) throws {
        let session = try Session.faulty(
            "truncate-frame", ["towards": "broker", "bytes": 3, "fix_size": .flag(fixesSize)])
        let method = ByteBuffer.frame(1, .basicPublish(BasicPublish(exchange: "", routingKey: "q")))
        session.receive(method, from: .client)
        let came = session.takeToBroker()
        let size: UInt32? = method.getInteger(at: 3)
        #expect(came.readableBytes == method.readableBytes - 3)
        #expect(came.getInteger(at: 3) == size.map { fixesSize ? $0 - 3 : $0 })
        #expect(came.getInteger(at: came.writerIndex - 1) == RawFrame.end)
    }

    @Test func anInterleavedPublishHasItsMethodTwice() throws {
        let session = try Session.faulty("interleave-frames")
        let method = ByteBuffer.frame(1, .basicPublish(BasicPublish(exchange: "", routingKey: "q")))
        session.receive(.publish(1, "x") + .publish(1, "y"), from: .client)
        #expect(session.takeToBroker() == method + .publish(1, "x") + .publish(1, "y"))
    }

    @Test func heartbeatsAreSwallowedInTheirDirectionAlone() throws {
        let session = try Session.faulty("swallow-heartbeats", ["towards": "broker"])
        var beat = ByteBuffer()
        beat.writeHeartbeat()
        session.receive(beat + .publish(1, "x"), from: .client)
        session.receive(beat, from: .broker)
        #expect(session.takeToBroker() == .publish(1, "x"))
        #expect(session.takeToClient() == beat)
    }

    // MARK: Acks and confirms

    @Test func swallowedAcksStayUnackedAndDuplicatesComeTwice() throws {
        let ack = ByteBuffer.frame(1, .basicAck(BasicAck(deliveryTag: 1)))
        let swallowing = try Session.faulty("swallow", ["what": "acks"])
        swallowing.receive(.deliver(1, "t", 1), from: .broker)
        swallowing.receive(ack, from: .client)
        #expect(swallowing.takeToBroker() == ByteBuffer())
        #expect(swallowing.machine.channelReports.first?.unacked == 1)

        let doubling = try Session.faulty("duplicate", ["what": "acks"])
        doubling.receive(.deliver(1, "t", 1), from: .broker)
        doubling.receive(ack, from: .client)
        #expect(doubling.takeToBroker() == ack + ack)
    }

    @Test func delayedConfirmsAreOvertakenAndComeInTheirTime() throws {
        let session = try Session.faulty("delay", ["what": "confirms", "delay_ms": 50], on: FaultSelector(every: 2))
        session.receive(.frame(1, .confirmSelect(ConfirmSelect())), from: .client)
        let acks = (1...3).map { ByteBuffer.frame(1, .basicAck(BasicAck(deliveryTag: UInt64($0)))) }
        for ack in acks { session.receive(ack, from: .broker) }
        #expect(session.takeToClient() == acks[0] + acks[2])
        #expect(session.machine.nextDue == session.now + .milliseconds(50))
        session.now = session.now + .milliseconds(50)
        session.step { machine, output in machine.release(now: session.now, &output) }
        #expect(session.takeToClient() == acks[1])
        #expect(session.machine.heldBytes == 0)
    }

    @Test func whatWasHeldForAChannelThatIsGoneIsDropped() throws {
        let session = try Session.faulty("delay", ["what": "acks", "delay_ms": 50])
        session.receive(.frame(1, .basicAck(BasicAck(deliveryTag: 1))), from: .client)
        session.receive(.frame(1, .channelClose(ChannelClose())), from: .client)
        session.receive(.frame(1, .channelCloseOk), from: .broker)
        session.receive(.frame(1, .channelOpen), from: .client)
        _ = session.takeToBroker()
        session.step { machine, output in machine.release(now: .distantFuture, &output) }
        #expect(session.takeToBroker() == ByteBuffer())
        #expect(session.machine.heldBytes == 0 && session.machine.nextDue == nil)
    }

    @Test func whatIsDueWaitsForTheMessageInMidFlight() throws {
        let session = try Session.faulty("delay", ["what": "acks", "delay_ms": 50])
        let ack = ByteBuffer.frame(1, .basicAck(BasicAck(deliveryTag: 1)))
        session.receive(ack, from: .client)
        var publish = ByteBuffer.publish(1, "body")
        let length = publish.readableBytes - 5
        let head = publish.readSlice(length: length) ?? ByteBuffer()
        session.receive(head, from: .client)
        session.now = session.now + .milliseconds(60)
        session.step { machine, output in machine.release(now: session.now, &output) }
        session.receive(publish, from: .client)
        #expect(session.takeToBroker() == .publish(1, "body") + ack)
    }

    @Test func aConfirmThatIsNackedKeepsItsTagAndItsReach() throws {
        let session = try Session.faulty("nack-confirm")
        session.receive(.frame(1, .confirmSelect(ConfirmSelect())), from: .client)
        session.receive(.frame(1, .basicAck(BasicAck(deliveryTag: 7, multiple: true))), from: .broker)
        #expect(
            session.takeToClient()
                == .frame(1, .basicNack(BasicNack(deliveryTag: 7, multiple: true, requeue: false))))
    }

    // MARK: Deliveries

    @Test(arguments: [0, 5, 300_000]) func deliveriesAreSwallowedWhole(size: Int) throws {
        let session = try Session.faulty("swallow", ["what": "deliveries"], on: FaultSelector(times: 1))
        let lost = ByteBuffer.deliver(1, "t", 1, String(repeating: "a", count: size))
        session.receive(lost + .deliver(1, "t", 2), from: .broker)
        #expect(session.takeToClient() == .deliver(1, "t", 2))
        #expect(session.machine.channelReports.first?.unacked == 2)
    }

    @Test(arguments: [0, 5, 300_000]) func deliveriesAreDoubledWhole(size: Int) throws {
        let session = try Session.faulty("duplicate", ["what": "deliveries"], on: FaultSelector(times: 1))
        let doubled = ByteBuffer.deliver(1, "t", 1, String(repeating: "a", count: size))
        // In pieces, as a socket brings them.
        var rest = doubled + .deliver(1, "t", 2)
        while let piece = rest.readSlice(length: min(rest.readableBytes, 70_001)), piece.readableBytes > 0 {
            session.receive(piece, from: .broker)
        }
        #expect(session.takeToClient() == doubled + doubled + .deliver(1, "t", 2))
    }

    // MARK: Returned messages

    @Test func aReturnedMessageComesBackUnderItsOwnName() throws {
        let session = try Session.faulty("return-message", on: FaultSelector(times: 1))
        let publish = Method.basicPublish(BasicPublish(exchange: "orders", routingKey: "eu"))
        session.receive(.content(1, publish, "x") + .content(1, publish, "y"), from: .client)
        var decoder = FrameDecoder()
        decoder.append(session.takeToBroker())
        let next = try decoder.next()
        let first = try #require(next)
        guard case .basicPublish(let redirected) = try Method(payload: first.payload) else {
            Issue.record("no publish")
            return
        }
        #expect(redirected.exchange == "" && redirected.mandatory && redirected.routingKey.hasPrefix("amq."))
        let returned = BasicReturn(
            replyCode: .noRoute, replyText: "NO_ROUTE", exchange: "", routingKey: redirected.routingKey)
        session.receive(.content(1, .basicReturn(returned), "x"), from: .broker)
        var expected = returned
        expected.exchange = "orders"
        expected.routingKey = "eu"
        #expect(session.takeToClient() == .content(1, .basicReturn(expected), "x"))
        #expect(
            session.events.contains(
                .returned(1, code: 312, text: "NO_ROUTE", exchange: "orders", routingKey: "eu")))
    }

    // MARK: Channels and tuning

    @Test func aRefusedChannelIsClosedForItsClientAndUnknownToTheBroker() throws {
        let session = try Session.faulty("refuse-channels", ["code": 506, "text": "no"])
        session.receive(.frame(5, .channelOpen), from: .client)
        #expect(session.takeToBroker() == ByteBuffer())
        #expect(
            session.takeToClient()
                == .frame(
                    5,
                    .channelClose(
                        ChannelClose(replyCode: ReplyCode(rawValue: 506), replyText: "no", classID: 20, methodID: 10))))
        session.receive(.frame(5, .channelCloseOk), from: .client)
        #expect(session.takeToBroker() == ByteBuffer())
        #expect(session.machine.channels[5] == nil)
    }

    @Test func tuneLowersWhatItIsToldAndRaisesNothing() throws {
        let session = Session()
        try session.put("tune", ["frame_max": 8192, "heartbeat": 120])
        session.receive(Session.header, from: .client)
        session.receive(
            .frame(0, .connectionTune(ConnectionTune(channelMax: 100, frameMax: 0, heartbeat: 60))), from: .broker)
        #expect(
            session.takeToClient()
                == .frame(0, .connectionTune(ConnectionTune(channelMax: 100, frameMax: 8192, heartbeat: 60))))
    }

    @Test func aBlackHoleHoldsAllBackAndLosesNothing() throws {
        let session = try Session.faulty("black-hole", ["towards": "broker"])
        session.receive(.publish(1, "x"), from: .client)
        session.receive(.deliver(1, "t", 1), from: .broker)
        #expect(session.takeToBroker() == ByteBuffer() && session.takeToClient() == .deliver(1, "t", 1))
        #expect(session.machine.isStalled(.client))
        session.machine.faults = []
        session.step { machine, output in machine.resumeBoth(&output) }
        #expect(session.takeToBroker() == .publish(1, "x"))
        #expect(!session.machine.isStalled(.client))
    }

    @Test func aBlackHoleInBothDirectionsHoldsWhateverComes() throws {
        let session = try Session.faulty("black-hole")
        for _ in 0..<3 {
            session.receive(.publish(1, "x"), from: .client)
            session.receive(.deliver(1, "t", 1), from: .broker)
        }
        session.step { machine, output in machine.resumeBoth(&output) }
        #expect(session.takeToBroker() == ByteBuffer() && session.takeToClient() == ByteBuffer())
        session.machine.faults = []
        session.step { machine, output in machine.resumeBoth(&output) }
        #expect(session.takeToBroker() == .publish(1, "x") + .publish(1, "x") + .publish(1, "x"))
        #expect(session.takeToClient().readableBytes == 3 * ByteBuffer.deliver(1, "t", 1).readableBytes)
    }

    // MARK: Whom and how often

    @Test func aSelectorMeetsTheQueueOfADelivery() throws {
        let session = try Session.faulty("swallow", ["what": "deliveries"], on: FaultSelector(queue: "slow*"))
        session.receive(
            .frame(1, .basicConsume(BasicConsume(queue: "slow.orders", consumerTag: "s")))
                + .frame(1, .basicConsume(BasicConsume(queue: "fast", consumerTag: "f"))), from: .client)
        session.receive(.deliver(1, "s", 1) + .deliver(1, "f", 2), from: .broker)
        #expect(session.takeToClient() == .deliver(1, "f", 2))
    }

    @Test func aSelectorMeetsTheExchangeOfAPublishAndTheChannel() throws {
        let session = try Session.faulty("interleave-frames", on: FaultSelector(exchange: "x", channel: 2, times: 9))
        session.receive(.frame(2, .channelOpen), from: .client)
        _ = session.takeToBroker()
        let frames =
            ByteBuffer.content(1, .basicPublish(BasicPublish(exchange: "x", routingKey: "q")), "a")
            + .content(2, .basicPublish(BasicPublish(exchange: "y", routingKey: "q")), "a")
        session.receive(frames, from: .client)
        #expect(session.takeToBroker() == frames)
        let met = ByteBuffer.content(2, .basicPublish(BasicPublish(exchange: "x", routingKey: "q")), "a")
        session.receive(met, from: .client)
        #expect(session.takeToBroker().readableBytes > met.readableBytes)
    }

    @Test func messagesAndBytesPassFirst() throws {
        let session = try Session.faulty("cut-frame", ["towards": "broker"], on: FaultSelector(afterMessages: 3))
        for _ in 0..<3 { session.receive(.publish(1, "x"), from: .client) }
        #expect(session.resets.isEmpty)
        session.receive(.publish(1, "x"), from: .client)
        #expect(session.resets == [.client, .broker])

        let other = try Session.faulty("reset-connection", on: FaultSelector(afterBytes: 10_000))
        other.receive(.publish(1, String(repeating: "x", count: 9_000)), from: .client)
        #expect(other.resets.isEmpty)
        other.receive(.publish(1, String(repeating: "x", count: 2_000)) + .publish(1, "y"), from: .client)
        #expect(other.resets == [.client, .broker])
    }

    @Test func theSameSeedStrikesTheSameMessages() throws {
        func struck(_ seed: UInt64) throws -> [Int] {
            let session = try Session.faulty(
                "swallow", ["what": "deliveries"], on: FaultSelector(percentage: 30), seed: seed)
            return (1...200).filter { tag in
                session.receive(.deliver(1, "t", UInt64(tag)), from: .broker)
                return session.takeToClient() == ByteBuffer()
            }
        }
        let first = try struck(7)
        #expect(try struck(7) == first)
        #expect(try struck(8) != first)
        #expect((30...90).contains(first.count))
    }

    @Test func whatIsNotAMQPPassesAllFaults() throws {
        let session = Session()
        try session.put("black-hole")
        session.receive(ByteBuffer(string: "GET / HTTP/1.1\r\n"), from: .client)
        session.receive(ByteBuffer(string: "answer"), from: .broker)
        #expect(session.toBroker == ByteBuffer(string: "GET / HTTP/1.1\r\n"))
        #expect(session.toClient == ByteBuffer(string: "answer"))
    }
}

extension Session {
    /// With an open channel 1.
    static func faulty(
        _ name: String, _ parameters: [String: FaultValue] = [:], on selector: FaultSelector = FaultSelector(),
        seed: UInt64 = 1
    ) throws -> Session {
        let session = Session()
        session.openChannel()
        try session.put(name, parameters, on: selector, seed: seed)
        return session
    }

    func put(
        _ name: String, _ parameters: [String: FaultValue] = [:], on selector: FaultSelector = FaultSelector(),
        seed: UInt64 = 1
    ) throws {
        let order = try FaultCatalogue.order(Fault(name, parameters, on: selector, seed: seed))
        shared.lastFault += 1
        let fault = try #require(ProxyFault(order, id: shared.lastFault))
        shared.counters.add(fault)
        machine.faults.append(SessionFault(fault: fault))
        machine.needsNames = machine.faults.contains { $0.fault.aim.asksForNames }
    }
}
