import AMQPWire
import Faults
import NIOCore
import Names
import Testing

@testable import AMQPProxy

/// What a client says before and after its login is kept up to a limit.
@Suite struct SessionLimitsTests {
    private static func login(name: Int) -> ByteBuffer {
        .frame(
            0,
            .connectionStartOk(
                ConnectionStartOk(
                    clientProperties: ["connection_name": .string(String(repeating: "n", count: name))],
                    mechanism: "PLAIN", response: [0] + Array("guest".utf8) + [0] + Array("guest".utf8))))
    }

    @Test func aLongNameIsCutWithAMark() {
        let session = Session()
        session.receive(Session.header, from: .client)
        session.receive(Self.login(name: 10_000), from: .client)
        #expect(session.machine.identity.clientName?.count ?? 0 < 600)
        #expect(session.machine.identity.clientName?.text.hasSuffix("bytes more)") == true)
        #expect(session.takeToBroker() == Session.header + Self.login(name: 10_000))
    }

    /// The broker refuses such a frame; the proxy neither keeps nor reads it.
    @Test func aFrameThatIsTooLargeBeforeTheLoginPassesUnread() {
        let session = Session()
        session.receive(Session.header, from: .client)
        var login = Self.login(name: 250_000)
        let whole = login
        var kept = 0
        while let bytes = login.readSlice(length: min(4_096, login.readableBytes)), bytes.readableBytes > 0 {
            session.receive(bytes, from: .client)
            kept = max(kept, whole.readableBytes - login.readableBytes + 8 - session.toBroker.readableBytes)
        }
        #expect(kept < 20_000)
        #expect(session.machine.identity.clientName == nil)
        #expect(session.takeToBroker() == Session.header + whole)
        #expect(session.machine.state == .opening)
    }

    @Test func onceTheLoginIsAnsweredLargerFramesAreRead() throws {
        let session = Session()
        session.openChannel()
        let table = FieldTable([.init(key: "x", value: .string(String(repeating: "a", count: 100_000)))])
        session.receive(
            .frame(1, .basicConsume(BasicConsume(queue: "q", consumerTag: "t", arguments: table))), from: .client)
        #expect(session.machine.channelReports.first?.consumers == ["t": "q"])
    }

    @Test func channelsAndConsumersAreFollowedUpToALimit() throws {
        let early = Session()
        early.receive(Session.header, from: .client)
        for number: UInt16 in 1...2_000 { early.receive(.frame(number, .channelOpen), from: .client) }
        #expect(early.machine.channels.count == 64)

        let session = Session()
        session.openChannel()
        for number: UInt16 in 2...200 { session.receive(.frame(number, .channelOpen), from: .client) }
        #expect(session.machine.channels.count == 100, "the channel_max that was agreed on")
        for number in 0..<5_000 {
            session.receive(
                .frame(1, .basicConsume(BasicConsume(queue: "q", consumerTag: "t\(number)"))), from: .client)
        }
        #expect(session.machine.channelReports.first?.consumers.count == 1_000)
    }

    // MARK: What faults keep

    private func unheld(_ session: Session) -> Int {
        session.events.count { if case .passedUnheld = $0 { true } else { false } }
    }

    @Test(arguments: ["delay", "duplicate"], [20_000, 300_000, 600_000])
    func aDeliveryThatIsTooLargeToBeKeptPasses(fault: String, size: Int) throws {
        let session = try Session.faulty(fault, ["what": "deliveries"])
        session.machine.heldBytesLimit = 10_000
        let large = ByteBuffer.deliver(1, "t", 1, String(repeating: "a", count: size))
        var rest = large
        while let piece = rest.readSlice(length: min(rest.readableBytes, 70_001)), piece.readableBytes > 0 {
            session.receive(piece, from: .broker)
        }
        session.receive(large, from: .broker)
        #expect(session.takeToClient() == large + large)
        #expect(unheld(session) == 1)
        #expect(session.machine.heldBytes == 0)
        // What has room is kept as ever.
        session.receive(.deliver(1, "t", 3), from: .broker)
        session.step { machine, output in machine.release(now: .distantFuture, &output) }
        let small = ByteBuffer.deliver(1, "t", 3)
        #expect(session.takeToClient() == (fault == "delay" ? small : small + small))
        #expect(session.machine.heldBytes == 0)
    }

    /// Each of two has room for itself; the second passes from the frame on for which there is none.
    @Test func deliveriesInMidFlightAreCounted() throws {
        let session = try Session.faulty("delay", ["what": "deliveries", "delay_ms": 50])
        session.receive(.frame(2, .channelOpen), from: .client)
        _ = session.takeToBroker()
        session.machine.heldBytesLimit = 10_000
        var (one, two) = (
            ByteBuffer.deliver(1, "t", 1, String(repeating: "a", count: 6_000)),
            ByteBuffer.deliver(2, "t", 1, String(repeating: "b", count: 6_000))
        )
        let (first, second) = (one, two)
        for size in [first.readableBytes - 6_008, 6_008] {
            if let bytes = one.readSlice(length: size) { session.receive(bytes, from: .broker) }
            if let bytes = two.readSlice(length: size) { session.receive(bytes, from: .broker) }
            #expect(session.machine.heldBytes <= 10_000)
        }
        #expect(session.takeToClient() == second)
        session.step { machine, output in machine.release(now: .distantFuture, &output) }
        #expect(session.takeToClient() == first)
    }

