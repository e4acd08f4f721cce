import AMQPWire
import Faults
import NIOCore
import Names
import SeededSupport
import Testing

@testable import AMQPProxy

@Suite struct SessionMachineTests {
    // MARK: What passes

    @Test(arguments: 1...10) func whateverTheReadsNothingIsChanged(seed: Int) throws {
        var random = SeededSupport.SeededRandom(seed: seed)
        let session = Session()
        let client = Self.clientTalk(bodies: [0, 1, 40_000, 400_000])
        let broker = Self.brokerTalk(bodies: [0, 5, 300_000])
        var (fromClient, fromBroker) = (client, broker)
        // The channel's opening comes before all on it.
        let opening = Session.header + Session.login + .frame(1, .channelOpen)
        if let bytes = fromClient.readSlice(length: opening.readableBytes) { session.receive(bytes, from: .client) }
        while fromClient.readableBytes + fromBroker.readableBytes > 0 {
            let isClients = fromBroker.readableBytes == 0 || fromClient.readableBytes > 0 && Bool.random(using: &random)
            let limit = Bool.random(using: &random) ? 30 : 90_000
            if isClients, let bytes = Self.read(&fromClient, limit, &random) {
                session.receive(bytes, from: .client)
            } else if let bytes = Self.read(&fromBroker, limit, &random) {
                session.receive(bytes, from: .broker)
            }
        }
        #expect(session.toBroker == client)
        #expect(session.toClient == broker)
        let channel = try #require(session.machine.channelReports.first)
        #expect(channel.id == 1 && channel.published == 4 && channel.unconfirmed == 4 && channel.isConfirming)
        #expect(channel.delivered == 3 && channel.unacked == 3)
    }

    @Test(arguments: ["GET / HTTP/1.1\r\n", "AMQP\u{0}\u{1}\u{0}\u{0}more", "\u{1}"])
    func whatIsNotAMQP091PassesUntouched(text: String) {
        let session = Session()
        for byte in text.utf8 { session.receive(ByteBuffer(bytes: [byte]), from: .client) }
        session.receive(ByteBuffer(string: "answer"), from: .broker)
        #expect(session.toBroker == ByteBuffer(string: text))
        #expect(session.toClient == ByteBuffer(string: "answer"))
        #expect(session.machine.state == .opaque)
        #expect(session.events.contains { if case .notUnderstood(from: .client, _) = $0 { true } else { false } })
    }

