import AMQPWire
import NIOCore
import Names

/// Drives the state machines of one connection with input and time. It is the only channel handler and has the only
/// timer.
final class ConnectionHandler: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    let core: ConnectionCore
    private let handshakeDeadline: NIODeadline
    private var context: ChannelHandlerContext?
    private var decoder = FrameDecoder()
    /// The negotiated maximum frame size; nil before.
    var frameMax: UInt32?
    private var inboundBatch = InboundBatch()
    /// The buffer that was written last; its memory is reused.
    private var written = FrameBuffer()
    private var heartbeats: HeartbeatMachine?
    private var timer: RepeatedTask?
    var inboundChannels: [UInt16: InboundChannel] = [:]
    var lastInboundChannel: InboundChannel?
    private var pauses = 0
    private var isReadHeld = false
    /// Input is no longer processed: the peer violated the protocol, or the last frame is written.
    var isDeaf = false
    private var transportError: String?
    /// The socket is connected and belongs to the connection: of several addresses tried in parallel only one does.
    private var hasBegun = false
    /// The end was reported. Later events of this socket must not affect the one that may have followed.
    private var isOver = false

    init(_ core: ConnectionCore, handshakeDeadline: NIODeadline) {
        self.core = core
        self.handshakeDeadline = handshakeDeadline
    }

    // MARK: Channel events

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        if core.handler.value?.isAlive != true { core.handler.value = self }
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
        let words = TLSFailure.otherHost(error, context) ?? TransportFailure.words(error)
        transportError = transportError ?? words
        if error.isTLSFailure { perform(step { $0.tlsFailed(words) }) }
        context.close(promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let bytes = unwrapInboundIn(data)
        heartbeats?.bytesReceived(.now())
        guard !isDeaf else { return }
        core.outbox.willTake()
        // Counted before the frames are processed: the last of them may end the connection and its counts.
        let count = UInt64(bytes.readableBytes)
        core.state.withLockedValue { $0.record.traffic.bytesIn += count }
        // Moved to local variables during the work: nothing else uses them, and each access to a property has an
        // exclusivity check.
        var decoder = FrameDecoder()
        var inboundBatch = InboundBatch()
        swap(&decoder, &self.decoder)
        swap(&inboundBatch, &self.inboundBatch)
        decoder.append(bytes)
        let frames = read(&decoder, &inboundBatch)
        swap(&decoder, &self.decoder)
        swap(&inboundBatch, &self.inboundBatch)
        core.state.withLockedValue { $0.record.traffic.framesIn += frames }
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

    /// Writes everything in the outbox if the socket is writable.
    func flush() {
        guard let context, context.channel.isWritable else {
            core.outbox.keepForLater()
            return
        }
        guard core.outbox.take(into: &written) else { return }
        heartbeats?.bytesSent(.now())
        let count = UInt64(written.readableBytes)
        core.state.withLockedValue { $0.record.traffic.bytesOut += count }
        guard written.hasBodies else { return context.writeAndFlush(wrapOutboundOut(written.bytes), promise: nil) }
        for piece in written.pieces { context.write(wrapOutboundOut(piece), promise: nil) }
        written.removeBodies()
        context.flush()
    }

    /// Sends a method on channel 0. Its content is short and already checked.
    private func send(_ method: Method) {
        _ = core.outbox.append(frames: 1) { buffer throws(WireError) in try buffer.writeFrame(channel: 0, method) }
        flush()
    }

    // MARK: Steps

    /// Passes one input to the machine; its new state is stored before the action runs.
    func step(_ input: (inout SocketMachine) -> SocketMachine.Action) -> SocketMachine.Action {
        isOver || !hasBegun ? .none : core.state.withLockedValue { input(&$0.socket.machine) }
    }

    private var isAlive: Bool { hasBegun && !isOver }

    private func begin(_ context: ChannelHandlerContext) {
        if let other = core.handler.value, other !== self, other.isAlive { return context.close(promise: nil) }
        hasBegun = true
        core.handler.value = self
        schedule(every: .milliseconds(50))
        let (local, remote) = (context.localAddress?.text, context.remoteAddress?.text)
        core.state.withLockedValue { state in
            state.socket.connected()
            if let local, let remote { state.socket.name = "\(local) -> \(remote)" }
        }
        perform(step { $0.transportConnected(deadline: handshakeDeadline) })
    }

    func closeRequested(code: UInt16, text: String, timeout: TimeAmount) {
        // Not connected yet: the attempt is abandoned.
        guard hasBegun else { return context?.close(promise: nil) ?? () }
        let reason = CloseReason(initiator: .local, scope: .connection, code: code, text: text)
        perform(step { $0.closeRequested(reason, deadline: .now() + timeout) })
        lookAgain(in: timeout)
    }

    func violated(_ error: WireError) {
        if case .protocolHeader(let header) = error {
            transportError = "the broker answered with protocol header \(header)"
        }
        let method: MethodID? = if case .unknownMethod(let id) = error { id } else { nil }
        violated(error.replyCode, error.description, method)
    }

    func violated(_ code: ReplyCode, _ text: String, _ method: MethodID?) {
        core.log(.protocolViolated(code: code.rawValue, name: code.name, text: text, method: method?.name))
        perform(step { $0.violated(code, text, method: method, deadline: .now() + .seconds(1)) })
        lookAgain(in: .seconds(1))
    }

    func perform(_ action: SocketMachine.Action) {
        switch action {
        case .none: break
        case .sendProtocolHeader:
            _ = core.outbox.append(frames: 0) { buffer in buffer.writeProtocolHeader() }
            flush()
        case .sendStartOk(let mechanism):
            var configuration = core.configuration
            let (password, number) = core.state.withLockedValue { ($0.password, $0.socket.number) }
            configuration.password = password
            configuration.clientProperties["connection_id"] = .string(core.socketID(number))
            send(configuration.startOk(mechanism))
        case .sendTuneOkAndOpen(let tuning):
            core.state.withLockedValue { $0.socket.tuning = tuning }
            frameMax = tuning.frameMax
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
            send(.connectionOpen(ConnectionOpen(virtualHost: Name(core.configuration.virtualHost))))
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
            core.state.withLockedValue { $0.socket.blockedReason = reason }
            core.note(.connectionBlocked(reason: reason))
            core.tellListeners()
        case .becomeUnblocked:
            core.state.withLockedValue { $0.socket.blockedReason = nil }
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

    /// Checks the time once more, so that a close does not wait for the timer beyond its deadline.
    private func lookAgain(in time: TimeAmount) {
        let core = self.core
        core.eventLoop.scheduleTask(in: time) { core.handler.value?.timePassed(.now()) }
    }

    private func timePassed(_ now: NIODeadline) {
        // While the client has paused reading, silence is not the peer's fault.
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
}
