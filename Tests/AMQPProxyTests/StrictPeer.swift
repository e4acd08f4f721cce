import AMQPWire
import NIOCore
import Names

/// One end of a connection as AMQP 0-9-1 has it (section 2.2.5 and 1.5.2.5), which forgives nothing: it notes every frame
/// that its channel is not open for.
struct StrictPeer {
    enum Role { case client, broker }

    enum Channel: Equatable {
        /// `channel.open` was sent.
        case opening
        case open
        /// `channel.close` was sent: nothing but close and close-ok is heard.
        case closing
    }

    let role: Role
    /// Whether a close is answered that crosses its own, as it has to be.
    var answersWhileClosing = true
    /// What it has sent, and nobody has taken yet.
    var sent = ByteBuffer()
    private(set) var channels: [UInt16: Channel] = [:]
    private(set) var violations: [String] = []
    private(set) var isClosing = false
    private(set) var isClosed = false
    /// How often the other end closed a channel.
    private(set) var closesReceived = 0
    /// Deliveries that are not given back, and consumers, by channel; only a broker has them.
    private var consumers: [UInt16: Set<Name>] = [:]
    private var inside: [UInt16: UInt64?] = [:]
    private var decoder = FrameDecoder(frameMax: 0)

    init(_ role: Role) { self.role = role }

    func state(_ number: UInt16) -> Channel? { channels[number] }
    func hasConsumer(_ tag: Name, on number: UInt16) -> Bool { consumers[number]?.contains(tag) ?? false }

    // MARK: Sending

    mutating func send(_ number: UInt16, _ method: Method) { sent.writeImmutableBuffer(.frame(number, method)) }

    mutating func open(_ number: UInt16) {
        channels[number] = .opening
        consumers[number] = []
        send(number, .channelOpen)
    }

    mutating func close(_ number: UInt16, code: ReplyCode = .success) {
        channels[number] = .closing
        send(number, .channelClose(ChannelClose(replyCode: code)))
    }

    mutating func consume(_ tag: Name, on number: UInt16) {
        consumers[number, default: []].insert(tag)
        send(number, .basicConsume(BasicConsume(queue: "q", consumerTag: tag)))
    }

    mutating func closeConnection() {
        isClosing = true
        send(0, .connectionClose(ConnectionClose()))
    }

    // MARK: Receiving

    mutating func receive(_ bytes: ByteBuffer) {
        decoder.append(bytes)
        do {
            while let frame = try decoder.next() { receive(frame) }
        } catch {
            violations.append("\(role): \(error)")
        }
    }

    private mutating func receive(_ frame: RawFrame) {
        if isClosed { return violations.append("\(role): a frame behind connection.close-ok") }
        guard frame.type == .method else { return receiveContent(frame) }
        guard let method = try? Method(payload: frame.payload) else {
            return violations.append("\(role): no method")
        }
        if frame.channel == 0 { return receiveForConnection(method) }
        if isClosing { return }
        let number = frame.channel
        if inside[number] != nil, channels[number] != .closing {
            violations.append("\(role): \(method.name) inside a message on channel \(number)")
        }
        switch (channels[number], method) {
        case (nil, .channelOpen) where role == .broker:
            channels[number] = .open
            consumers[number] = []
            send(number, .channelOpenOk)
        case (nil, _): violations.append("\(role): \(method.name) on channel \(number): expected 'channel.open'")
        case (.closing, .channelClose):
            closesReceived += 1
            guard answersWhileClosing else { break }
            send(number, .channelCloseOk)
        case (.closing, .channelCloseOk): forget(number)
        case (.closing, _): break
        case (.open, .channelClose), (.opening, .channelClose):
            closesReceived += 1
            send(number, .channelCloseOk)
            forget(number)
        case (.opening, .channelOpenOk): channels[number] = .open
        case (_, .channelOpen), (_, .channelCloseOk), (_, .channelOpenOk), (.opening, _):
            violations.append("\(role): \(method.name) on channel \(number), which is \(channels[number]!)")
        case (.open, _): receiveForChannel(number, method)
        }
    }

    private mutating func receiveForConnection(_ method: Method) {
        switch method {
        case .connectionClose:
            send(0, .connectionCloseOk)
            if !isClosing { isClosed = true }
        case .connectionCloseOk:
            if !isClosing { violations.append("\(role): connection.close-ok to nothing") }
            isClosed = true
        default: if !isClosing { violations.append("\(role): \(method.name) on channel 0") }
        }
    }

    private mutating func receiveForChannel(_ number: UInt16, _ method: Method) {
        switch method {
        case .basicPublish: inside[number] = .some(nil)
        case .basicDeliver(let deliver):
            inside[number] = .some(nil)
            if !hasConsumer(deliver.consumerTag, on: number) {
                violations.append("\(role): a delivery to \(deliver.consumerTag), which was cancelled")
            }
        case .basicConsume(let consume):
            consumers[number, default: []].insert(consume.consumerTag)
            send(number, .basicConsumeOk(BasicConsumeOk(consumerTag: consume.consumerTag)))
        case .basicCancel(let cancel): consumers[number]?.remove(cancel.consumerTag)
        default: break
        }
    }

    private mutating func receiveContent(_ frame: RawFrame) {
        let number = frame.channel
        guard !isClosing, channels[number] != .closing else { return }
        guard channels[number] == .open, let left = inside[number] else {
            return violations.append("\(role): content on channel \(number)")
        }
        var missing: UInt64 = 0
        switch (frame.type, left) {
        case (.header, nil): missing = (try? ContentHeader(payload: frame.payload))?.bodySize ?? 0
        case (.body, .some(let before)) where before >= UInt64(frame.payload.readableBytes):
            missing = before - UInt64(frame.payload.readableBytes)
        default: violations.append("\(role): content out of order on channel \(number)")
        }
        inside[number] = missing == 0 ? nil : .some(missing)
    }

    private mutating func forget(_ number: UInt16) {
        channels[number] = nil
        consumers[number] = nil
        inside[number] = nil
    }
}
