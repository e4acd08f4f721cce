import AMQPWire
import NIOCore
import Testing

@testable import RabbitMQClient

@Suite struct ChannelMachineTests {
    static let declare = MethodID.queueDeclare
    static let declareOk = MethodID.queueDeclareOk
    static let bind = MethodID.queueBind
    static let bindOk = MethodID.queueBindOk
    static let get = MethodID.basicGet
    static let cancel = MethodID.basicCancel
    static let cancelOk = MethodID.basicCancelOk
    static let notFound = CloseReason(
        initiator: .peer,
        scope: .channel,
        code: 404,
        text: "no queue",
        classID: 50,
        methodID: 10
    )
    static let goodbye = CloseReason(initiator: .local, scope: .channel, code: 200, text: "Goodbye")

    static func open() -> ChannelMachine {
        var machine = ChannelMachine()
        _ = machine.request(expected(0, MethodID.channelOpen))
        _ = machine.replyReceived(MethodID.channelOpenOk)
        return machine
    }

    static func expected(_ id: RequestID, _ method: MethodID, at: UInt64 = 100, tag: Name? = nil)
        -> ChannelMachine.Expected
    {
        ChannelMachine.Expected(id: id, method: method, deadline: .uptimeNanoseconds(at), consumerTag: tag)
    }

    @Test func opens() {
        var machine = ChannelMachine()
        #expect(machine.state == .opening)
        #expect(machine.request(Self.expected(1, MethodID.channelOpen)) == .send)
        #expect(machine.replyReceived(MethodID.channelOpenOk) == .complete(1))
        #expect(machine.isOpen)
    }

    @Test func answersComeInOrder() {
        var machine = Self.open()
        #expect(machine.request(Self.expected(1, Self.declare)) == .send)
        #expect(machine.request(Self.expected(2, Self.bind)) == .send)
        #expect(machine.replyReceived(Self.bindOk) == .unexpected)
        #expect(machine.replyReceived(Self.declareOk) == .complete(1))
        #expect(machine.replyReceived(Self.bindOk) == .complete(2))
        #expect(machine.replyReceived(Self.bindOk) == .unexpected)
    }

    @Test func oddlyNumberedAnswersFit() {
        let unbind = MethodID.exchangeUnbind
        #expect(ChannelMachine.isAnswer(MethodID.exchangeUnbindOk, to: unbind))
        #expect(!ChannelMachine.isAnswer(MethodID(classID: 40, methodID: 41), to: unbind))
        #expect(ChannelMachine.isAnswer(MethodID.basicGetOk, to: Self.get))
        #expect(ChannelMachine.isAnswer(MethodID.basicGetEmpty, to: Self.get))
        #expect(!ChannelMachine.isAnswer(MethodID(classID: 50, methodID: 71), to: Self.get))
    }

    @Test func consumersAnswersMayBeLateAndAreToldByTheirTag() {
        var machine = Self.open()
        _ = machine.request(Self.expected(1, Self.cancel, tag: "a"))
        _ = machine.request(Self.expected(2, Self.cancel, tag: "b"))
        _ = machine.request(Self.expected(3, Self.declare))
        #expect(machine.replyReceived(Self.declareOk) == .complete(3))
        #expect(machine.replyReceived(Self.cancelOk, consumerTag: "b") == .complete(2))
        #expect(machine.replyReceived(Self.cancelOk, consumerTag: "c") == .unexpected)
        #expect(machine.replyReceived(Self.cancelOk, consumerTag: "a") == .complete(1))
    }

    @Test func anAbandonedRequestKeepsItsPlace() {
        var machine = Self.open()
        _ = machine.request(Self.expected(1, Self.declare))
        _ = machine.request(Self.expected(2, Self.declare))
        #expect(machine.abandon(1) == true)
        #expect(machine.abandon(1) == false)
        guard case .discard(let dropped) = machine.replyReceived(Self.declareOk) else {
            Issue.record("not discarded")
            return
        }
        #expect(dropped.id == 1)
        #expect(machine.replyReceived(Self.declareOk) == .complete(2))
    }

    @Test func deadlinesAbandonToo() {
        var machine = Self.open()
        _ = machine.request(Self.expected(1, Self.declare, at: 100))
        _ = machine.request(Self.expected(2, Self.declare, at: 200))
        #expect(machine.timePassed(.uptimeNanoseconds(99)) == [])
        #expect(machine.timePassed(.uptimeNanoseconds(100)) == [1])
        #expect(machine.timePassed(.uptimeNanoseconds(150)) == [])
        #expect(machine.timePassed(.uptimeNanoseconds(300)) == [2])
    }

