import AMQPWire
import Faults
import NIOCore
import Names

/// A fault on the frames of a session: which of them it meets, and what becomes of those it strikes.
protocol FrameFault: LastingFault {
    /// Whether it works before the handshake is complete.
    var worksInHandshake: Bool { get }
    /// Whether it keeps frames from passing without losing any.
    var holdsBack: Bool { get }
    /// Whether messages of any kind count as passing before it; otherwise the frames that it meets.
    var countsMessages: Bool { get }
    /// Whether it needs memory for the frames it strikes; without room they pass.
    var keepsFrames: Bool { get }
    /// Whether it begins without a frame, if its selector does not say otherwise.
    var beginsAtOnce: Bool { get }
    /// Whether nothing of a side is let through, not even its end.
    func silences(_ side: Side) -> Bool
    /// Whether it could work on a frame of a selected channel.
    func meets(_ frame: PassingFrame, in session: SessionMachine) -> Bool
    /// Works on a frame.
    ///
    /// - Returns: nil if the frame passes normally.
    func strike(
        _ frame: PassingFrame, in session: inout SessionMachine, as cause: FaultCause,
        _ output: inout SessionMachine.Output
    ) -> SessionMachine.Verdict?
}

extension FrameFault {
    var worksInHandshake: Bool { false }
    var holdsBack: Bool { false }
    var countsMessages: Bool { false }
    var keepsFrames: Bool { false }
    var beginsAtOnce: Bool { false }
    func silences(_ side: Side) -> Bool { false }
}

/// A frame on its way from one side of a session to the other.
struct PassingFrame {
    let slice: FrameScanner.Slice
    let scanner: FrameScanner
    /// The side that sent it.
    let side: Side
    /// Whether it is too large to be read at once; then only its header is there.
    let isLarge: Bool
    /// Its method; nil if it carries none.
    let method: MethodID?

    init(_ slice: FrameScanner.Slice, _ scanner: FrameScanner, from side: Side, isLarge: Bool) {
        self.slice = slice
        self.scanner = scanner
        self.side = side
        self.isLarge = isLarge
        method = scanner.method(of: slice)
    }

    var channel: UInt16 { slice.channel }

    /// The frame as received; of a large frame, its header.
    var bytes: ByteBuffer { scanner.bytes(of: slice, isLarge: isLarge) }

    /// Its method with all fields; nil if it cannot be read.
    var content: Method? { try? Method(payload: scanner.payload(of: slice)) }

    /// Whether a peer notices a changed byte: in a body it cannot.
    var isCheckedByPeer: Bool { method != nil || slice.type == FrameType.header.rawValue }
}

/// The state of a fault in one session.
struct SessionFault {
    let fault: ProxyFault
    /// How much it could have applied to on this connection.
    var passed = 0
    /// Whether it has taken effect in this session.
    var hasStruck = false
    /// Whether it was reported that it cannot hold any more.
    var saidFull = false
}

// Applies the faults in force to frames.
extension SessionMachine {
    /// Applies the faults in force to a frame.
    ///
    /// - Returns: nil if no fault takes effect; then the frame is observed and passed on normally.
    mutating func spoil(
        _ slice: FrameScanner.Slice, _ scanner: FrameScanner, from side: Side, isLarge: Bool, _ output: inout Output
    ) -> Verdict? {
        let frame = PassingFrame(slice, scanner, from: side, isLarge: isLarge)
        let names = needsNames ? namesOf(frame) : Names()
        // Faults that hold frames back come first: such a frame is examined repeatedly, and the other faults must apply
        // once.
        for index in faults.indices {
            guard let fault = faults[index].fault.frames, fault.holdsBack, meets(fault, index, frame, names) else {
                continue
            }
            if faults[index].hasStruck || strikes(fault, index, frame, &output) { return .stall }
        }
        for index in faults.indices {
            guard let fault = faults[index].fault.frames, !fault.holdsBack, meets(fault, index, frame, names) else {
                continue
            }
            let cause = faults[index].fault.cause
            if fault.keepsFrames, !hasRoom(for: slice.size + RawFrame.overhead + HeldBytes.overhead) {
                sayFull(cause, &output)
                continue
            }
            guard strikes(fault, index, frame, &output) else { continue }
            if let verdict = fault.strike(frame, in: &self, as: cause, &output) { return verdict }
        }
        return nil
    }

    private func meets(_ fault: any FrameFault, _ index: Int, _ frame: PassingFrame, _ names: Names) -> Bool {
        guard isOpen || fault.worksInHandshake, fault.meets(frame, in: self) else { return false }
        let aim = faults[index].fault.aim
        if frame.channel == 0 { return !aim.asksForChannel }
        return aim.meets(channel: frame.channel, queues: names.queues, exchange: names.exchange)
    }

    private mutating func strikes(
        _ fault: any FrameFault, _ index: Int, _ frame: PassingFrame, _ output: inout Output
    ) -> Bool {
        // The message of this header or body has not passed completely yet.
        let isInMessage = channels[frame.channel].map { $0[contentOf: frame.side] != .none } ?? false
        let before = fault.countsMessages ? Int(clamping: messages) - (isInMessage ? 1 : 0) : faults[index].passed
        faults[index].passed += 1
        guard counters.strikes(faults[index].fault, passed: before, bytes: passed[frame.side]) else { return false }
        struck(index, channel: frame.channel, &output)
        return true
    }

    private mutating func struck(_ index: Int, channel: UInt16, _ output: inout Output) {
        let isFirst = !faults[index].hasStruck
        faults[index].hasStruck = true
        if channel == 0 {
            for number in channels.keys { channels[number]?.saysAgain() }
        } else {
            channels[channel]?.saysAgain()
        }
        if isFirst { output.events.append(.struck(faults[index].fault.cause, channel: channel == 0 ? nil : channel)) }
    }

    /// Whether nothing that a side sends is passed on.
    func isSilenced(_ side: Side) -> Bool {
        faults.contains { $0.hasStruck && $0.fault.frames?.silences(side) == true }
    }

    // MARK: Names

    /// Records where a channel publishes to, so that selectors can match it.
    mutating func noteNames(_ publish: BasicPublish, on channel: UInt16) {
        channels[channel]?.lastExchange = publish.exchange
        channels[channel]?.lastQueue = publish.exchange.isEmpty ? publish.routingKey : nil
    }

    private struct Names {
        var queues: [Name] = []
        var exchange: Name?
    }

    private mutating func namesOf(_ frame: PassingFrame) -> Names {
        guard let track = channels[frame.channel] else { return Names() }
        if frame.side == .client, frame.method == .basicPublish, case .basicPublish(let publish)? = frame.content {
            noteNames(publish, on: frame.channel)
            return Names(queues: publish.exchange.isEmpty ? [publish.routingKey] : [], exchange: publish.exchange)
        }
        if frame.side == .broker, frame.method == .basicDeliver, case .basicDeliver(let deliver)? = frame.content {
            return Names(
                queues: track.consumers[deliver.consumerTag].map { [$0.queue] } ?? [], exchange: deliver.exchange)
        }
        return Names(
            queues: track.consumers.values.map(\.queue) + [track.lastQueue].compactMap(\.self),
            exchange: track.lastExchange)
    }
}

extension FrameScanner {
    /// Returns the frame as received; for a large frame, its header.
    func bytes(of frame: Slice, isLarge: Bool) -> ByteBuffer {
        buffer.getSlice(at: frame.payloadIndex - 7, length: isLarge ? 7 : frame.size + RawFrame.overhead)
            ?? ByteBuffer()
    }
}
