import AMQPWire
import Faults
import NIOCore
import Names

// Applies faults to frames.
extension SessionMachine {
    /// An exchange that cannot exist: names that begin with `amq.` are reserved for the broker (AMQP 0-9-1, section
    /// 3.1.3).
    private static let nowhere: Name = "amq.rabbittop.nowhere"

    /// Applies the faults in force to a frame.
    ///
    /// - Returns: nil if no fault takes effect; then the frame is observed and passed on normally.
    mutating func spoil(
        _ frame: FrameScanner.Slice, _ scanner: FrameScanner, from side: Side, isLarge: Bool, _ output: inout Output
    ) -> Verdict? {
        let method = scanner.method(of: frame)
        let names = needsNames ? namesOf(method, frame, scanner, from: side) : Names()
        // Faults that hold frames back come first: such a frame is examined repeatedly, and the other faults must apply
        // once.
        for index in faults.indices where faults[index].fault.kind.holdsBack {
            guard isMet(index, frame, method, names, from: side) else { continue }
            if faults[index].hasStruck { return .stall }
            if strikes(index, frame, from: side, &output) { return .stall }
        }
        for index in faults.indices where !faults[index].fault.kind.holdsBack {
            guard isMet(index, frame, method, names, from: side) else { continue }
            let fault = faults[index].fault
            guard hasRoom(for: fault, frame) else {
                sayFull(fault.label, &output)
                continue
            }
            guard strikes(index, frame, from: side, &output) else { continue }
            if let verdict = strike(fault, frame, scanner, method, from: side, isLarge: isLarge, &output) {
                return verdict
            }
        }
        return nil
    }

    private func isMet(
        _ index: Int, _ frame: FrameScanner.Slice, _ method: MethodID?, _ names: Names, from side: Side
    ) -> Bool {
        let fault = faults[index].fault
        guard isCandidate(fault.kind, frame, method, from: side) else { return false }
        if frame.channel == 0 { return !fault.aim.asksForChannel }
        return fault.aim.meets(channel: frame.channel, queues: names.queues, exchange: names.exchange)
    }

    private mutating func strikes(
        _ index: Int, _ frame: FrameScanner.Slice, from side: Side, _ output: inout Output
    ) -> Bool {
        let fault = faults[index].fault
        // The message of this header or body has not passed completely yet.
        let isInMessage = channels[frame.channel].map { $0[contentOf: side] != .none } ?? false
        let before =
            fault.kind.countsMessages ? Int(clamping: messages) - (isInMessage ? 1 : 0) : faults[index].passed
        faults[index].passed += 1
        guard fault.strikes(passed: before, bytes: passed[side]) else { return false }
        struck(index, channel: frame.channel, &output)
        return true
    }

    /// Whether nothing that a side sends is passed on.
    func isInBlackHole(_ side: Side) -> Bool {
        faults.contains { fault in
            if case .blackHole(let sources) = fault.fault.kind {
                sources.contains(side) && fault.hasStruck
            } else {
                false
            }
        }
    }

    private func isCandidate(
        _ kind: ProxyFault.Kind, _ frame: FrameScanner.Slice, _ method: MethodID?, from side: Side
    ) -> Bool {
        switch kind {
        case .blackHole(let sources): return sources.contains(side)
        case .tune: return side == .broker && method == .connectionTune
        case .swallowHeartbeats(let sources):
            return sources.contains(side) && frame.type == FrameType.heartbeat.rawValue
        default: break
        }
        guard isOpen else { return false }
        switch kind {
        case .reset: return true
        case .cut(let towards): return side == towards.other && frame.size > 1
        case .corrupt(let towards, _):
            // A changed byte in a body causes no error that a peer could detect.
            return side == towards.other && (method != nil || frame.type == FrameType.header.rawValue)
        case .truncate(let towards, let bytes, _):
            return side == towards.other && frame.size > bytes
                && (method != nil || frame.type == FrameType.header.rawValue)
        case .interleave, .returnMessage: return side == .client && method == .basicPublish
        case .block(_, let holds): return holds && side == .client && method == .basicPublish
        case .swallow(let traffic), .duplicate(let traffic), .delay(let traffic, _):
            return isPart(of: traffic, method, frame.channel, from: side)
        case .nackConfirm: return isPart(of: .confirms, method, frame.channel, from: side) && method == .basicAck
        case .refuseChannels: return side == .client && method == .channelOpen
        case .blackHole, .tune, .swallowHeartbeats, .line, .refuseConnections: return false
        }
    }

    private func isPart(of traffic: ProxyFault.Traffic, _ method: MethodID?, _ channel: UInt16, from side: Side) -> Bool
    {
        switch traffic {
        case .acks: side == .client && (method == .basicAck || method == .basicNack || method == .basicReject)
        case .confirms:
            side == .broker && (method == .basicAck || method == .basicNack) && channels[channel]?.isConfirming == true
        case .deliveries: side == .broker && method == .basicDeliver
        }
    }

