import AMQPWire
import NIOCore

extension ConnectionHandler {
    /// A channel as the event loop sees it: its core, and the message that is arriving on it.
    final class Lane {
        let core: ChannelCore
        var assembler: ContentAssembler

        init(_ core: ChannelCore) {
            self.core = core
            assembler = ContentAssembler(core.connection.configuration.contentLimits)
        }
    }

    /// Takes all whole frames. - Returns: how many there were.
    func read(_ decoder: inout FrameDecoder, _ gathering: inout Gathering) -> UInt64 {
        var frames: UInt64 = 0
        do throws(WireError) {
            while !isDeaf {
                if let frame = decoder.nextQuick() {
                    frames += received(frame, &gathering)
                    continue
                }
                // What comes now comes after them.
                handOver(&gathering)
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
        handOver(&gathering)
        return frames
    }

    /// Puts it to those that are handed over together. - Returns: of how many frames it was.
    private func received(_ frame: QuickFrame, _ gathering: inout Gathering) -> UInt64 {
        switch frame {
        case .delivery(let delivery):
            let frames: UInt64 = delivery.body.readableBytes == 0 ? 2 : 3
            guard let lane = lane(delivery.channel) else { return frames }
            if !gathering.continues(with: delivery, of: lane.core) {
                handOver(&gathering)
                guard isReady(lane, for: MethodID(classID: 60, methodID: 60)) else { return frames }
                gathering.begin(delivery, of: lane.core)
            }
            gathering.add(delivery)
            return frames
        case .ack(let channel, let tag, let multiple):
            guard let lane = lane(channel) else { return 1 }
            if !gathering.continuesWithAck(of: lane.core) {
                handOver(&gathering)
                guard isReady(lane, for: MethodID(classID: 60, methodID: 80)) else { return 1 }
            }
            gathering.add(BasicAck(deliveryTag: tag, multiple: multiple), of: lane.core)
            return 1
        }
    }

    /// Whether no message is just arriving there, in between whose frames nothing may come.
    private func isReady(_ lane: Lane, for method: MethodID) -> Bool {
        if lane.assembler.isIdle { return true }
        if lane.core.isListening { violated(.unexpectedFrame, "\(method) inside a message", method) }
        return false
    }

    /// Hands over what was gathered; nothing is left of it.
    private func handOver(_ gathering: inout Gathering) {
        guard let channel = gathering.channel else { return }
        let verdict = gathering.handOver()
        if verdict != .none, let lane = lane(channel.number), lane.core === channel { judge(verdict, lane) }
    }

    private func received(_ part: BodyPart) {
        if part.channel == 0 { return violated(.channelError, "content on channel 0", nil) }
        if let lane = lane(part.channel) { assembled(lane.assembler.bodyReceived(part.bytes), lane) }
    }

    private func received(_ frame: RawFrame) throws(WireError) {
        if frame.type == .heartbeat { return }
        if frame.channel == 0 {
            guard frame.type == .method else {
                return violated(.channelError, "content on channel 0", nil)
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
        case .tooLarge(let size):
            let limit = core.configuration.contentLimits.largest
            lane.core.beginClose(
                code: ReplyCode.contentTooLarge.rawValue,
                text: "a message of \(size) bytes came; this client takes \(limit) at most")
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
