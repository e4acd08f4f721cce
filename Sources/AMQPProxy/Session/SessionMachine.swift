import AMQPWire
import DequeModule
import Faults
import NIOCore

/// One session, a client's connection and the proxy's connection to the broker: follows the frames of both directions
/// and passes them on. What it cannot parse passes unchanged.
///
/// Its input is bytes, its output bytes for either side; sockets and clocks are handled elsewhere.
struct SessionMachine {
    /// The results of one step.
    struct Output {
        var toClient: [ByteBuffer] = []
        var toBroker: [ByteBuffer] = []
        /// The sides whose socket is to be closed when everything is written.
        var ends: Set<Side> = []
        /// The sides whose socket is to be reset when everything is written.
        var resets: Set<Side> = []
        var events: [SessionEvent] = []
        /// The number of redelivered messages, by channel.
        var redelivered: [UInt16: Int] = [:]
        /// Whether this step completed the handshake.
        var isOpened = false
        /// The broker's connection.start of this step, with the cluster's name, if any.
        var greeting: Greeting?

        struct Greeting {
            var cluster: String?
        }

        subscript(side: Side) -> [ByteBuffer] {
            get { side == .client ? toClient : toBroker }
            _modify { if side == .client { yield &toClient } else { yield &toBroker } }
        }
    }

    enum Phase: Equatable {
        /// The client's protocol header has not arrived.
        case greeting
        case framed
        /// Another protocol than AMQP 0-9-1, or a broken stream: everything passes.
        case opaque
        /// The proxy ends the session: it waits for a close-ok of these sides, and ignores everything else.
        case closing(Set<Side>)
    }

    var phase = Phase.greeting
    var identity = SessionIdentity()
    /// Whether `connection.open-ok` passed.
    var isOpen = false
    /// Whether a side's `connection.close` passed; from then on no frames may be injected.
    var isEnding = false
    var blockedReason: String?
    var channels: [UInt16: ChannelTrack] = [:]
    /// Channel numbers that the client uses again, and for which it may still answer an earlier close.
    var owedCloseOks: Set<UInt16> = []
    /// How the last channel of each number ended, if that was by an error.
    var lastErrors: [UInt16: Closing] = [:]
    var faults: [SessionFault] = []
    /// Whether a fault needs the names in a publish.
    var needsNames = false
    /// The number of messages published and delivered so far.
    var messages: UInt64 = 0
    /// The bytes of the frames received from each side so far.
    var passed = BytesPassed()
    /// The held bytes, in the order in which they are due.
    var held: Deque<HeldBytes> = []
    /// The number of bytes held for each side, with the overhead.
    var heldFor = BytesPassed()
    /// The limit of the bytes that faults hold in this session.
    var heldBytesLimit = SessionMachine.heldBytesLimit
    /// The channels whose messages faults keep.
    var keeping: Set<UInt16> = []
    /// What all sessions share of the faults; during a step of `step(sharing:)`.
    var counters = FaultCounters()
    /// The part of `counters.heldBytes` that is this session's.
    var countedBytes = 0
    /// Whether a fault has cancelled consumers, whose deliveries are given back.
    var cancelsConsumers = false
    /// Whether bytes that are due wait for the end of a message.
    var isMessageAwaited = false
    var now = NIODeadline.uptimeNanoseconds(0)
    private var lives: UInt64 = 0
    private var isResuming = false
    /// The frames to inject into the stream to each side, after the frame that is passing.
    private var waitingToClient: [ByteBuffer] = []
    private var waitingToBroker: [ByteBuffer] = []
    private var fromClient = Stream()
    private var fromBroker = Stream()
    private var greeting = ByteBuffer()

    struct BytesPassed: Equatable {
        private var fromClient: UInt64 = 0
        private var fromBroker: UInt64 = 0

        subscript(side: Side) -> UInt64 {
            get { side == .client ? fromClient : fromBroker }
            set { if side == .client { fromClient = newValue } else { fromBroker = newValue } }
        }
    }

    /// The state of one direction.
    private struct Stream {
        var scanner = FrameScanner()
        var frames: UInt64 = 0
        /// Whether the large frame in progress passes.
        var passesLarge = true
        /// The channel of a large frame in progress that is removed from the stream.
        var largeTaken: UInt16?
        /// Whether nothing more passes until the other side has answered.
        var isStalled = false
    }

    /// Returns the number of frames received from a side.
    func frames(from side: Side) -> UInt64 { side == .client ? fromClient.frames : fromBroker.frames }

    /// Whether what a side sends waits for the other's answer; then it is not to be read.
    func isStalled(_ side: Side) -> Bool { side == .client ? fromClient.isStalled : fromBroker.isStalled }

    // MARK: Bytes

    mutating func received(_ bytes: ByteBuffer, from side: Side, now: NIODeadline, _ output: inout Output) {
        self.now = now
        switch phase {
        case .opaque: output[side.other].append(bytes)
        case .greeting where side == .client: greet(bytes, &output)
        case .greeting, .framed, .closing: read(bytes, from: side, &output)
        }
        if !held.isEmpty { release(now: now, &output) }
    }

    /// Examines again what was held back in the stream, because a fault was undone.
    mutating func resumeBoth(_ output: inout Output) {
        for side in Side.allCases where self[streamFrom: side].isStalled && phase != .opaque {
            resume(side, &output)
        }
    }

    mutating func newTrack() -> ChannelTrack {
        lives += 1
        return ChannelTrack(life: lives)
    }