    private mutating func struck(_ index: Int, channel: UInt16, _ output: inout Output) {
        let isFirst = !faults[index].hasStruck
        faults[index].hasStruck = true
        if channel == 0 {
            for number in channels.keys { channels[number]?.saysAgain() }
        } else {
            channels[channel]?.saysAgain()
        }
        if isFirst { output.events.append(.struck(faults[index].fault.label, channel: channel == 0 ? nil : channel)) }
    }

    private mutating func strike(
        _ fault: ProxyFault, _ frame: FrameScanner.Slice, _ scanner: FrameScanner, _ method: MethodID?,
        from side: Side, isLarge: Bool, _ output: inout Output
    ) -> Verdict? {
        switch fault.kind {
        case .blackHole, .block: return .stall
        case .reset(let sides):
            output.resets.formUnion(sides)
            phase = .closing([])
            return .drop
        case .cut(let towards):
            let whole = scanner.bytes(of: frame, isLarge: isLarge)
            if let half = whole.getSlice(at: whole.readerIndex, length: max(1, whole.readableBytes / 2)) {
                put(half, to: towards)
            }
            output.resets = Set(Side.allCases)
            phase = .closing([])
            return .drop
        case .corrupt(_, let part):
            put(scanner.bytes(of: frame, isLarge: isLarge).corrupted(part), to: side.other)
            return .drop
        case .truncate(_, let bytes, let fixesSize):
            put(scanner.bytes(of: frame, isLarge: isLarge).truncated(by: bytes, fixesSize: fixesSize), to: side.other)
            return .drop
        case .interleave:
            put(scanner.bytes(of: frame, isLarge: isLarge), to: .broker)
            return nil
        case .swallowHeartbeats: return .drop
        case .swallow(let traffic):
            if traffic == .deliveries { _ = take(.dropped, frame, scanner, &output) }
            return .drop
        case .delay(let traffic, let time):
            if traffic == .deliveries {
                return take(.later(now + time, fault: fault.label), frame, scanner, &output) ? .drop : nil
            }
            let isHeld = hold(
                scanner.bytes(of: frame, isLarge: isLarge), for: frame.channel, to: side.other, until: now + time,
                by: fault.label)
            guard isHeld else { return nil }
            observeMethod(frame, scanner, from: side, &output)
            return .drop
        case .duplicate(.deliveries):
            return take(.twice(fault: fault.label), frame, scanner, &output) ? .drop : nil
        case .duplicate:
            put(scanner.bytes(of: frame, isLarge: isLarge), to: side.other)
            return nil
        case .nackConfirm:
            guard let ack = scanner.ack(of: frame) else { return nil }
            observeMethod(frame, scanner, from: side, &output)
            put(
                .basicNack(BasicNack(deliveryTag: ack.deliveryTag, multiple: ack.multiple, requeue: false)),
                channel: frame.channel, to: .client)
            return .drop
        case .returnMessage: return sendNowhere(frame, scanner, &output)
        case .refuseChannels(let code, let text):
            channels[frame.channel] = newTrack()
            channels[frame.channel]?.cut = ChannelTrack.Cut(client: .closing, broker: .closed)
            let close = ChannelClose(
                replyCode: ReplyCode(rawValue: code), replyText: text, classID: 20, methodID: 10)
            put(.channelClose(close), channel: frame.channel, to: .client)
            return .drop
        case .tune(let frameMax, let channelMax, let heartbeat):
            guard case .connectionTune(var tune)? = try? Method(payload: scanner.payload(of: frame)) else { return nil }
            tune.frameMax = tune.frameMax.lowered(to: frameMax)
            tune.channelMax = tune.channelMax.lowered(to: channelMax)
            tune.heartbeat = tune.heartbeat.lowered(to: heartbeat)
            put(.connectionTune(tune), channel: 0, to: .client)
            return .drop
        case .line, .refuseConnections: return nil
        }
    }

    // MARK: Returned messages

    private mutating func sendNowhere(
        _ frame: FrameScanner.Slice, _ scanner: FrameScanner, _ output: inout Output
    ) -> Verdict? {
        guard case .basicPublish(var publish)? = try? Method(payload: scanner.payload(of: frame)) else { return nil }
        guard channels[frame.channel]?.sentNowhere.count ?? 0 < ChannelTrack.mostSentNowhere else { return nil }
        let share = room.share()
        guard share.grow(by: publish.exchange.count + publish.routingKey.count + HeldRoom.overhead) else { return nil }
        observeMethod(frame, scanner, from: .client, &output)
        channels[frame.channel]?.sentNowhere.append((publish.exchange, publish.routingKey, share))
        publish.exchange = ""
        publish.routingKey = Self.nowhere
        publish.mandatory = true
        put(.basicPublish(publish), channel: frame.channel, to: .broker)
        return .drop
    }

