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
        machine.requested(expected(0, MethodID.channelOpen))
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
        #expect(machine.canRequest() == .send)
        machine.requested(Self.expected(1, MethodID.channelOpen))
        #expect(machine.replyReceived(MethodID.channelOpenOk) == .complete(1))
        #expect(machine.isOpen)
    }

    @Test func answersComeInOrder() {
        var machine = Self.open()
        #expect(machine.canRequest() == .send)
        machine.requested(Self.expected(1, Self.declare))
        #expect(machine.canRequest() == .send)
        machine.requested(Self.expected(2, Self.bind))
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
        machine.requested(Self.expected(1, Self.cancel, tag: "a"))
        machine.requested(Self.expected(2, Self.cancel, tag: "b"))
        machine.requested(Self.expected(3, Self.declare))
        #expect(machine.replyReceived(Self.declareOk) == .complete(3))
        #expect(machine.replyReceived(Self.cancelOk, consumerTag: "b") == .complete(2))
        #expect(machine.replyReceived(Self.cancelOk, consumerTag: "c") == .unexpected)
        #expect(machine.replyReceived(Self.cancelOk, consumerTag: "a") == .complete(1))
    }

    @Test func anAbandonedRequestKeepsItsPlace() {
        var machine = Self.open()
        machine.requested(Self.expected(1, Self.declare))
        machine.requested(Self.expected(2, Self.declare))
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
        machine.requested(Self.expected(1, Self.declare, at: 100))
        machine.requested(Self.expected(2, Self.declare, at: 200))
        #expect(machine.timePassed(.uptimeNanoseconds(99)) == [])
        #expect(machine.timePassed(.uptimeNanoseconds(100)).map(\.id) == [1])
        #expect(machine.timePassed(.uptimeNanoseconds(150)) == [])
        #expect(machine.timePassed(.uptimeNanoseconds(300)).map(\.id) == [2])
    }

    @Test func aCloseNamesTheCauseAndTheLost() {
        var machine = Self.open()
        for id in 1...3 { machine.requested(Self.expected(RequestID(id), Self.declare)) }
        #expect(
            machine.closeReceived(Self.notFound)
                == .sendCloseOkAndFail(.init(refused: 1, lost: [2, 3]), Self.notFound)
        )
        #expect(machine.canRequest() == .refuse(Self.notFound))
        #expect(machine.replyReceived(Self.declareOk) == .ignore)
        #expect(machine.closeReceived(Self.notFound) == .none)
    }

    @Test func aCloseForSomethingElseBlamesNoRequest() {
        var machine = Self.open()
        machine.requested(Self.expected(1, Self.declare))
        let publish = CloseReason(
            initiator: .peer,
            scope: .channel,
            code: 404,
            text: "no exchange",
            classID: 60,
            methodID: 40
        )
        #expect(machine.closeReceived(publish) == .sendCloseOkAndFail(.init(lost: [1]), publish))
    }

    @Test func anAbandonedCauseIsNobodysButTheOthersAreLost() {
        var machine = Self.open()
        machine.requested(Self.expected(1, Self.declare))
        machine.requested(Self.expected(2, Self.declare))
        _ = machine.abandon(1)
        #expect(
            machine.closeReceived(Self.notFound) == .sendCloseOkAndFail(.init(lost: [2]), Self.notFound)
        )
    }

    @Test func aLocalCloseWaitsForItsAnswer() {
        var machine = Self.open()
        machine.requested(Self.expected(1, Self.declare))
        #expect(machine.closeRequested(Self.goodbye) == .sendCloseAndFail(.init(lost: [1]), Self.goodbye))
        #expect(machine.closeRequested(Self.goodbye) == .none)
        #expect(machine.replyReceived(Self.declareOk) == .ignore)
        #expect(machine.closeReceived(Self.notFound) == .sendCloseOk)
        #expect(machine.closeOkReceived() == .becomeClosed(.init(), Self.goodbye))
        #expect(machine.closeOkReceived() == .none)
    }

    @Test func aChannelWhoseOpenWasNotSentEndsWithoutAWordToTheBroker() {
        var machine = ChannelMachine()
        #expect(machine.closeRequested(Self.goodbye) == .discard(Self.goodbye))
        #expect(machine.canRequest() == .refuse(Self.goodbye))
        #expect(machine.closeRequested(Self.goodbye) == .none)
    }

    @Test func aChannelWhoseOpenHasNoAnswerIsClosedAllTheSame() {
        var machine = ChannelMachine()
        machine.requested(Self.expected(1, MethodID.channelOpen))
        #expect(machine.timePassed(.uptimeNanoseconds(100)).map(\.id) == [1])
        #expect(machine.closeRequested(Self.goodbye) == .sendCloseAndFail(.init(), Self.goodbye))
        // The late answer is not heard; the number is free with the close's.
        #expect(machine.replyReceived(MethodID.channelOpenOk) == .ignore)
        #expect(machine.closeOkReceived() == .becomeClosed(.init(), Self.goodbye))
    }

    @Test func theConnectionTakesItsChannelsAlong() {
        var machine = Self.open()
        machine.requested(Self.expected(1, Self.declare))
        #expect(machine.connectionClosed(Self.reset) == .becomeClosed(.init(lost: [1]), Self.reset))
        #expect(machine.connectionClosed(Self.reset) == .none)
    }

    // MARK: A connection that is lost and recovers

    static let reset = CloseReason(initiator: .transport, scope: .connection, code: 0, text: "reset")

    static func restoring() -> ChannelMachine {
        var machine = open()
        _ = machine.connectionLost(reset)
        _ = machine.restoringBegan()
        machine.requested(expected(1, MethodID.channelOpen))
        return machine
    }

    @Test func aLostConnectionSuspendsAChannelUntilItIsRestored() {
        var machine = Self.open()
        machine.requested(Self.expected(1, Self.declare))
        #expect(machine.connectionLost(Self.reset) == .suspend(.init(lost: [1]), Self.reset))
        #expect(machine.state == .suspended(Self.reset))
        #expect(machine.closeReason == nil && machine.isSuspended && !machine.isReceiving)
        // The application waits, and recovery has nothing to send on yet.
        #expect(machine.canRequest() == .wait)
        #expect(machine.canRequest(isRestoring: true) == .refuse(Self.reset))
        #expect(machine.replyReceived(Self.declareOk) == .ignore)

        #expect(machine.restoringBegan() == true)
        #expect(machine.state == .restoring(isOpen: false))
        #expect(machine.canRequest() == .wait)
        #expect(machine.canRequest(isRestoring: true) == .send)
        machine.requested(Self.expected(2, MethodID.channelOpen))
        #expect(machine.replyReceived(MethodID.channelOpenOk) == .complete(2))
        #expect(machine.state == .restoring(isOpen: true))
        #expect(machine.isReceiving && machine.isSuspended && machine.isOpen)

        #expect(machine.restoringEnded() == .none)
        #expect(machine.state == .open)
        #expect(machine.canRequest() == .send)
    }

    @Test func aChannelBeingOpenedOrClosedEndsWithALostConnection() {
        var opening = ChannelMachine()
        opening.requested(Self.expected(1, MethodID.channelOpen))
        #expect(opening.connectionLost(Self.reset) == .becomeClosed(.init(lost: [1]), Self.reset))
        var closing = Self.open()
        _ = closing.closeRequested(Self.goodbye)
        #expect(closing.connectionLost(Self.reset) == .becomeClosed(.init(), Self.goodbye))
        #expect(closing.connectionLost(Self.reset) == .none)
        #expect(closing.restoringBegan() == false)
    }

    @Test func theBrokersCloseOfTheConnectionNamesTheCauseOnAChannelThatIsSuspended() {
        var machine = Self.open()
        machine.requested(Self.expected(1, Self.declare))
        machine.requested(Self.expected(2, Self.declare))
        let refusal = CloseReason(
            initiator: .peer, scope: .connection, code: 503, text: "no", classID: 50, methodID: 10)
        #expect(machine.connectionLost(refusal) == .suspend(.init(refused: 1, lost: [2]), refusal))
    }

    @Test func aConnectionLostAgainSuspendsWhatWasBeingRestored() {
        var machine = Self.restoring()
        #expect(machine.connectionLost(Self.reset) == .suspend(.init(lost: [1]), Self.reset))
        #expect(machine.connectionLost(Self.reset) == .suspend(.init(), Self.reset))
        #expect(machine.state == .suspended(Self.reset))
    }

    @Test func aRefusedRequestOfRecoverySuspendsAndTheChannelIsOpenedAgain() {
        var machine = Self.restoring()
        _ = machine.replyReceived(MethodID.channelOpenOk)
        machine.requested(Self.expected(2, Self.declare))
        #expect(machine.closeReceived(Self.notFound) == .sendCloseOkAndSuspend(.init(refused: 2), Self.notFound))
        #expect(machine.state == .suspended(Self.notFound))
        #expect(machine.canRequest() == .wait)
        #expect(machine.restoringBegan() == true)
        machine.requested(Self.expected(3, MethodID.channelOpen))
        _ = machine.replyReceived(MethodID.channelOpenOk)
        #expect(machine.restoringEnded() == .none)
        #expect(machine.isOpen && !machine.isSuspended)
    }

    @Test func aChannelThatTheBrokerClosedUnaskedEndsWhenTheRestIsRestored() {
        var machine = Self.restoring()
        _ = machine.replyReceived(MethodID.channelOpenOk)
        #expect(machine.closeReceived(Self.notFound) == .sendCloseOkAndSuspend(.init(), Self.notFound))
        #expect(machine.restoringEnded() == .becomeClosed(.init(), Self.notFound))
        #expect(machine.state == .closed(Self.notFound))
    }

    @Test func recoveryThatCannotRestoreAChannelEndsIt() {
        var machine = Self.open()
        #expect(machine.restoringFailed(Self.notFound) == .none)
        _ = machine.connectionLost(Self.reset)
        #expect(machine.restoringFailed(Self.notFound) == .becomeClosed(.init(), Self.notFound))
    }

    @Test func closingASuspendedChannelSendsNothing() {
        var machine = Self.open()
        _ = machine.connectionLost(Self.reset)
        #expect(machine.closeRequested(Self.goodbye) == .becomeClosed(.init(), Self.goodbye))
        #expect(machine.restoringBegan() == false)
        #expect(machine.restoringEnded() == .none)
        #expect(machine.canRequest() == .refuse(Self.goodbye))
    }

    @Test func closingAChannelThatRecoveryIsOpeningClosesItOnTheBroker() {
        var machine = Self.restoring()
        #expect(machine.closeRequested(Self.goodbye) == .sendCloseAndFail(.init(lost: [1]), Self.goodbye))
        #expect(machine.restoringEnded() == .none)
        #expect(machine.closeOkReceived() == .becomeClosed(.init(), Self.goodbye))
    }
}