    private mutating func greet(_ bytes: ByteBuffer, _ output: inout Output) {
        greeting.writeImmutableBuffer(bytes)
        var rest = greeting
        do throws(WireError) {
            guard let header = try ProtocolHeader.read(from: &rest) else { return }
            guard header == .amqp091 else { return becomeOpaque("it speaks \(header)", from: .client, &output) }
        } catch {
            return becomeOpaque("it does not speak AMQP", from: .client, &output)
        }
        phase = .framed
        if let header = greeting.readSlice(length: 8) { output.toBroker.append(header) }
        let left = greeting
        greeting = ByteBuffer()
        if left.readableBytes > 0 { read(left, from: .client, &output) }
    }

    private mutating func becomeOpaque(_ what: String, from side: Side, _ output: inout Output) {
        phase = .opaque
        fromClient.isStalled = false
        fromBroker.isStalled = false
        output.events.append(.notUnderstood(from: side, what))
        if greeting.readableBytes > 0 { output.toBroker.append(greeting) }
        greeting = ByteBuffer()
        if let left = fromClient.scanner.takeAll() { output.toBroker.append(left) }
        if let left = fromBroker.scanner.takeAll() { output.toClient.append(left) }
    }

    private mutating func read(_ bytes: ByteBuffer, from side: Side, _ output: inout Output) {
        // Moved out while it is processed, so that nothing of it is copied.
        var stream = Stream()
        swap(&stream, &self[streamFrom: side])
        stream.scanner.append(bytes)
        let isUnderstood = stream.isStalled || scan(&stream, side, &output)
        swap(&stream, &self[streamFrom: side])
        if !isUnderstood { return becomeOpaque("what it sends is not AMQP frames", from: side, &output) }
        // What is examined again may have to wait again; that is no reason to examine this side again.
        if !isResuming, self[streamFrom: side.other].isStalled { resume(side.other, &output) }
    }

    /// Examines a stalled side again, because the other side has sent something that it may have waited for.
    private mutating func resume(_ side: Side, _ output: inout Output) {
        self[streamFrom: side].isStalled = false
        isResuming = true
        read(ByteBuffer(), from: side, &output)
        isResuming = false
    }

    /// Processes the complete frames of a stream.
    ///
    /// - Returns: false if the following bytes are not frames.
    private mutating func scan(_ stream: inout Stream, _ side: Side, _ output: inout Output) -> Bool {
        var isUnderstood = true
        while !stream.isStalled {
            let start = stream.scanner.cursor
            stream.scanner.isEarly = !isOpen
            guard let found = stream.scanner.next() else { break }
            let verdict: Verdict
            switch found {
            case .frame(let frame):
                verdict = judge(frame, stream.scanner, from: side, isLarge: false, &output)
                if verdict != .stall { passed[side] += UInt64(frame.size + RawFrame.overhead) }
            case .large(let frame):
                verdict = judge(frame, stream.scanner, from: side, isLarge: true, &output)
                if verdict != .stall { passed[side] += UInt64(frame.size + RawFrame.overhead) }
                stream.passesLarge = verdict.passes
                stream.largeTaken = channels[frame.channel]?.taken != nil && side == .broker ? frame.channel : nil
            case .part(let size, let isLast):
                verdict = stream.passesLarge ? .pass : .drop
                if let channel = stream.largeTaken,
                    let bytes = stream.scanner.buffer.getSlice(at: start, length: size)
                {
                    takePart(bytes, isLast: isLast, of: channel)
                }
            case .rubbish:
                isUnderstood = false
                stream.isStalled = true
                continue
            }
            switch verdict {
            case .pass: break
            case .passBehind(let bytes):
                pass(&stream, upTo: start, from: side, &output)
                output[side.other].append(bytes)
            case .drop:
                pass(&stream, upTo: start, from: side, &output)
                stream.scanner.drop()
            case .stall:
                stream.scanner.rewind(to: start)
                stream.isStalled = true
            }
            if case .part = found {} else if verdict != .stall { stream.frames += 1 }
            if hasWaiting, !stream.scanner.isInLargeFrame {
                pass(&stream, upTo: stream.scanner.cursor, from: side, &output)
                deliverWaiting(to: side.other, &output)
                if !self[streamFrom: side.other].scanner.isInLargeFrame { deliverWaiting(to: side, &output) }
            }
        }
        pass(&stream, upTo: stream.scanner.cursor, from: side, &output)
        return isUnderstood
    }

    private func pass(_ stream: inout Stream, upTo index: Int, from side: Side, _ output: inout Output) {
        if let bytes = stream.scanner.take(upTo: index) { output[side.other].append(bytes) }
    }

    // MARK: Putting frames in

    private var hasWaiting: Bool { !waitingToClient.isEmpty || !waitingToBroker.isEmpty }

    /// Injects a method after the frame that is passing.
    mutating func put(_ method: Method, channel: UInt16, to side: Side) {
        var bytes = ByteBuffer()
        // The caller shortens a text that is too long for a short string.
        guard (try? bytes.writeFrame(channel: channel, method)) != nil else { return }
        put(bytes, to: side)
    }

    mutating func put(_ bytes: ByteBuffer, to side: Side) {
        if side == .client { waitingToClient.append(bytes) } else { waitingToBroker.append(bytes) }
    }

    /// Sends the injected frames between two steps, except for those that wait for the end of a large frame.
    mutating func deliverWaiting(_ output: inout Output) {
        for side in Side.allCases where !self[streamFrom: side.other].scanner.isInLargeFrame {
            deliverWaiting(to: side, &output)
        }
    }

    private mutating func deliverWaiting(to side: Side, _ output: inout Output) {
        if side == .client {
            output.toClient += waitingToClient
            waitingToClient.removeAll()
        } else {
            output.toBroker += waitingToBroker
            waitingToBroker.removeAll()
        }
    }

    private subscript(streamFrom side: Side) -> Stream {
        get { side == .client ? fromClient : fromBroker }
        _modify { if side == .client { yield &fromClient } else { yield &fromBroker } }
    }
}