    /// Restores the names that the application used in a message that the broker returns.
    mutating func comesBack(_ frame: FrameScanner.Slice, _ scanner: FrameScanner, _ output: inout Output) -> Verdict? {
        guard case .basicReturn(var returned)? = try? Method(payload: scanner.payload(of: frame)),
            returned.exchange.isEmpty, returned.routingKey == Self.nowhere,
            let names = channels[frame.channel]?.sentNowhere.popFirst()
        else { return nil }
        returned.exchange = names.exchange
        returned.routingKey = names.routingKey
        observe(.basicReturn(returned), on: frame.channel, from: .broker, &output)
        put(.basicReturn(returned), channel: frame.channel, to: .client)
        return .drop
    }

    // MARK: Names

    /// Records where a channel publishes to, so that selectors can match it.
    mutating func noteNames(_ frame: FrameScanner.Slice, _ scanner: FrameScanner) {
        guard case .basicPublish(let publish)? = try? Method(payload: scanner.payload(of: frame)) else { return }
        channels[frame.channel]?.lastExchange = publish.exchange
        channels[frame.channel]?.lastQueue = publish.exchange.isEmpty ? publish.routingKey : nil
    }

    private struct Names {
        var queues: [Name] = []
        var exchange: Name?
    }

    private mutating func namesOf(
        _ method: MethodID?, _ frame: FrameScanner.Slice, _ scanner: FrameScanner, from side: Side
    ) -> Names {
        guard let track = channels[frame.channel] else { return Names() }
        if side == .client, method == .basicPublish,
            case .basicPublish(let publish)? = try? Method(payload: scanner.payload(of: frame))
        {
            channels[frame.channel]?.lastExchange = publish.exchange
            channels[frame.channel]?.lastQueue = publish.exchange.isEmpty ? publish.routingKey : nil
            return Names(queues: publish.exchange.isEmpty ? [publish.routingKey] : [], exchange: publish.exchange)
        }
        if side == .broker, method == .basicDeliver,
            case .basicDeliver(let deliver)? = try? Method(payload: scanner.payload(of: frame))
        {
            return Names(
                queues: track.consumers[deliver.consumerTag].map { [$0.queue] } ?? [], exchange: deliver.exchange)
        }
        return Names(
            queues: track.consumers.values.map(\.queue) + [track.lastQueue].compactMap(\.self),
            exchange: track.lastExchange)
    }
}

extension ProxyFault.Kind {
    /// Whether it keeps frames from passing without losing any.
    var holdsBack: Bool {
        switch self {
        case .blackHole, .block: true
        default: false
        }
    }

    /// Whether messages of any kind count as passing before it.
    var countsMessages: Bool {
        switch self {
        case .reset, .cut, .corrupt, .truncate, .blackHole: true
        default: false
        }
    }
}

extension FixedWidthInteger {
    /// Returns the smaller value; on either side 0 means no limit.
    fileprivate func lowered(to limit: Self) -> Self { limit == 0 ? self : self == 0 ? limit : Swift.min(self, limit) }
}

extension FrameScanner {
    /// Returns the frame as received; for a large frame, its header.
    func bytes(of frame: Slice, isLarge: Bool) -> ByteBuffer {
        buffer.getSlice(at: frame.payloadIndex - 7, length: isLarge ? 7 : frame.size + RawFrame.overhead)
            ?? ByteBuffer()
    }

    func ack(of frame: Slice) -> BasicAck? {
        guard case .basicAck(let ack)? = try? Method(payload: payload(of: frame)) else { return nil }
        return ack
    }
}

extension ByteBuffer {
    fileprivate func corrupted(_ part: ProxyFault.FramePart) -> ByteBuffer {
        var bytes = ByteBuffer(bytes: readableBytesView)
        let index =
            switch part {
            case .end: bytes.writerIndex - 1
            case .type: 0
            case .payload: min(7, bytes.writerIndex - 1)
            }
        if let byte: UInt8 = bytes.getInteger(at: index) { bytes.setInteger(byte ^ 0x55, at: index) }
        return bytes
    }

    /// Returns the frame without the last bytes of its payload.
    fileprivate func truncated(by count: Int, fixesSize: Bool) -> ByteBuffer {
        var bytes = ByteBuffer(bytes: readableBytesView.dropLast(min(count + 1, readableBytes - 7)))
        bytes.writeInteger(RawFrame.end)
        if fixesSize { bytes.setInteger(UInt32(clamping: bytes.readableBytes - RawFrame.overhead), at: 3) }
        return bytes
    }
}
