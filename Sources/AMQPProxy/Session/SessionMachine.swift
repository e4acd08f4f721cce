import AMQPWire
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
        var news: [SessionNews] = []

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
    var blockedReason: String?
    var channels: [UInt16: ChannelTrack] = [:]
    /// What is to be put into the stream to each side, behind the frame that just passes.
    private var waitingToClient: [ByteBuffer] = []
    private var waitingToBroker: [ByteBuffer] = []
    private var fromClient = Stream()
    private var fromBroker = Stream()
    private var greeting = ByteBuffer()

    /// One direction.
    private struct Stream {
        var scanner = FrameScanner()
        var frames: UInt64 = 0
        /// Whether the large frame that is under way passes.
        var passesLarge = true
        /// Nothing more of it passes until the other side has answered.
        var isStalled = false
    }

    /// Frames that came from that side.
    func frames(from side: Side) -> UInt64 { side == .client ? fromClient.frames : fromBroker.frames }

    /// Whether what that side sends waits for the other's answer: it is not to be read.
    func isStalled(_ side: Side) -> Bool { side == .client ? fromClient.isStalled : fromBroker.isStalled }

    // MARK: Bytes

    mutating func received(_ bytes: ByteBuffer, from side: Side, _ output: inout Output) {
        switch phase {
        case .opaque: output[side.other].append(bytes)
        case .greeting where side == .client: greet(bytes, &output)
        case .greeting, .framed, .closing: read(bytes, from: side, &output)
        }
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
        output.news.append(.notUnderstood(from: side, what))
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
        if self[streamFrom: side.other].isStalled { resume(side.other, &output) }
    }

    /// The other side has sent something: perhaps what was waited for.
    private mutating func resume(_ side: Side, _ output: inout Output) {
        self[streamFrom: side].isStalled = false
        read(ByteBuffer(), from: side, &output)
    }

    /// - Returns: false when what follows is not in frames.
    private mutating func scan(_ stream: inout Stream, _ side: Side, _ output: inout Output) -> Bool {
        var isUnderstood = true
        while !stream.isStalled {
            let start = stream.scanner.cursor
            guard let found = stream.scanner.next() else { break }
            let verdict: Verdict
            switch found {
            case .frame(let frame): verdict = judge(frame, stream.scanner, from: side, &output)
            case .large(let frame):
                verdict = judge(frame, stream.scanner, from: side, &output)
                stream.passesLarge = verdict == .pass
            case .part: verdict = stream.passesLarge ? .pass : .drop
            case .rubbish:
                isUnderstood = false
                stream.isStalled = true
                continue
            }
            switch verdict {
            case .pass: break
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
