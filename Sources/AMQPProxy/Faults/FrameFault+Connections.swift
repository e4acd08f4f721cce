import AMQPWire
import Faults
import NIOCore

// Faults on whole connections: on their streams of frames, their handshake and their channels.

extension BlackHoleFault: FrameFault {
    var worksInHandshake: Bool { true }
    var holdsBack: Bool { true }
    var countsMessages: Bool { true }
    var beginsAtOnce: Bool { true }
    /// What flows in a direction is sent by the other side.
    func silences(_ side: Side) -> Bool { towards.sides.contains(side.other) }
    func meets(_ frame: PassingFrame, in session: SessionMachine) -> Bool { silences(frame.side) }

    func strike(
        _ frame: PassingFrame, in session: inout SessionMachine, as cause: FaultCause,
        _ output: inout SessionMachine.Output
    ) -> SessionMachine.Verdict? { .stall }
}

extension BlockConnectionFault: FrameFault {
    var holdsBack: Bool { true }

    func meets(_ frame: PassingFrame, in session: SessionMachine) -> Bool {
        holds && frame.side == .client && frame.method == .basicPublish
    }

    func strike(
        _ frame: PassingFrame, in session: inout SessionMachine, as cause: FaultCause,
        _ output: inout SessionMachine.Output
    ) -> SessionMachine.Verdict? { .stall }
}

extension ResetConnectionFault: FrameFault {
    var isOnce: Bool { true }
    func lasts(_ selector: FaultSelector) -> Bool { selector.waits }
    var countsMessages: Bool { true }
    func meets(_ frame: PassingFrame, in session: SessionMachine) -> Bool { true }

    func strike(
        _ frame: PassingFrame, in session: inout SessionMachine, as cause: FaultCause,
        _ output: inout SessionMachine.Output
    ) -> SessionMachine.Verdict? {
        output.resets.formUnion(towards.sides)
        session.phase = .closing([])
        return .drop
    }
}

extension CutFrameFault: FrameFault {
    var isOnce: Bool { true }
    var countsMessages: Bool { true }

    func meets(_ frame: PassingFrame, in session: SessionMachine) -> Bool {
        frame.side == towards.other && frame.slice.size > 1
    }

    func strike(
        _ frame: PassingFrame, in session: inout SessionMachine, as cause: FaultCause,
        _ output: inout SessionMachine.Output
    ) -> SessionMachine.Verdict? {
        let whole = frame.bytes
        if let half = whole.getSlice(at: whole.readerIndex, length: max(1, whole.readableBytes / 2)) {
            session.put(half, to: towards)
        }
        output.resets = Set(Side.allCases)
        session.phase = .closing([])
        return .drop
    }
}

extension CorruptFrameFault: FrameFault {
    var isOnce: Bool { true }
    var countsMessages: Bool { true }

    func meets(_ frame: PassingFrame, in session: SessionMachine) -> Bool {
        frame.side == towards.other && frame.isCheckedByPeer
    }

    func strike(
        _ frame: PassingFrame, in session: inout SessionMachine, as cause: FaultCause,
        _ output: inout SessionMachine.Output
    ) -> SessionMachine.Verdict? {
        var bytes = ByteBuffer(bytes: frame.bytes.readableBytesView)
        let index =
            switch part {
            case .end: bytes.writerIndex - 1
            case .type: 0
            case .payload: min(7, bytes.writerIndex - 1)
            }
        if let byte: UInt8 = bytes.getInteger(at: index) { bytes.setInteger(byte ^ 0x55, at: index) }
        session.put(bytes, to: towards)
        return .drop
    }
}

extension TruncateFrameFault: FrameFault {
    var isOnce: Bool { true }
    var countsMessages: Bool { true }

    func meets(_ frame: PassingFrame, in session: SessionMachine) -> Bool {
        frame.side == towards.other && frame.slice.size > bytes && frame.isCheckedByPeer
    }

