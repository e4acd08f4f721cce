import AMQPWire
import Faults
import NIOCore
import Names
import SeededSupport
import Testing

@testable import AMQPProxy

/// Closes are put into traffic at any moment, between two peers that forgive nothing.
@Suite struct ClosingTests {
    /// A client, the machine and a broker, and what is on its way between them.
    private struct Talk {
        let session = Session()
        var client = StrictPeer(.client)
        var broker = StrictPeer(.broker)
        var random: SeededSupport.SeededRandom
        var deliveryTags: [UInt16: UInt64] = [:]
        var faults = 0
        /// Takes its own close for the end, and answers no other that crosses it.
        var isHasty = false
        let numbers: [UInt16] = [1, 2, 3]

        init(seed: Int, isHasty: Bool = false) {
            self.isHasty = isHasty
            client.answersWhileClosing = !isHasty
            random = SeededSupport.SeededRandom(seed: seed)
            session.open()
        }

        mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &random) < percent }
        mutating func someNumber() -> UInt16 { numbers.randomElement(using: &random) ?? 1 }

        // MARK: What is on its way

        /// A part of what one end sent comes to the machine, or of what the machine let out to an end.
        mutating func move(_ side: Side, all: Bool = false) {
            let available = side == .client ? client.sent.readableBytes : broker.sent.readableBytes
            let count = part(of: available, all)
            let bytes = side == .client ? client.sent.readSlice(length: count) : broker.sent.readSlice(length: count)
            if let bytes, count > 0 { session.receive(bytes, from: side) }
        }

        mutating func arrive(_ side: Side, all: Bool = false) {
            let available = side == .client ? session.toClient.readableBytes : session.toBroker.readableBytes
            let count = part(of: available, all)
            guard count > 0 else { return }
            if side == .client {
                if let bytes = session.toClient.readSlice(length: count) { client.receive(bytes) }
            } else if let bytes = session.toBroker.readSlice(length: count) {
                broker.receive(bytes)
            }
        }

        private mutating func part(of available: Int, _ all: Bool) -> Int {
            all ? available : Int.random(in: 0...available, using: &random)
        }

        // MARK: What the ends do

        mutating func clientActs() {
            guard !client.isClosing, !client.isClosed else { return }
            let number = someNumber()
            switch client.state(number) {
            case nil: client.open(number)
            case .open where chance(8): client.close(number)
            case .open where chance(30):
                let tag: Name = "c\(Int.random(in: 0..<3, using: &random))"
                if !client.hasConsumer(tag, on: number) { client.consume(tag, on: number) }
            case .open:
                let size = Int.random(in: 0..<60, using: &random)
                client.sent.writeImmutableBuffer(.publish(number, String(repeating: "p", count: size)))
            case .opening, .closing: break
            }
        }

        mutating func brokerActs() {
            guard !broker.isClosing, !broker.isClosed else { return }
            let number = someNumber()
            guard broker.state(number) == .open else { return }
            if chance(5), !isHasty { return broker.close(number, code: .preconditionFailed) }
            let tag: Name = "c\(Int.random(in: 0..<3, using: &random))"
            guard broker.hasConsumer(tag, on: number) else { return }
            deliveryTags[number, default: 0] += 1
            let size = Int.random(in: 0..<60, using: &random)
            broker.sent.writeImmutableBuffer(
                .deliver(number, tag, deliveryTags[number] ?? 1, String(repeating: "d", count: size)))
        }

        mutating func faultActs(_ kind: String) {
            let number = someNumber()
            switch kind {
            case "both": if session.close(number, ChannelCloseRequest(code: 406, text: "fault")) { faults += 1 }
            case "client":
                if session.close(number, ChannelCloseRequest(code: 406, text: "fault", towards: [.client])) {
                    faults += 1
                }
            case "broker":
                if session.close(number, ChannelCloseRequest(code: 406, text: "fault", towards: [.broker])) {
                    faults += 1
                }
            case "cancel":
                session.step { machine, output in
                    faults +=
                        machine.cancelConsumers(of: number, FaultAim(FaultSelector()), towardsBroker: true).count
                    machine.release(now: session.now, &output)
                }
            case "connection":
                session.closeConnection(320, "fault")
                faults += 1
            default: break
            }
        }

        mutating func step(_ kind: String, rate: Int) {
            switch Int.random(in: 0..<8, using: &random) {
            case 0: clientActs()
            case 1: brokerActs()
            case 2: move(.client)
            case 3: move(.broker)
            case 4: arrive(.client)
            case 5: arrive(.broker)
            default: if chance(rate) { faultActs(kind) }
            }
        }

        /// Nobody does anything any more, and all that was said arrives.
        mutating func settle() {
            for _ in 0..<12 {
                for side in Side.allCases {
                    move(side, all: true)
                    arrive(side, all: true)
                }
            }
        }
    }

    @Test(arguments: ["both", "client", "cancel"])
    func bothSidesGetTheWholeClosingHandshake(kind: String) {
        var faults = 0
        for seed in 1...60 {
            var talk = Talk(seed: seed)
            for _ in 0..<400 { talk.step(kind, rate: 20) }
            talk.settle()
            faults += talk.faults
            let violations = talk.client.violations + talk.broker.violations
            #expect(violations.isEmpty, "seed \(seed): \(violations.prefix(3))")
            #expect(talk.client.channels.values.allSatisfy { $0 == .open }, "seed \(seed)")
            #expect(talk.broker.channels.values.allSatisfy { $0 == .open }, "seed \(seed)")
            if kind != "client" {
                #expect(Set(talk.client.channels.keys) == Set(talk.broker.channels.keys), "seed \(seed)")
            }
            #expect(!talk.session.machine.isStalled(.client) && !talk.session.machine.isStalled(.broker))
            guard violations.isEmpty else { return }
        }
        #expect(faults > 80)
    }

    @Test(arguments: ["both", "client"])
    func aClientThatAnswersNoCloseThatCrossesItsOwnGoesOn(kind: String) {
        for seed in 1...60 {
            var talk = Talk(seed: seed, isHasty: true)
            for _ in 0..<400 { talk.step(kind, rate: 20) }
            talk.settle()
            let violations = talk.client.violations + talk.broker.violations
            #expect(violations.isEmpty, "seed \(seed): \(violations.prefix(3))")
            #expect(talk.client.channels.values.allSatisfy { $0 == .open }, "seed \(seed)")
            #expect(talk.broker.channels.values.allSatisfy { $0 == .open }, "seed \(seed)")
            #expect(!talk.session.machine.isStalled(.client) && !talk.session.machine.isStalled(.broker))
            guard violations.isEmpty else { return }
        }
    }

    /// It closed the channel as the proxy did, got its close-ok, and uses the number again.
    @Test func aChannelThatIsOpenedInTheMidstOfTheProxysCloseIsOpenForBoth() {
        let session = Session()
        session.openChannel()
        #expect(session.close(1, ChannelCloseRequest(code: 406, text: "fault")))
        _ = (session.takeToClient(), session.takeToBroker())
        session.receive(.frame(1, .channelClose(ChannelClose())), from: .client)
        #expect(session.takeToClient() == .frame(1, .channelCloseOk))
        session.receive(.frame(1, .channelOpen), from: .client)
        #expect(session.takeToBroker() == ByteBuffer())
        session.receive(.frame(1, .channelCloseOk), from: .broker)
        #expect(session.takeToBroker() == .frame(1, .channelOpen))
        session.receive(.frame(1, .channelOpenOk), from: .broker)
        #expect(session.takeToClient() == .frame(1, .channelOpenOk))
        #expect(session.machine.channelReports.map(\.state) == [.open])
        // An answer that comes late is for the proxy, and one to the broker for the broker.
        session.receive(.frame(1, .channelCloseOk), from: .client)
        #expect(session.takeToBroker() == ByteBuffer())
        #expect(session.machine.channelReports.map(\.state) == [.open])
        session.receive(.frame(1, .channelClose(ChannelClose(replyCode: .notFound))), from: .broker)
        session.receive(.frame(1, .channelCloseOk), from: .client)
        #expect(session.takeToBroker() == .frame(1, .channelCloseOk))
        #expect(session.machine.channelReports.isEmpty)
    }

    /// A client that does not wait for close-ok.
    @Test func aChannelThatIsOpenedBehindItsCloseIsFollowed() {
        let session = Session()
        session.openChannel()
        session.receive(.frame(1, .channelClose(ChannelClose())) + .frame(1, .channelOpen), from: .client)
        #expect(session.takeToBroker() == .frame(1, .channelClose(ChannelClose())))
        #expect(!session.close(1, ChannelCloseRequest(code: 406, text: "fault")))
        session.receive(.deliver(1, "t", 1) + .frame(1, .channelCloseOk), from: .broker)
        #expect(session.takeToClient() == .deliver(1, "t", 1) + .frame(1, .channelCloseOk))
        #expect(session.takeToBroker() == .frame(1, .channelOpen))
        session.receive(.frame(1, .channelOpenOk), from: .broker)
        #expect(session.machine.channelReports.map(\.state) == [.open])
        #expect(session.machine.channelReports.first?.unacked == 0)
        #expect(session.close(1, ChannelCloseRequest(code: 406, text: "fault")))
    }

    @Test(arguments: ["proxy", "broker"]) func aConnectionThatEndsDoesNotWaitForAChannel(who: String) {
        let session = Session()
        session.openChannel()
        #expect(session.close(1, ChannelCloseRequest(code: 406, text: "fault")))
        session.receive(.frame(1, .channelCloseOk) + .frame(1, .channelOpen), from: .client)
        #expect(session.machine.isStalled(.client))
        _ = (session.takeToClient(), session.takeToBroker())
        if who == "proxy" {
            session.receive(.frame(0, .connectionClose(ConnectionClose())), from: .client)
            session.closeConnection(320, "fault")
            #expect(session.ends == [.client])
        } else {
            session.receive(.frame(0, .connectionClose(ConnectionClose(replyCode: .connectionForced))), from: .broker)
            session.receive(.frame(0, .connectionCloseOk), from: .client)
            #expect(session.takeToBroker() == .frame(0, .connectionCloseOk))
        }
    }

    @Test func aChannelClosedTowardsTheBrokerAloneStaysOpenInTheClientUntilItClosesIt() {
        for seed in 1...40 {
            var talk = Talk(seed: seed)
            for _ in 0..<400 { talk.step("broker", rate: 10) }
            talk.settle()
            #expect(talk.broker.violations.isEmpty, "seed \(seed): \(talk.broker.violations.prefix(3))")
            for number in talk.numbers where talk.client.state(number) == .open { talk.client.close(number) }
            talk.settle()
            #expect(talk.client.channels.isEmpty && talk.broker.channels.isEmpty, "seed \(seed)")
        }
    }

    @Test func aConnectionClosedUnderTrafficEndsInOrderForBoth() {
        for seed in 1...40 {
            var talk = Talk(seed: seed)
            for _ in 0..<200 { talk.step("none", rate: 0) }
            // Some have said so themselves a moment before.
            if talk.chance(30) { talk.client.closeConnection() }
            if talk.chance(50) { talk.move(.client) }
            talk.faultActs("connection")
            for _ in 0..<20 { talk.step("none", rate: 0) }
            talk.settle()
            #expect(talk.client.isClosed, "seed \(seed)")
            #expect(talk.broker.isClosed, "seed \(seed)")
            let violations = talk.client.violations + talk.broker.violations
            #expect(violations.isEmpty, "seed \(seed): \(violations.prefix(3))")
        }
    }

    @Test func whatTheBrokerSentToACancelledConsumerGoesBackToIt() throws {
        let session = Session()
        session.openChannel()
        session.receive(.frame(1, .basicConsume(BasicConsume(queue: "q", consumerTag: "t"))), from: .client)
        session.receive(.frame(1, .basicConsumeOk(BasicConsumeOk(consumerTag: "t"))), from: .broker)
        session.receive(.deliver(1, "t", 1), from: .broker)
        session.step { machine, output in
            let cut = machine.cancelConsumers(of: 1, FaultAim(FaultSelector()), towardsBroker: true)
            #expect(cut.map(\.tag) == ["t"])
            machine.release(now: session.now, &output)
        }
        _ = (session.takeToClient(), session.takeToBroker())
        session.receive(.deliver(1, "t", 2, "late"), from: .broker)
        #expect(session.takeToClient() == ByteBuffer())
        #expect(
            session.takeToBroker() == .frame(1, .basicReject(BasicReject(deliveryTag: 2, requeue: true))))
        #expect(session.machine.channelReports.first?.unacked == 1)
        // The same tag used again is another consumer.
        session.receive(.frame(1, .basicConsume(BasicConsume(queue: "q", consumerTag: "t"))), from: .client)
        session.receive(.frame(1, .basicConsumeOk(BasicConsumeOk(consumerTag: "t"))), from: .broker)
        _ = (session.takeToClient(), session.takeToBroker())
        session.receive(.deliver(1, "t", 3, "new"), from: .broker)
        #expect(session.takeToClient() == .deliver(1, "t", 3, "new"))
    }

    @Test func nothingIsPutBehindAConnectionsClose() {
        let session = Session()
        session.openChannel()
        session.receive(.frame(0, .connectionClose(ConnectionClose())), from: .client)
        _ = session.takeToBroker()
        #expect(!session.close(1, ChannelCloseRequest(code: 406, text: "late")))
        session.closeConnection(320, "late")
        #expect(session.takeToClient() == ByteBuffer() && session.takeToBroker() == ByteBuffer())
        session.receive(.frame(0, .connectionCloseOk), from: .broker)
        #expect(session.takeToClient() == .frame(0, .connectionCloseOk))
    }

    /// Both closed the channel at once: it lives in the proxy until both have answered.
    @Test func closesThatCrossAreBothAnswered() {
        let session = Session()
        session.openChannel()
        session.receive(.frame(1, .channelClose(ChannelClose())), from: .client)
        session.receive(.frame(1, .channelClose(ChannelClose(replyCode: .notFound))), from: .broker)
        session.receive(.frame(1, .channelCloseOk), from: .client)
        #expect(session.machine.channelReports.map(\.state) == [.closing])
        session.receive(.frame(1, .channelCloseOk), from: .broker)
        #expect(session.machine.channelReports.isEmpty)
        session.receive(.frame(1, .channelOpen), from: .client)
        #expect(session.machine.channelReports.map(\.state) == [.open])
    }
}