    @Test func aCloseNamesTheCauseAndTheLost() {
        var machine = Self.open()
        for id in 1...3 { _ = machine.request(Self.expected(RequestID(id), Self.declare)) }
        #expect(
            machine.closeReceived(Self.notFound)
                == .sendCloseOkAndFail(refused: 1, lost: [2, 3], Self.notFound)
        )
        #expect(machine.request(Self.expected(4, Self.declare)) == .refuse(Self.notFound))
        #expect(machine.replyReceived(Self.declareOk) == .ignore)
        #expect(machine.closeReceived(Self.notFound) == .none)
    }

    @Test func aCloseForSomethingElseBlamesNoRequest() {
        var machine = Self.open()
        _ = machine.request(Self.expected(1, Self.declare))
        let publish = CloseReason(
            initiator: .peer,
            scope: .channel,
            code: 404,
            text: "no exchange",
            classID: 60,
            methodID: 40
        )
        #expect(machine.closeReceived(publish) == .sendCloseOkAndFail(refused: nil, lost: [1], publish))
    }

    @Test func anAbandonedCauseIsNobodysButTheOthersAreLost() {
        var machine = Self.open()
        _ = machine.request(Self.expected(1, Self.declare))
        _ = machine.request(Self.expected(2, Self.declare))
        _ = machine.abandon(1)
        #expect(
            machine.closeReceived(Self.notFound) == .sendCloseOkAndFail(refused: nil, lost: [2], Self.notFound)
        )
    }

    @Test func aLocalCloseWaitsForItsAnswer() {
        var machine = Self.open()
        _ = machine.request(Self.expected(1, Self.declare))
        #expect(machine.closeRequested(Self.goodbye) == .sendCloseAndFail(lost: [1]))
        #expect(machine.closeRequested(Self.goodbye) == .none)
        #expect(machine.replyReceived(Self.declareOk) == .ignore)
        #expect(machine.closeReceived(Self.notFound) == .sendCloseOk)
        #expect(machine.closeOkReceived() == .becomeClosed(refused: nil, lost: [], Self.goodbye))
        #expect(machine.closeOkReceived() == .none)
    }

    @Test func aChannelWhoseOpenWasNotSentEndsWithoutAWordToTheBroker() {
        var machine = ChannelMachine()
        #expect(!machine.isKnownToBroker)
        #expect(machine.closeRequested(Self.goodbye) == .becomeClosed(refused: nil, lost: [], Self.goodbye))
        #expect(machine.canRequest() == .refuse(Self.goodbye))
        #expect(machine.closeRequested(Self.goodbye) == .none)
    }

    @Test func aChannelWhoseOpenHasNoAnswerIsClosedAllTheSame() {
        var machine = ChannelMachine()
        _ = machine.request(Self.expected(1, MethodID.channelOpen))
        #expect(machine.timePassed(.uptimeNanoseconds(100)) == [1])
        #expect(machine.closeRequested(Self.goodbye) == .sendCloseAndFail(lost: []))
        // The late answer is not heard; the number is free with the close's.
        #expect(machine.replyReceived(MethodID.channelOpenOk) == .ignore)
        #expect(machine.closeOkReceived() == .becomeClosed(refused: nil, lost: [], Self.goodbye))
    }

    @Test func theConnectionTakesItsChannelsAlong() {
        var machine = Self.open()
        _ = machine.request(Self.expected(1, Self.declare))
        let reason = CloseReason(initiator: .transport, scope: .connection, code: 0, text: "reset")
        #expect(machine.connectionClosed(reason) == .becomeClosed(refused: nil, lost: [1], reason))
        #expect(machine.connectionClosed(reason) == .none)
    }
}

@Suite struct ContentAssemblerTests {
    static let deliver = Method.basicDeliver(BasicDeliver(consumerTag: "c", deliveryTag: 1))

    @Test func oneBodyFrameIsHandedOnAsItIs() {
        var assembler = ContentAssembler()
        let body = ByteBuffer(string: "hello")
        #expect(assembler.methodReceived(Self.deliver) == .wait)
        #expect(!assembler.isIdle)
        #expect(assembler.headerReceived(ContentHeader(bodySize: 5)) == .wait)
        #expect(
            assembler.bodyReceived(body)
                == .complete(Content(method: Self.deliver, properties: BasicProperties(), body: body))
        )
        #expect(assembler.isIdle)
    }

    @Test func anEmptyBodyNeedsNoFrame() {
        var assembler = ContentAssembler()
        _ = assembler.methodReceived(Self.deliver)
        #expect(
            assembler.headerReceived(ContentHeader(bodySize: 0))
                == .complete(Content(method: Self.deliver, properties: BasicProperties(), body: ByteBuffer()))
        )
    }

    @Test func severalBodyFramesAreJoined() {
        var assembler = ContentAssembler()
        _ = assembler.methodReceived(Self.deliver)
        _ = assembler.headerReceived(ContentHeader(bodySize: 6))
        #expect(assembler.bodyReceived(ByteBuffer(string: "abc")) == .wait)
        #expect(assembler.bodyReceived(ByteBuffer(string: "de")) == .wait)
        #expect(
            assembler.bodyReceived(ByteBuffer(string: "f"))
                == .complete(
                    Content(method: Self.deliver, properties: BasicProperties(), body: ByteBuffer(string: "abcdef"))
                )
        )
    }

    @Test func framesOutOfOrderAreUnexpected() {
        var assembler = ContentAssembler()
        #expect(assembler.headerReceived(ContentHeader(bodySize: 0)) == .unexpected)
        #expect(assembler.bodyReceived(ByteBuffer(string: "x")) == .unexpected)
        _ = assembler.methodReceived(Self.deliver)
        #expect(assembler.methodReceived(Self.deliver) == .unexpected)
        #expect(assembler.bodyReceived(ByteBuffer(string: "x")) == .unexpected)
        _ = assembler.headerReceived(ContentHeader(bodySize: 2))
        #expect(assembler.headerReceived(ContentHeader(bodySize: 2)) == .unexpected)
        #expect(assembler.bodyReceived(ByteBuffer(string: "xyz")) == .unexpected)
    }

    @Test func anAbsurdSizeReservesNothing() {
        var assembler = ContentAssembler()
        _ = assembler.methodReceived(Self.deliver)
        #expect(assembler.headerReceived(ContentHeader(bodySize: UInt64(Int32.max))) == .wait)
        #expect(assembler.bodyReceived(ByteBuffer(string: "x")) == .wait)
        var more = ContentAssembler()
        _ = more.methodReceived(Self.deliver)
        #expect(more.headerReceived(ContentHeader(bodySize: UInt64(Int32.max) + 1)) == .tooLarge(1 << 31))
        #expect(more.isIdle)
    }
}