    func strike(
        _ frame: PassingFrame, in session: inout SessionMachine, as cause: FaultCause,
        _ output: inout SessionMachine.Output
    ) -> SessionMachine.Verdict? {
        let whole = frame.bytes
        var rest = ByteBuffer(bytes: whole.readableBytesView.dropLast(min(bytes + 1, whole.readableBytes - 7)))
        rest.writeInteger(RawFrame.end)
        if fixesSize { rest.setInteger(UInt32(clamping: rest.readableBytes - RawFrame.overhead), at: 3) }
        session.put(rest, to: towards)
        return .drop
    }
}

extension InterleaveFramesFault: FrameFault {
    var isOnce: Bool { true }

    func meets(_ frame: PassingFrame, in session: SessionMachine) -> Bool {
        frame.side == .client && frame.method == .basicPublish
    }

    func strike(
        _ frame: PassingFrame, in session: inout SessionMachine, as cause: FaultCause,
        _ output: inout SessionMachine.Output
    ) -> SessionMachine.Verdict? {
        session.put(frame.bytes, to: .broker)
        return nil
    }
}

extension SwallowHeartbeatsFault: FrameFault {
    var worksInHandshake: Bool { true }

    func meets(_ frame: PassingFrame, in session: SessionMachine) -> Bool {
        towards.sides.contains(frame.side.other) && frame.slice.type == FrameType.heartbeat.rawValue
    }

    func strike(
        _ frame: PassingFrame, in session: inout SessionMachine, as cause: FaultCause,
        _ output: inout SessionMachine.Output
    ) -> SessionMachine.Verdict? { .drop }
}

extension RefuseChannelsFault: FrameFault {
    func meets(_ frame: PassingFrame, in session: SessionMachine) -> Bool {
        frame.side == .client && frame.method == .channelOpen
    }

    func strike(
        _ frame: PassingFrame, in session: inout SessionMachine, as cause: FaultCause,
        _ output: inout SessionMachine.Output
    ) -> SessionMachine.Verdict? {
        session.channels[frame.channel] = session.newTrack()
        session.channels[frame.channel]?.cut = ChannelTrack.Cut(client: .closing, broker: .closed)
        let close = ChannelClose(
            replyCode: ReplyCode(rawValue: UInt16(clamping: code)), replyText: text,
            classID: MethodID.channelOpen.classID, methodID: MethodID.channelOpen.methodID)
        session.put(.channelClose(close), channel: frame.channel, to: .client)
        return .drop
    }
}

extension TuneFault: FrameFault {
    var worksInHandshake: Bool { true }

    func meets(_ frame: PassingFrame, in session: SessionMachine) -> Bool {
        frame.side == .broker && frame.method == .connectionTune
    }

    func strike(
        _ frame: PassingFrame, in session: inout SessionMachine, as cause: FaultCause,
        _ output: inout SessionMachine.Output
    ) -> SessionMachine.Verdict? {
        guard case .connectionTune(var tune)? = frame.content else { return nil }
        tune.frameMax = tune.frameMax.lowered(to: UInt32(clamping: frameMax))
        tune.channelMax = tune.channelMax.lowered(to: UInt16(clamping: channelMax))
        tune.heartbeat = tune.heartbeat.lowered(to: UInt16(clamping: heartbeat))
        session.put(.connectionTune(tune), channel: 0, to: .client)
        return .drop
    }
}

extension FixedWidthInteger {
    /// Returns the smaller value; on either side 0 means no limit.
    fileprivate func lowered(to limit: Self) -> Self { limit == 0 ? self : self == 0 ? limit : Swift.min(self, limit) }
}

// MARK: Without frames

extension LatencyFault: ShapingFault {
    var sides: Set<Side> { towards.sides }
    var limits: TrafficShaper.Limits {
        TrafficShaper.Limits(
            delay: .milliseconds(Int64(delayMilliseconds)), jitter: .milliseconds(Int64(jitterMilliseconds)))
    }
}

extension BandwidthFault: ShapingFault {
    var sides: Set<Side> { towards.sides }
    var limits: TrafficShaper.Limits { TrafficShaper.Limits(bytesPerSecond: bytesPerSecond) }
}

extension RefuseConnectionsFault: LastingFault {}
