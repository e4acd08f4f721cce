import AMQPWire
import NIOCore
import Testing

@testable import RabbitMQClient

@Suite struct SocketMachineTests {
    static let deadline = NIODeadline.uptimeNanoseconds(1000)
    static let later = NIODeadline.uptimeNanoseconds(2000)
    static let tuning = SocketMachine.Tuning(channelMax: 2047, frameMax: 131_072, heartbeat: 60)
    static let goodbye = CloseReason(initiator: .local, scope: .connection, code: 200, text: "Goodbye")

    static func machine(channelMax: UInt16 = 0, frameMax: UInt32 = 0, heartbeat: UInt16 = 60) -> SocketMachine {
        SocketMachine(proposal: .init(channelMax: channelMax, frameMax: frameMax, heartbeat: heartbeat))
    }

    static func open() -> SocketMachine {
        var machine = Self.machine()
        _ = machine.transportConnected(deadline: deadline)
        _ = machine.startReceived(major: 0, minor: 9, mechanisms: "AMQPLAIN PLAIN")
        _ = machine.tuneReceived(channelMax: 2047, frameMax: 131_072, heartbeat: 60)
        _ = machine.openOkReceived()
        return machine
    }

    @Test func aHandshake() {
        var machine = Self.machine()
        #expect(machine.transportConnected(deadline: Self.deadline) == .sendProtocolHeader)
        #expect(machine.startReceived(major: 0, minor: 9, mechanisms: "AMQPLAIN PLAIN") == .sendStartOk(.plain))
        #expect(
            machine.tuneReceived(channelMax: 2047, frameMax: 131_072, heartbeat: 60) == .sendTuneOkAndOpen(Self.tuning)
        )
        #expect(machine.openOkReceived() == .becomeOpen(Self.tuning))
        #expect(machine.state == .open(Self.tuning))
        #expect(machine.timePassed(Self.later) == .none)
    }

    @Test(
        arguments: [
            (0, 0, 0), (0, 5, 5), (5, 0, 5), (5, 7, 5), (7, 5, 5),
        ] as [(UInt16, UInt16, UInt16)])
    func zeroYieldsToTheOtherSide(ours: UInt16, theirs: UInt16, agreed: UInt16) {
        var machine = Self.machine(channelMax: ours, heartbeat: ours)
        _ = machine.transportConnected(deadline: Self.deadline)
        _ = machine.startReceived(major: 0, minor: 9, mechanisms: "PLAIN")
        #expect(
            machine.tuneReceived(channelMax: theirs, frameMax: 0, heartbeat: theirs)
                == .sendTuneOkAndOpen(.init(channelMax: agreed, frameMax: 0, heartbeat: agreed))
        )
    }

    @Test func aSmallFrameMaxIsRaised() {
        #expect(Self.machine(frameMax: 4096).proposal.frameMax == 8192)
        #expect(Self.machine(frameMax: 0).proposal.frameMax == 0)
    }

    @Test func refusalsAreTyped() {
        for (code, expected) in [
            (403, ClientError.Code.accessRefused), (530, .virtualHostRefused), (541, .handshakeRefused),
        ] {
            var machine = Self.machine()
            _ = machine.transportConnected(deadline: Self.deadline)
            let reason = CloseReason(initiator: .peer, scope: .connection, code: UInt16(code), text: "no")
            guard case .failHandshake(let error) = machine.closeReceived(reason) else {
                Issue.record("no failure for \(code)")
                continue
            }
            #expect(error.code == expected)
            #expect(error.closeReason == reason)
            #expect(machine.state == .closed(reason))
        }
    }

    @Test func thePeerMustOfferPlainAndSpeak091() {
        var machine = Self.machine()
        _ = machine.transportConnected(deadline: Self.deadline)
        #expect(Self.failure(machine.startReceived(major: 0, minor: 9, mechanisms: "EXTERNAL")) == .mechanismNotOffered)
        machine = Self.machine()
        _ = machine.transportConnected(deadline: Self.deadline)
        #expect(Self.failure(machine.startReceived(major: 0, minor: 8, mechanisms: "PLAIN")) == .protocolMismatch)
    }

    @Test func aHandshakeHasADeadline() {
        var machine = Self.machine()
        _ = machine.transportConnected(deadline: Self.deadline)
        #expect(machine.timePassed(.uptimeNanoseconds(999)) == .none)
        #expect(Self.failure(machine.timePassed(Self.deadline)) == .handshakeTimeout)
    }

    @Test func aSocketThatEndsInTheHandshakeIsTyped() {
        var machine = Self.machine()
        _ = machine.transportConnected(deadline: Self.deadline)
        #expect(Self.failure(machine.transportClosed("gone")) == .closedDuringHandshake)
        #expect(machine.transportClosed("gone") == .none)
    }

    @Test func methodsOutOfTurnBreakTheProtocol() {
        var machine = Self.machine()
        _ = machine.transportConnected(deadline: Self.deadline)
        #expect(Self.failure(machine.openOkReceived()) == .protocolMismatch)

        machine = Self.open()
        guard case .sendCloseAndFail(let reason) = machine.startReceived(major: 0, minor: 9, mechanisms: "PLAIN") else {
            Issue.record("not closed")
            return
        }
        #expect(reason.code == 503 && reason.methodName == "connection.start" && reason.initiator == .local)
    }

    @Test func anOrderlyClose() {
        var machine = Self.open()
        #expect(machine.closeRequested(Self.goodbye, deadline: Self.deadline) == .sendClose(Self.goodbye))
        #expect(machine.closeRequested(Self.goodbye, deadline: Self.deadline) == .none)
        #expect(machine.blockedReceived("late") == .none)
        #expect(machine.closeOkReceived() == .end(Self.goodbye))
        #expect(machine.transportClosed("closed") == .becomeClosed(Self.goodbye))
        #expect(machine.state == .closed(Self.goodbye))
    }

    @Test func aCloseIsBounded() {
        var machine = Self.open()
        _ = machine.closeRequested(Self.goodbye, deadline: Self.deadline)
        #expect(machine.timePassed(.uptimeNanoseconds(999)) == .none)
        #expect(machine.timePassed(Self.deadline) == .end(Self.goodbye))
    }

    @Test func thePeersCloseIsAnsweredAndKept() {
        var machine = Self.open()
        let reason = CloseReason(initiator: .peer, scope: .connection, code: 320, text: "maintenance")
        #expect(machine.closeReceived(reason) == .sendCloseOkAndEnd(reason))
        #expect(machine.transportClosed("closed") == .becomeClosed(reason))
    }

    @Test func closesThatCrossAreBothAnswered() {
        var machine = Self.open()
        _ = machine.closeRequested(Self.goodbye, deadline: Self.deadline)
        let reason = CloseReason(initiator: .peer, scope: .connection, code: 320, text: "maintenance")
        #expect(machine.closeReceived(reason) == .sendCloseOk)
        #expect(machine.closeOkReceived() == .end(Self.goodbye))
    }

    @Test func aViolationClosesWithItsCode() {
        var machine = Self.open()
        let action = machine.violated(.frameError, "frame ends in 0", method: nil, deadline: Self.deadline)
        let reason = CloseReason(initiator: .local, scope: .connection, code: 501, text: "frame ends in 0")
        #expect(action == .sendCloseAndFail(reason))
        #expect(machine.timePassed(Self.deadline) == .end(reason))
    }

    @Test func silenceEndsTheTransport() {
        var machine = Self.open()
        guard case .end(let reason) = machine.peerFellSilent(.seconds(5)) else {
            Issue.record("not ended")
            return
        }
        #expect(reason.initiator == .transport && reason.code == 0 && reason.name == "TRANSPORT")
        #expect(machine.transportClosed("closed") == .becomeClosed(reason))
    }

    @Test func blockedAndUnblocked() {
        var machine = Self.open()
        #expect(machine.blockedReceived("low on memory") == .becomeBlocked(reason: "low on memory"))
        #expect(machine.unblockedReceived() == .becomeUnblocked)
    }

    private static func failure(_ action: SocketMachine.Action) -> ClientError.Code? {
        if case .failHandshake(let error) = action { error.code } else { nil }
    }
}

