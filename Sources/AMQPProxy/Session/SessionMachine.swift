import AMQPWire
import DequeModule
import NIOCore

/// One session, a client's connection and the proxy's own to the broker: follows the frames of both directions and passes
/// them on. What it does not understand passes untouched.
///
/// Bytes come in, and bytes for either side go out; sockets and clocks are for others.
struct SessionMachine {
    /// What one step has for the outside.
    struct Output {
        var toClient: [ByteBuffer] = []
        var toBroker: [ByteBuffer] = []
        /// Sides whose socket is to be closed when all is written.
        var ends: Set<Side> = []
        /// Sides whose socket is to be reset when all is written.
        var resets: Set<Side> = []
        var events: [SessionEvent] = []
        /// Messages that came again, by channel.
        var redelivered: [UInt16: Int] = [:]
        /// The handshake has just been done.
        var isOpened = false
        /// The broker has just greeted: the name it gave its cluster, if any.
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
        /// The client's protocol header has not come.
        case greeting
        case framed
        /// Something other than AMQP 0-9-1, or a broken stream: all passes.
        case opaque
        /// The proxy ends it: of those sides a close-ok is awaited, and nothing else is heard.
        case closing(Set<Side>)
    }

    var phase = Phase.greeting
    var identity = SessionIdentity()
    /// Whether `connection.open-ok` passed.
    var isOpen = false
    /// Whether a side's `connection.close` passed: from here on nothing may be put in.
    var isEnding = false
    var blockedReason: String?
    var channels: [UInt16: ChannelTrack] = [:]
    /// Numbers that the client uses again, and may still answer an earlier close of.
    var owedCloseOks: Set<UInt16> = []
    /// How the last channel of each number ended, where that was by an error.
    var lastErrors: [UInt16: Closing] = [:]
    var faults: [SessionFault] = []
    /// Whether one of them asks for the names that a publish says.
    var needsNames = false
    /// Messages published and delivered so far.
    var messages: UInt64 = 0
    /// Bytes of the frames that came from each side so far.
    var passed = BytesPassed()
    /// In the order in which they are due.
    var held: Deque<HeldBytes> = []
    /// Bytes that are held for each side, with what they take beside themselves.
    var heldFor = BytesPassed()
    /// What faults keep of this session, and of all.
    var room = HeldRoom(limit: HeldRoom.ofSession)
    /// What is due waits for the end of a message.
    var isMessageAwaited = false
    var now = NIODeadline.uptimeNanoseconds(0)
    private var lives: UInt64 = 0
    private var isResuming = false
    /// What is to be put into the stream to each side, behind the frame that just passes.
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

    /// One direction.
    private struct Stream {
        var scanner = FrameScanner()
        var frames: UInt64 = 0
        /// Whether the large frame that is under way passes.
        var passesLarge = true
        /// The channel of a large frame that is under way, and taken out.
        var largeTaken: UInt16?
        /// Nothing more of it passes until the other side has answered.
        var isStalled = false
    }

    /// Frames that came from that side.
    func frames(from side: Side) -> UInt64 { side == .client ? fromClient.frames : fromBroker.frames }

    /// Whether what that side sends waits for the other's answer: it is not to be read.
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

    /// What was held back in the stream is looked at again: a fault is gone.
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
        // Taken out while it is at work, so that nothing of it is copied.
        var stream = Stream()
        swap(&stream, &self[streamFrom: side])
        stream.scanner.append(bytes)
        let isUnderstood = stream.isStalled || scan(&stream, side, &output)
        swap(&stream, &self[streamFrom: side])
        if !isUnderstood { return becomeOpaque("what it sends is not in frames", from: side, &output) }
        // What is looked at again may have to wait again: that is no reason to look at this side again.
        if !isResuming, self[streamFrom: side.other].isStalled { resume(side.other, &output) }
    }

    /// The other side has sent something: perhaps what was waited for.
    private mutating func resume(_ side: Side, _ output: inout Output) {
        self[streamFrom: side].isStalled = false
        isResuming = true
        read(ByteBuffer(), from: side, &output)
        isResuming = false
    }

    /// - Returns: false when what follows is not in frames.
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

    /// Puts a method in, behind the frame that just passes there.
    mutating func put(_ method: Method, channel: UInt16, to side: Side) {
        var bytes = ByteBuffer()
        // A text too long for a short string is cut by whoever asked.
        guard (try? bytes.writeFrame(channel: channel, method)) != nil else { return }
        put(bytes, to: side)
    }

    mutating func put(_ bytes: ByteBuffer, to side: Side) {
        if side == .client { waitingToClient.append(bytes) } else { waitingToBroker.append(bytes) }
    }

    /// Between two steps: what was put in goes out, but for what waits for the end of a large frame.
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