@Suite struct ChannelSettingsTests {
    static let reset = ChannelMachineTests.reset

    @Test func whatWasSetIsSetAgain() {
        var settings = ChannelSettings()
        #expect(settings.openMethods == [.channelOpen])
        settings.requested(.confirmSelect(ConfirmSelect()))
        settings.requested(.basicQos(BasicQos(prefetchCount: 5)))
        settings.requested(.basicQos(BasicQos(prefetchCount: 7, isGlobal: true)))
        #expect(
            settings.openMethods == [
                .channelOpen, .confirmSelect(ConfirmSelect()),
                .basicQos(BasicQos(prefetchCount: 7, isGlobal: true)), .basicQos(BasicQos(prefetchCount: 5)),
            ])
        settings.requested(.basicQos(BasicQos(prefetchCount: 0)))
        settings.requested(.basicQos(BasicQos(prefetchCount: 0, isGlobal: true)))
        #expect(settings.openMethods == [.channelOpen, .confirmSelect(ConfirmSelect())])
        #expect(settings.globalPrefetch == 0)
    }

    @Test func aTransactionThatALossCutCannotBeCommitted() {
        var settings = ChannelSettings()
        settings.requested(.txSelect)
        settings.connectionLost(Self.reset, isCommitting: false)
        #expect(settings.takeLostTransaction() == nil)  // It was empty.
        settings.worked()
        settings.connectionLost(Self.reset, isCommitting: false)
        // Recovery selects transactions again, and the application goes on in ignorance.
        settings.requested(.txSelect)
        settings.worked()
        #expect(settings.takeLostTransaction() == Self.reset)
        #expect(settings.takeLostTransaction() == nil)
    }

    @Test func aTransactionThatWasBeingCommittedIsOver() {
        var settings = ChannelSettings()
        settings.requested(.txSelect)
        settings.worked()
        settings.connectionLost(Self.reset, isCommitting: true)
        #expect(settings.mode == .transactions(.clean))
        settings.worked()
        settings.transactionEnded()
        #expect(settings.mode == .transactions(.clean))
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