@Suite struct HeartbeatMachineTests {
    private static func at(_ milliseconds: Int64) -> NIODeadline {
        .uptimeNanoseconds(0) + .milliseconds(milliseconds)
    }

    @Test func sendsAtHalfTheIntervalUnlessThereIsTraffic() throws {
        var machine = try #require(HeartbeatMachine(seconds: 10, now: Self.at(0)))
        #expect(machine.timePassed(Self.at(4999)) == .none)
        #expect(machine.timePassed(Self.at(5000)) == .sendHeartbeat)
        #expect(machine.timePassed(Self.at(9999)) == .none)
        machine.bytesSent(Self.at(9999))
        #expect(machine.timePassed(Self.at(14_998)) == .none)
        #expect(machine.timePassed(Self.at(14_999)) == .sendHeartbeat)
    }

    @Test func thePeerIsDeadBetweenTwoAndThreeIntervals() throws {
        var machine = try #require(HeartbeatMachine(seconds: 10, now: Self.at(0)))
        machine.bytesReceived(Self.at(1000))
        _ = machine.timePassed(Self.at(21_000))
        #expect(machine.timePassed(Self.at(25_999)) != .peerIsDead(silence: .milliseconds(24_999)))
        #expect(machine.timePassed(Self.at(26_000)) == .peerIsDead(silence: .milliseconds(25_000)))
        #expect(machine.tick.nanoseconds * 4 <= machine.interval.nanoseconds)
    }

    @Test func zeroIsOff() {
        #expect(HeartbeatMachine(seconds: 0, now: Self.at(0)) == nil)
    }
}