    @Test func acksBeyondTheRoomAreNotDelayed() throws {
        let session = try Session.faulty("delay", ["what": "acks", "delay_ms": 50])
        session.machine.heldBytesLimit = 10_000
        for tag: UInt64 in 1...1_000 {
            session.receive(.frame(1, .basicAck(BasicAck(deliveryTag: tag))), from: .client)
        }
        let ack = ByteBuffer.frame(1, .basicAck(BasicAck(deliveryTag: 1))).readableBytes
        let passed = session.takeToBroker().readableBytes / ack
        #expect(passed > 900 && passed < 1_000)
        #expect(session.machine.heldBytes <= 10_000 && unheld(session) == 1)
        session.step { machine, output in machine.release(now: .distantFuture, &output) }
        #expect(session.takeToBroker().readableBytes / ack == 1_000 - passed)
        #expect(session.machine.heldBytes == 0)
    }

    /// A small frame does not keep the memory of all that came with it.
    @Test func whatIsKeptIsCopied() throws {
        let session = try Session.faulty("delay", ["what": "acks", "delay_ms": 50])
        var bytes = ByteBuffer()
        for _ in 0..<60 { bytes.writeImmutableBuffer(.publish(1, String(repeating: "x", count: 1_000))) }
        session.receive(bytes + .frame(1, .basicAck(BasicAck(deliveryTag: 1))), from: .client)
        #expect(session.machine.held.count == 1)
        #expect(session.machine.held.first?.bytes.storageCapacity ?? .max < 1_000)
    }

    /// A client that never ends a message keeps what is due from going out; the room is its limit, too.
    @Test func whatWaitsForTheEndOfAMessageIsBounded() throws {
        let session = try Session.faulty("delay", ["what": "acks", "delay_ms": 50])
        session.machine.heldBytesLimit = 10_000
        let ack = ByteBuffer.frame(1, .basicAck(BasicAck(deliveryTag: 1)))
        session.receive(ack, from: .client)
        session.receive(.frame(1, .basicPublish(BasicPublish(exchange: "", routingKey: "q"))), from: .client)
        session.now = session.now + .milliseconds(60)
        for _ in 0..<1_000 { session.receive(ack, from: .client) }
        #expect(session.machine.heldBytes <= 10_000)
    }

    @Test func publishesSentNowhereAreCounted() throws {
        let session = try Session.faulty("return-message")
        session.machine.heldBytesLimit = 10_000
        let publish = Method.basicPublish(BasicPublish(exchange: "orders", routingKey: "eu"))
        for _ in 0..<200 { session.receive(.content(1, publish, "x"), from: .client) }
        #expect(session.machine.heldBytes <= 10_000)
        #expect(session.machine.channels[1]?.sentNowhere.count ?? 0 > 20)
        session.machine.channels[1] = nil
        #expect(session.machine.heldBytes == 0)
    }

    @Test func sessionsShareOneLimit() throws {
        let shared = Session.Shared()
        shared.counters.heldBytesLimit = 12_000
        let sessions = try (0..<3).map { _ in
            let session = Session(sharing: shared)
            session.openChannel()
            try session.put("delay", ["what": "acks", "delay_ms": 50])
            session.machine.heldBytesLimit = 10_000
            for _ in 0..<200 { session.receive(.frame(1, .basicAck(BasicAck(deliveryTag: 1))), from: .client) }
            return session
        }
        #expect(sessions.map { $0.machine.heldBytes }.reduce(0, +) == shared.counters.heldBytes)
        #expect(shared.counters.heldBytes <= 12_000 && shared.counters.heldBytes > 11_000)
        sessions[0].step { machine, _ in machine.dropHeld() }
        #expect(shared.counters.heldBytes < 3_000 && sessions[0].machine.heldBytes == 0)
    }

    // MARK: What is told of a session

    @Test func channelsAndConsumersAreToldInParts() throws {
        let session = Session()
        session.open()
        for number: UInt16 in 1...20 {
            session.receive(.frame(number, .channelOpen), from: .client)
            for tag in 0..<400 {
                session.receive(
                    .frame(number, .basicConsume(BasicConsume(queue: "q", consumerTag: "t\(tag)"))), from: .client)
            }
        }
        var told: [UInt16] = []
        var parts = 0
        while told.count < 20, parts < 20 {
            var budget = ReportBudget.ofAnswer
            let channels = session.machine.channelReports(after: told.last ?? 0, &budget)
            #expect(channels.reduce(0) { $0 + $1.consumers.count } < 6_000)
            told += channels.map(\.id)
            parts += 1
            let report = SessionReport(
                id: 7, since: 0, peer: "", identity: SessionIdentity(), state: .open, bytesFromClient: 0,
                bytesFromBroker: 0, framesFromClient: 0, framesFromBroker: 0, channels: channels,
                channelsLeftOut: 20 - told.count)
            #expect(ControlSession(report).next == (told.count == 20 ? nil : "/sessions/7?after=\(told.count)"))
        }
        #expect(told == Array(1...20) && parts == 2)
        #expect(session.machine.channelReports.count == 20)
    }

    @Test func whoMeetsTheProxyAloneSendsNoLargeFrameEither() {
        var offlineResponder = OfflineResponder(text: "away")
        #expect(offlineResponder.received(Session.header)?.ends == false)
        #expect(offlineResponder.received(Self.login(name: 250_000))?.ends == true)
    }
}