    @Test func aStreamThatBreaksInTheMiddleGoesOnPassing() {
        let session = Session()
        session.open()
        session.receive(.frame(1, .channelOpen) + ByteBuffer(bytes: [1, 0, 1, 0, 0, 0, 1, 9, 9, 9]), from: .client)
        session.receive(ByteBuffer(string: "more"), from: .client)
        #expect(
            session.takeToBroker() == .frame(1, .channelOpen) + ByteBuffer(bytes: [1, 0, 1, 0, 0, 0, 1, 9, 9, 9])
                + ByteBuffer(string: "more"))
        #expect(session.machine.state == .opaque)
    }

    @Test func consumersAreTheirTagsBytes() throws {
        let session = Session()
        session.open()
        session.receive(.frame(1, .channelOpen), from: .client)
        let tags: [Name] = ["caf\u{e9}", "cafe\u{301}", Name(bytes: [0xFF]), Name(bytes: [0xFE])]
        for (index, tag) in tags.enumerated() {
            session.receive(
                .frame(1, .basicConsume(BasicConsume(queue: tag, consumerTag: tag, noAck: index == 0))), from: .client)
            session.receive(.frame(1, .basicConsumeOk(BasicConsumeOk(consumerTag: tag))), from: .broker)
        }
        let channel = try #require(session.machine.channelReports.first)
        #expect(channel.consumers == Dictionary(uniqueKeysWithValues: tags.map { ($0, $0) }))
        // Only the first of them needs no acknowledgements.
        for (index, tag) in tags.enumerated() {
            session.receive(ByteBuffer.deliver(1, tag, UInt64(index + 1)), from: .broker)
        }
        #expect(session.machine.channelReports.first?.unacked == 3)
        let aim = FaultAim(FaultSelector(queue: "cafe\u{301}"))
        session.step { machine, _ in
            let cancelled = machine.cancelConsumers(of: 1, aim, towardsBroker: false)
            #expect(cancelled.map(\.tag) == [tags[1]])
        }
    }

    @Test func anIdentityIsItsBytes() throws {
        func identity(_ name: FieldValue) -> SessionIdentity {
            var identity = SessionIdentity()
            identity.take(ConnectionStartOk(clientProperties: ["connection_name": name]))
            return identity
        }
        #expect(identity("caf\u{e9}") != identity("cafe\u{301}"))
        let invalid = identity(.string(Name(bytes: [0x61, 0xFF])))
        #expect(invalid.clientName?.text == "a\\xFF")
        #expect(invalid != identity(.string(Name(bytes: [0x61, 0xFE]))))
        // A selector names it as it is shown.
        #expect(FaultAim(FaultSelector(connection: "a\\xFF")).meets(invalid, names: [invalid.clientName ?? ""]))
        #expect(!FaultAim(FaultSelector(connection: "a\\xFE")).meets(invalid, names: [invalid.clientName ?? ""]))
    }

    @Test func theHandshakeTellsWhoItIs() throws {
        let session = Session()
        session.open()
        let identity = session.machine.identity
        #expect(identity.clientName == "orders" && identity.user == "guest" && identity.virtualHost == "shop")
        #expect(identity.product == "pika" && identity.heartbeat == 30 && identity.channelMax == 100)
        #expect(session.machine.isOpen)
        #expect(session.events == [.opened(identity)])

        let kombu = Session()
        var entries: [UInt8] = []
        for (key, value) in [("LOGIN", "celery"), ("PASSWORD", "secret")] {
            entries +=
                [UInt8(key.utf8.count)] + key.utf8 + [UInt8(ascii: "S"), 0, 0, 0, UInt8(value.utf8.count)] + value.utf8
        }
        kombu.receive(Session.header, from: .client)
        kombu.receive(
            .frame(0, .connectionStartOk(ConnectionStartOk(mechanism: "AMQPLAIN", response: entries))), from: .client)
        #expect(kombu.machine.identity.user == "celery")
    }

    @Test func acksAndConfirmsAreCounted() throws {
        let session = Session()
        session.openChannel()
        session.receive(.frame(1, .confirmSelect(ConfirmSelect())), from: .client)
        for _ in 0..<5 { session.receive(.publish(1, "x"), from: .client) }
        session.receive(.frame(1, .basicAck(BasicAck(deliveryTag: 3, multiple: true))), from: .broker)
        session.receive(.frame(1, .basicNack(BasicNack(deliveryTag: 5, multiple: false))), from: .broker)
        session.receive(.frame(1, .basicConsume(BasicConsume(queue: "q"))), from: .client)
        session.receive(
            .frame(1, .basicConsume(BasicConsume(queue: "auto", consumerTag: "a", noAck: true))), from: .client)
        session.receive(.frame(1, .basicConsumeOk(BasicConsumeOk(consumerTag: "t"))), from: .broker)
        for tag: UInt64 in 1...4 { session.receive(.deliver(1, "t", tag), from: .broker) }
        session.receive(.deliver(1, "a", 5), from: .broker)
        session.receive(.frame(1, .basicReject(BasicReject(deliveryTag: 2))), from: .client)
        session.receive(.frame(1, .basicAck(BasicAck(deliveryTag: 3, multiple: true))), from: .client)
        let channel = try #require(session.machine.channelReports.first)
        #expect(channel.unconfirmed == 1 && channel.confirmed == 4)
        #expect(channel.delivered == 5 && channel.unacked == 1 && channel.acked == 3)
        #expect(channel.consumers == ["t": "q", "a": "auto"])
    }

    // MARK: Closing a channel

    @Test func aChannelClosedTowardsBothEndsForBothAndMayBeOpenedAgain() {
        let session = Session()
        session.openChannel()
        #expect(session.close(1, ChannelCloseRequest(code: 541, text: "because")))
        let close = ByteBuffer.frame(
            1, .channelClose(ChannelClose(replyCode: .internalError, replyText: "because")))
        #expect(session.takeToClient() == close)
        #expect(session.takeToBroker() == close)
        #expect(session.machine.channelReports.map(\.state) == [.cut])
        // What both had sent before they knew goes nowhere.
        session.receive(.publish(1, "late"), from: .client)
        session.receive(.deliver(1, "t", 1), from: .broker)
        session.receive(.frame(1, .channelCloseOk), from: .client)
        session.receive(.frame(1, .channelCloseOk), from: .broker)
        #expect(session.takeToBroker() == ByteBuffer() && session.takeToClient() == ByteBuffer())
        #expect(session.machine.channelReports.isEmpty)
        session.receive(.frame(1, .channelOpen), from: .client)
        #expect(session.takeToBroker() == .frame(1, .channelOpen))
    }

    @Test func aReopenWaitsForTheBrokersCloseOk() {
        let session = Session()
        session.openChannel()
        #expect(session.close(1, ChannelCloseRequest(code: 406, text: "x", towards: [.client])))
        #expect(session.takeToBroker() == ByteBuffer())
        let next = ByteBuffer.frame(1, .channelOpen) + .frame(1, .confirmSelect(ConfirmSelect())) + .publish(1, "y")
        session.receive(.frame(1, .channelCloseOk) + next + .frame(2, .channelOpen), from: .client)
        #expect(session.machine.isStalled(.client))
        #expect(
            session.takeToBroker()
                == .frame(1, .channelClose(ChannelClose(replyCode: .success, replyText: "opened again by the client"))))
        session.receive(.deliver(1, "t", 1) + .frame(1, .channelCloseOk), from: .broker)
        #expect(!session.machine.isStalled(.client))
        #expect(session.takeToBroker() == next + .frame(2, .channelOpen))
        #expect(session.machine.channelReports.first?.unconfirmed == 1)
    }

    @Test func aChannelClosedTowardsTheBrokerAloneIsAZombieInTheClient() {
        let session = Session()
        session.openChannel()
        #expect(session.close(1, ChannelCloseRequest(code: 200, text: "", towards: [.broker])))
        _ = session.takeToBroker()
        #expect(session.takeToClient() == ByteBuffer())
        session.receive(.frame(1, .channelCloseOk), from: .broker)
        session.receive(.publish(1, "into the void"), from: .client)
        #expect(session.takeToBroker() == ByteBuffer())
        // Until the client closes it: the proxy answers.
        session.receive(.frame(1, .channelClose(ChannelClose())), from: .client)
        #expect(session.takeToClient() == .frame(1, .channelCloseOk))
        #expect(session.machine.channelReports.isEmpty)
    }

    @Test func aCloseWaitsForTheMessageInMidFlight() {
        let session = Session()
        session.openChannel()
        let publish = ByteBuffer.publish(1, String(repeating: "m", count: 100))
        let half = publish.getSlice(at: 0, length: publish.readableBytes - 50) ?? ByteBuffer()
        let rest = publish.getSlice(at: publish.readableBytes - 50, length: 50) ?? ByteBuffer()
        session.receive(half, from: .client)
        _ = session.takeToBroker()
        #expect(session.close(1, ChannelCloseRequest(code: 406, text: "x")))
        #expect(session.takeToClient() == ByteBuffer())
        session.receive(rest, from: .client)
        let sent = session.takeToBroker()
        // The whole body frame, and the close behind it.
        let close = ByteBuffer.frame(1, .channelClose(ChannelClose(replyCode: .preconditionFailed, replyText: "x")))
        #expect(sent.readableBytes == 108 + close.readableBytes)
        #expect(sent.getSlice(at: 108, length: close.readableBytes) == close)
        #expect(session.takeToClient() == close)
    }

    @Test func aCloseWaitsForTheEndOfALargeFrameOfAnotherChannel() {
        let session = Session()
        session.openChannel()
        session.receive(.frame(2, .channelOpen), from: .client)
        session.receive(.frame(2, .channelOpenOk), from: .broker)
        let deliver = ByteBuffer.deliver(2, "t", 1, String(repeating: "m", count: 400_000))
        let half = deliver.getSlice(at: 0, length: 300_000) ?? ByteBuffer()
        let rest = deliver.getSlice(at: 300_000, length: deliver.readableBytes - 300_000) ?? ByteBuffer()
        session.receive(half, from: .broker)
        #expect(session.close(1, ChannelCloseRequest(code: 406, text: "x")))
        session.receive(rest, from: .broker)
        let close = ByteBuffer.frame(1, .channelClose(ChannelClose(replyCode: .preconditionFailed, replyText: "x")))
        #expect(session.takeToClient() == .frame(2, .channelOpenOk) + deliver + close)
    }

    @Test func whatIsNotThereIsNotClosed() {
        let session = Session()
        session.openChannel()
        #expect(!session.close(2, ChannelCloseRequest(code: 406, text: "x")))
        #expect(!session.close(1, ChannelCloseRequest(code: 406, text: "x", towards: [])))
        #expect(session.close(1, ChannelCloseRequest(code: 406, text: "x")))
        #expect(!session.close(1, ChannelCloseRequest(code: 406, text: "x")))
    }

    // MARK: Closing a connection

    @Test func aConnectionClosedInTheMiddleEndsWhenBothHaveAnswered() {
        let session = Session()
        session.openChannel()
        session.closeConnection(320, "maintenance")
        let close = ByteBuffer.frame(
            0, .connectionClose(ConnectionClose(replyCode: .connectionForced, replyText: "maintenance")))
        #expect(session.takeToClient() == close && session.takeToBroker() == close)
        session.receive(.publish(1, "late"), from: .client)
        session.receive(.frame(0, .connectionCloseOk), from: .broker)
        #expect(session.ends == [.broker])
        session.receive(.frame(0, .connectionClose(ConnectionClose())), from: .client)
        #expect(session.takeToClient() == .frame(0, .connectionCloseOk))
        #expect(session.takeToBroker() == ByteBuffer() && session.ends == [.broker, .client])
    }

    @Test(arguments: 1...30) func rubbishNeverHarmsTheProxy(seed: Int) {
        var random = SeededSupport.SeededRandom(seed: seed)
        let session = Session()
        session.openChannel()
        for _ in 0..<40 {
            var bytes = Bool.random(using: &random) ? Self.clientTalk(bodies: [3]) : Self.brokerTalk(bodies: [3])
            for _ in 0..<Int.random(in: 0...4, using: &random) where bytes.readableBytes > 0 {
                let place = Int.random(in: 0..<bytes.readableBytes, using: &random)
                bytes.setInteger(UInt8.random(in: .min ... .max, using: &random), at: place)
            }
            session.receive(bytes, from: Bool.random(using: &random) ? .client : .broker)
            _ = session.close(1, ChannelCloseRequest(code: 1, text: String(repeating: "ä", count: 200)))
        }
    }

    // MARK: A session under test

    private static func clientTalk(bodies: [Int]) -> ByteBuffer {
        var bytes =
            Session.header + Session.login + .frame(1, .channelOpen) + .frame(1, .confirmSelect(ConfirmSelect()))
        for size in bodies { bytes = bytes + .publish(1, String(repeating: "b", count: size)) }
        return bytes
    }

    private static func brokerTalk(bodies: [Int]) -> ByteBuffer {
        var bytes = ByteBuffer.frame(0, .connectionStart(ConnectionStart())) + .frame(1, .channelOpenOk)
        for (index, size) in bodies.enumerated() {
            bytes = bytes + .deliver(1, "t", UInt64(index + 1), String(repeating: "d", count: size))
        }
        return bytes
    }

    private static func read(_ bytes: inout ByteBuffer, _ limit: Int, _ random: inout SeededSupport.SeededRandom)
        -> ByteBuffer?
    {
        bytes.readableBytes == 0
            ? nil : bytes.readSlice(length: min(bytes.readableBytes, Int.random(in: 1...limit, using: &random)))
    }
}
