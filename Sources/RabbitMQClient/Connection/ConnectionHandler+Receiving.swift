import AMQPWire
import NIOCore

extension ConnectionHandler {
    /// A channel on the event loop: its core, and the message that is being received on it.
    final class InboundChannel {
        let core: ChannelCore
        var assembler: ContentAssembler

        init(_ core: ChannelCore) {
            self.core = core
            assembler = ContentAssembler(core.connection.configuration.contentLimits)
        }
    }

    /// Processes all complete frames and returns their number.
    func read(_ decoder: inout FrameDecoder, _ inboundBatch: inout InboundBatch) -> UInt64 {
        var frames: UInt64 = 0
        do throws(WireError) {
            while !isDeaf {
                if let frame = decoder.nextFastPath() {
                    frames += received(frame, &inboundBatch)
                    continue
                }
                // Later frames must be processed after the batch.
                handOver(&inboundBatch)
                guard !isDeaf else { break }
                if let part = try decoder.nextPart() {
                    frames += part.isLast ? 1 : 0
                    received(part)
                    continue
                }
                guard let frame = try decoder.next() else { break }
                frames += 1
                try received(frame)
                if let frameMax { decoder.frameMax = frameMax }
            }
        } catch {
            violated(error)
        }
        handOver(&inboundBatch)
        return frames
    }

    /// Adds the frame to the batch and returns the number of AMQP frames that it consists of.
    private func received(_ frame: FastPathFrame, _ inboundBatch: inout InboundBatch) -> UInt64 {
        switch frame {
        case .delivery(let delivery):
            let frames: UInt64 = delivery.body.readableBytes == 0 ? 2 : 3
            guard let inboundChannel = inboundChannel(delivery.channel) else { return frames }
            if !inboundBatch.continues(with: delivery, of: inboundChannel.core) {
                handOver(&inboundBatch)
                guard isReady(inboundChannel, for: MethodID.basicDeliver) else { return frames }
                inboundBatch.begin(delivery, of: inboundChannel.core)
            }
            inboundBatch.add(delivery)
            return frames
        case .ack(let channel, let tag, let multiple):
            guard let inboundChannel = inboundChannel(channel) else { return 1 }
            if !inboundBatch.continuesWithAck(of: inboundChannel.core) {
                handOver(&inboundBatch)
                guard isReady(inboundChannel, for: MethodID.basicAck) else { return 1 }
            }
            inboundBatch.add(BasicAck(deliveryTag: tag, multiple: multiple), of: inboundChannel.core)
            return 1
        }
    }

    /// Whether no message is being received on the channel; no method may arrive between the frames of a message.
    private func isReady(_ inboundChannel: InboundChannel, for method: MethodID) -> Bool {
        if inboundChannel.assembler.isIdle { return true }
        if inboundChannel.core.isListening { violated(.unexpectedFrame, "\(method) inside a message", method) }
        return false
    }

    /// Hands over the batch and empties it.
    private func handOver(_ inboundBatch: inout InboundBatch) {
        guard let channel = inboundBatch.channel else { return }
        let verdict = inboundBatch.handOver()
        if verdict != .none, let inboundChannel = inboundChannel(channel.number), inboundChannel.core === channel {
            judge(verdict, inboundChannel)
        }
    }

    private func received(_ part: BodyPart) {
        if part.channel == 0 { return violated(.channelError, "content on channel 0", nil) }
        if let inboundChannel = inboundChannel(part.channel) {
            assembled(inboundChannel.assembler.bodyReceived(part.bytes), inboundChannel)
        }
    }

    private func received(_ frame: RawFrame) throws(WireError) {
        if frame.type == .heartbeat { return }
        if frame.channel == 0 {
            guard frame.type == .method else {
                return violated(.channelError, "content on channel 0", nil)
            }
            return received(try Method(payload: frame.payload))
        }
        guard let inboundChannel = inboundChannel(frame.channel) else { return }
        switch frame.type {
        case .method:
            let method = try Method(payload: frame.payload)
            switch method {
            case .basicDeliver, .basicReturn, .basicGetOk:
                assembled(inboundChannel.assembler.methodReceived(method), inboundChannel)
            default:
                guard inboundChannel.assembler.isIdle || !inboundChannel.core.isListening else {
                    return violated(.unexpectedFrame, "\(method.name) inside a message", method.id)
                }
                judge(inboundChannel.core.methodReceived(method), inboundChannel)
            }
        case .header:
            assembled(
                inboundChannel.assembler.headerReceived(try ContentHeader(payload: frame.payload)), inboundChannel)
        case .body: assembled(inboundChannel.assembler.bodyReceived(frame.payload), inboundChannel)
        case .heartbeat: break
        }
    }

    private func assembled(_ action: ContentAssembler.Action, _ inboundChannel: InboundChannel) {
        switch action {
        case .wait: break
        case .complete(let content): judge(inboundChannel.core.contentReceived(content), inboundChannel)
        case .unexpected:
            if inboundChannel.core.isListening { violated(.unexpectedFrame, "frames of a message out of order", nil) }
        case .tooLarge(let size):
            let limit = core.configuration.contentLimits.largest
            inboundChannel.core.beginClose(
                code: ReplyCode.contentTooLarge.rawValue,
                text: "a message of \(size) bytes came; this client takes \(limit) at most")
        }
    }

    private func judge(_ verdict: ChannelCore.Verdict, _ inboundChannel: InboundChannel) {
        switch verdict {
        case .none: break
        case .release:
            inboundChannels[inboundChannel.core.number] = nil
            if lastInboundChannel === inboundChannel { lastInboundChannel = nil }
        case .violation(let code, let text, let method): violated(code, text, method)
        }
    }

    /// Returns nil for a channel that is not open. A frame on a channel that was never open is a protocol error of the
    /// peer.
    private func inboundChannel(_ number: UInt16) -> InboundChannel? {
        if let lastInboundChannel, lastInboundChannel.core.number == number { return lastInboundChannel }
        if let inboundChannel = inboundChannels[number] {
            lastInboundChannel = inboundChannel
            return inboundChannel
        }
        let (channel, wasUsed) = core.channel(number)
        guard let channel else {
            if !wasUsed { violated(.channelError, "frame on channel \(number), which was never open", nil) }
            return nil
        }
        let inboundChannel = InboundChannel(channel)
        inboundChannels[number] = inboundChannel
        lastInboundChannel = inboundChannel
        return inboundChannel
    }

    /// Handles a method of the connection class.
    private func received(_ method: Method) {
        switch method {
        case .connectionStart(let start):
            core.state.withLockedValue { $0.socket.serverProperties = start.serverProperties }
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
