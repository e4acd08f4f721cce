import AMQPWire
import NIOCore

/// Drives one connection's machines with what arrives, and with time: the only channel handler, with the only timer.
final class ConnectionHandler: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// A channel as the event loop sees it: its core, and the message that is arriving on it.
    private final class Lane {
        let core: ChannelCore
        var assembler = ContentAssembler()

        init(_ core: ChannelCore) { self.core = core }
    }

    let core: ConnectionCore
    private let handshakeDeadline: NIODeadline
    private var context: ChannelHandlerContext?
    private var decoder = FrameDecoder()
    private var heartbeats: HeartbeatMachine?
    private var timer: RepeatedTask?
    private var lanes: [UInt16: Lane] = [:]
    private var lastLane: Lane?
    private var framesIn: UInt64 = 0
    private var pauses = 0
    private var isReadHeld = false
    /// Nothing more is heard: the peer broke the protocol, or the end is written.
    private var isDeaf = false
    private var transportError: String?
    /// The end was told; what comes after it is of no consequence for a socket that may have followed.
    private var isOver = false

    init(_ core: ConnectionCore, handshakeDeadline: NIODeadline) {
        self.core = core
        self.handshakeDeadline = handshakeDeadline
    }

    // MARK: Channel events

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        core.handler.value = self
        core.socketOpened()
        schedule(every: .milliseconds(50))
        if context.channel.isActive { begin(context) }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        timer?.cancel()
        timer = nil
        perform(step { $0.transportClosed(transportError ?? "the connection was given up") })
        if core.handler.value === self { core.handler.value = nil }
        self.context = nil
    }

    func channelActive(context: ChannelHandlerContext) {
        begin(context)
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        perform(step { $0.transportClosed(transportError ?? "the peer closed the socket") })
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        transportError = transportError ?? TLSFailure.words(error)
        if error.isTLSFailure { perform(step { $0.tlsFailed(TLSFailure.words(error)) }) }
        context.close(promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let bytes = unwrapInboundIn(data)
        heartbeats?.bytesReceived(.now())
        guard !isDeaf else { return }
        core.outbox.willTake()
        // Before the frames are worked through: the last of them may end the connection and its counts.
        let count = UInt64(bytes.readableBytes)
        core.state.withLockedValue { $0.bytesIn += count }
        let framesBefore = framesIn
        decoder.append(bytes)
        do throws(WireError) {
            while !isDeaf, let frame = try decoder.next() {
                framesIn += 1
                try received(frame)
            }
        } catch {
            violated(error)
        }
        core.state.withLockedValue { $0.framesIn += framesIn - framesBefore }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        flush()
        context.fireChannelReadComplete()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        flush()
        context.fireChannelWritabilityChanged()
    }

    /// Holds back the next read while a consumer is behind.
    func read(context: ChannelHandlerContext) {
        if pauses > 0 { isReadHeld = true } else { context.read() }
    }

    func pauseReading() { pauses += 1 }

    func resumeReading() {
        pauses -= 1
        guard pauses <= 0, isReadHeld else { return }
        isReadHeld = false
        context?.read()
    }

    // MARK: Writing

    /// Writes all that is in the outbox, when the socket has room.
    func flush() {
        guard let context, context.channel.isWritable else {
            core.outbox.keepForLater()
            return
        }
        guard let buffer = core.outbox.take() else { return }
        heartbeats?.bytesSent(.now())
        let count = UInt64(buffer.readableBytes)
        core.state.withLockedValue { $0.bytesOut += count }
        context.writeAndFlush(wrapOutboundOut(buffer), promise: nil)
    }

    /// A frame on channel 0. What it says is short and checked.
    private func send(_ method: Method) {
        _ = core.outbox.append(frames: 1) { buffer throws(WireError) in try buffer.writeFrame(channel: 0, method) }
        flush()
    }

    // MARK: Steps

    /// One input to the machine; its new state is in place before the action runs.
    private func step(_ input: (inout ConnectionMachine) -> ConnectionMachine.Action) -> ConnectionMachine.Action {
        isOver ? .none : core.state.withLockedValue { input(&$0.machine) }
    }

    private func begin(_ context: ChannelHandlerContext) {
        if let local = context.localAddress?.text, let remote = context.remoteAddress?.text {
            core.state.withLockedValue { $0.name = "\(local) -> \(remote)" }
        }
        perform(step { $0.transportConnected(deadline: handshakeDeadline) })
    }

    func closeRequested(code: UInt16, text: String, timeout: TimeAmount) {
        let reason = CloseReason(initiator: .local, scope: .connection, code: code, text: text)
        perform(step { $0.closeRequested(reason, deadline: .now() + timeout) })
    }

    private func violated(_ error: WireError) {
        if case .protocolHeader(let header) = error {
            transportError = "the broker answered with protocol header \(header)"
        }
        let method: MethodID? = if case .unknownMethod(let id) = error { id } else { nil }
        violated(error.replyCode, error.description, method)
    }

    private func violated(_ code: ReplyCode, _ text: String, _ method: MethodID?) {
        core.log(.protocolViolated(code: code.rawValue, name: code.name, text: text, method: method?.name))
        perform(step { $0.violated(code, text, method: method, deadline: .now() + .seconds(1)) })
    }

    private func perform(_ action: ConnectionMachine.Action) {
        switch action {
        case .none: break
        case .sendProtocolHeader:
            _ = core.outbox.append(frames: 0) { buffer in buffer.writeProtocolHeader() }
            flush()
        case .sendStartOk(let mechanism):
            var configuration = core.configuration
            let (password, number) = core.state.withLockedValue { ($0.password, $0.socketNumber) }
            configuration.password = password
            configuration.clientProperties["connection_id"] = .string(core.socketID(number))
            send(configuration.startOk(mechanism))
        case .sendTuneOkAndOpen(let tuning):
            core.state.withLockedValue { $0.tuning = tuning }
            decoder.frameMax = tuning.frameMax
            send(
                .connectionTuneOk(
                    ConnectionTuneOk(
                        channelMax: tuning.channelMax,
                        frameMax: tuning.frameMax,
                        heartbeat: tuning.heartbeat
                    )
                )
            )
            heartbeats = HeartbeatMachine(seconds: tuning.heartbeat, now: .now())
            send(.connectionOpen(ConnectionOpen(virtualHost: core.configuration.virtualHost)))
            schedule(every: regularTick)
        case .becomeOpen: core.finishOpening(.success(()))
        case .failHandshake(let error):
            isDeaf = true
            let reason =
                error.closeReason
                ?? CloseReason(initiator: .local, scope: .connection, code: 0, text: error.message)
            if error.closeReason?.initiator == .peer { send(.connectionCloseOk) }
            core.finishOpening(.failure(error))
            end(reason)
            context?.close(promise: nil)
        case .sendClose(let reason):
            core.socketLost(reason)
            sendClose(reason)
        case .sendCloseAndFail(let reason):
            isDeaf = true
            core.socketLost(reason)
            sendClose(reason)
        case .sendCloseOkAndEnd(let reason):
            isDeaf = true
            core.socketLost(reason)
            send(.connectionCloseOk)
            context?.close(promise: nil)
        case .sendCloseOk:
            send(.connectionCloseOk)
        case .end(let reason):
            isDeaf = true
            core.socketLost(reason)
            context?.close(promise: nil)
        case .becomeClosed(let reason):
            end(reason)
        case .becomeBlocked(let reason):
            core.state.withLockedValue { $0.blockedReason = reason }
            core.note(.connectionBlocked(reason: reason))
            core.tellListeners()
        case .becomeUnblocked:
            core.state.withLockedValue { $0.blockedReason = nil }
            core.note(.connectionUnblocked)
            core.tellListeners()
        }
    }

    private func end(_ reason: CloseReason) {
        isOver = true
        core.socketEnded(reason)
    }

    private func sendClose(_ reason: CloseReason) {
        send(
            .connectionClose(
                ConnectionClose(
                    replyCode: ReplyCode(rawValue: reason.code),
                    replyText: String(reason.text.prefix(60)),
                    classID: reason.classID,
                    methodID: reason.methodID
                )
            )
        )
    }

    // MARK: Time

    private var regularTick: TimeAmount {
        let candidates = [
            TimeAmount.seconds(1), heartbeats?.tick ?? .seconds(1), core.operationTimeout / 5, core.publishTimeout / 5,
        ]
        return max(.milliseconds(10), candidates.min() ?? .seconds(1))
    }

    private func schedule(every period: TimeAmount) {
        timer?.cancel()
        let core = self.core
        timer = core.eventLoop.scheduleRepeatedTask(initialDelay: period, delay: period) { _ in
            core.handler.value?.timePassed(.now())
        }
    }

    private func timePassed(_ now: NIODeadline) {
        // Silence that we ask for by not reading is not the peer's.
        if pauses > 0 { heartbeats?.bytesReceived(now) }
        perform(step { $0.timePassed(now) })
        switch heartbeats?.timePassed(now) ?? .none {
        case .none: break
        case .sendHeartbeat:
            _ = core.outbox.append(frames: 1) { buffer in buffer.writeHeartbeat() }
            flush()
        case .peerIsDead(let silence): perform(step { $0.peerFellSilent(silence) })
        }
        core.timePassed(now)
    }

    // MARK: Receiving

    private func received(_ frame: RawFrame) throws(WireError) {
        if frame.type == .heartbeat { return }
        if frame.channel == 0 {
            guard frame.type == .method else {
                return violated(.unexpectedFrame, "content on channel 0", nil)
            }
            return received(try Method(payload: frame.payload))
        }
        guard let lane = lane(frame.channel) else { return }
        switch frame.type {
        case .method:
            let method = try Method(payload: frame.payload)
            switch method {
            case .basicDeliver, .basicReturn, .basicGetOk: assembled(lane.assembler.methodReceived(method), lane)
            default:
                guard lane.assembler.isIdle || !lane.core.isListening else {
                    return violated(.unexpectedFrame, "\(method.name) inside a message", method.id)
                }
                judge(lane.core.methodReceived(method), lane)
            }
        case .header: assembled(lane.assembler.headerReceived(try ContentHeader(payload: frame.payload)), lane)
        case .body: assembled(lane.assembler.bodyReceived(frame.payload), lane)
        case .heartbeat: break
        }
    }

    private func assembled(_ action: ContentAssembler.Action, _ lane: Lane) {
        switch action {
        case .wait: break
        case .complete(let content): judge(lane.core.contentReceived(content), lane)
        case .unexpected:
            if lane.core.isListening { violated(.unexpectedFrame, "frames of a message out of order", nil) }
        }
    }

    private func judge(_ verdict: ChannelCore.Verdict, _ lane: Lane) {
        switch verdict {
        case .none: break
        case .release:
            lanes[lane.core.number] = nil
            if lastLane === lane { lastLane = nil }
        case .violation(let code, let text, let method): violated(code, text, method)
        }
    }

    /// Nil for a channel that is not open; a frame on one that was never open is the peer's mistake.
    private func lane(_ number: UInt16) -> Lane? {
        if let lastLane, lastLane.core.number == number { return lastLane }
        if let lane = lanes[number] {
            lastLane = lane
            return lane
        }
        let (channel, wasUsed) = core.channel(number)
        guard let channel else {
            if !wasUsed { violated(.channelError, "frame on channel \(number), which was never open", nil) }
            return nil
        }
        let lane = Lane(channel)
        lanes[number] = lane
        lastLane = lane
        return lane
    }

    /// A method of the connection itself.
    private func received(_ method: Method) {
        switch method {
        case .connectionStart(let start):
            core.state.withLockedValue { $0.serverProperties = start.serverProperties }
            perform(
                step {
                    $0.startReceived(
                        major: start.versionMajor,
                        minor: start.versionMinor,
                        mechanisms: start.mechanisms,
                        authentication: core.configuration.usableAuthentication
                    )
                }
            )
        case .connectionSecure: perform(step { $0.secureReceived() })
        case .connectionTune(let tune):
            perform(
                step {
                    $0.tuneReceived(channelMax: tune.channelMax, frameMax: tune.frameMax, heartbeat: tune.heartbeat)
                }
            )
        case .connectionOpenOk: perform(step { $0.openOkReceived() })
        case .connectionClose(let close):
            let reason = CloseReason(
                initiator: .peer,
                scope: .connection,
                code: close.replyCode.rawValue,
                text: close.replyText,
                classID: close.classID,
                methodID: close.methodID
            )
            perform(step { $0.closeReceived(reason) })
        case .connectionCloseOk: perform(step { $0.closeOkReceived() })
        case .connectionBlocked(let blocked): perform(step { $0.blockedReceived(blocked.reason) })
        case .connectionUnblocked: perform(step { $0.unblockedReceived() })
        case .connectionUpdateSecretOk:
            if !core.secretUpdated() {
                violated(.commandInvalid, "connection.update-secret-ok answers nothing", method.id)
            }
        default: violated(.commandInvalid, "\(method.name) is not for a client on channel 0", method.id)
        }
    }
}
