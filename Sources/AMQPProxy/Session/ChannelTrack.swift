import AMQPWire
import Faults
import Names

/// The state of one channel of a session, derived from its frames.
struct ChannelTrack {
    /// The state of one side of a channel that the proxy closes.
    enum Leg: Equatable {
        case open
        /// A close was sent to this side; its close-ok has not arrived.
        case closing
        case closed
    }

    /// The state after an injected close, in which the two sides are independent.
    struct Cut: Equatable {
        var client = Leg.open
        var broker = Leg.open

        subscript(side: Side) -> Leg {
            get { side == .client ? client : broker }
            set { if side == .client { client = newValue } else { broker = newValue } }
        }
    }

    /// The part of a message that has not passed yet in one direction. Inside a message no other frame may be sent on
    /// its channel.
    enum Content: Equatable {
        case none
        case header
        case body(left: UInt64)
    }

    struct Consumer: Equatable {
        var queue: Name
        var noAck: Bool
        /// Whether the broker has confirmed the consumer, or was not requested to.
        var isEstablished = false
    }

    /// The highest number of consumers that are followed on a channel.
    static let mostConsumers = 1_000

    /// Distinguishes channels that use the same number one after the other.
    let life: UInt64
    var cut: Cut?
    /// A close that waits for partly transmitted messages to be complete.
    var pendingClose: ChannelCloseRequest?
    var contentOfClient = Content.none
    var contentOfBroker = Content.none
    /// Whether the broker has answered the client's `channel.open`.
    var isOpened = false
    /// The sides that have sent `channel.close` themselves and have not received the answer.
    var closers: Set<Side> = []
    var isClosing: Bool { !closers.isEmpty }

    var isConfirming = false
    var prefetch: UInt16 = 0
    var consumers: [Name: Consumer] = [:] {
        didSet { noAckConsumers = consumers.values.count(where: \.noAck) }
    }
    private(set) var noAckConsumers = 0
    /// Consumers that the proxy cancelled on both sides; what the broker had sent to them by then is requeued.
    var cutConsumers: [Name: Consumer] = [:]
    /// The consumers that were requested without a tag, in order.
    var requestedConsumers: [Consumer] = []
    /// For each pending `basic.get`, whether it is without acknowledgement.
    var requestedGets: [Bool] = []
    var unacked = OutstandingTags()
    var unconfirmed = OutstandingTags()
    var nextSequence: UInt64 = 1
    var published: UInt64 = 0
    var delivered: UInt64 = 0
    var acked: UInt64 = 0
    var confirmed: UInt64 = 0
    var returned: UInt64 = 0

    /// A delivery that a fault removes from the stream.
    var taken: RemovedDelivery?
    /// The publishes that a fault redirected to a non-existent exchange.
    var sentNowhere = RedirectedPublishes()
    /// The bytes that faults keep of this channel, with the overhead.
    var keptBytes: Int { (taken?.keptBytes ?? 0) + sentNowhere.bytes }
    /// The exchange of the last publish, recorded while a fault needs it; below, its queue if that was the default
    /// exchange.
    var lastExchange: Name?
    var lastQueue: Name?
    /// Whether the next publish, or the next delivery, is reported: the first since the channel was opened, or since a
    /// fault took effect.
    var saysPublished = true
    var saysConsumed = true

    init(life: UInt64) { self.life = life }

    mutating func saysAgain() {
        saysPublished = true
        saysConsumed = true
    }

    subscript(contentOf side: Side) -> Content {
        get { side == .client ? contentOfClient : contentOfBroker }
        set { if side == .client { contentOfClient = newValue } else { contentOfBroker = newValue } }
    }
}

// Updates a channel's state from the frames that pass.
extension ChannelTrack {
    mutating func publish() {
        published += 1
        contentOfClient = .header
        guard isConfirming else { return }
        unconfirmed.add(nextSequence)
        nextSequence += 1
    }

    /// Records a `basic.deliver`: the consumer's tag as a short string, then the delivery tag (AMQP 0-9-1, section
    /// 1.8.3.13).
    ///
    /// - Returns: whether the message was delivered before.
    mutating func deliver(_ frame: FrameScanner.Slice, _ scanner: FrameScanner) -> Bool {
        delivered += 1
        contentOfBroker = .header
        guard let length: UInt8 = scanner.integer(of: frame, at: 4),
            let tag: UInt64 = scanner.integer(of: frame, at: 5 + Int(length)),
            let bits: UInt8 = scanner.integer(of: frame, at: 13 + Int(length))
        else { return false }
        let isRedelivered = bits & 1 != 0
        if noAckConsumers > 0 {
            let name = scanner.buffer.viewBytes(at: frame.payloadIndex + 5, length: Int(length)).map { Name(bytes: $0) }
            if let name, consumers[name]?.noAck == true { return isRedelivered }
        }
        unacked.add(tag)
        return isRedelivered
    }

    /// Records a `basic.ack`, `basic.reject` or `basic.nack`. They begin with the tag; the first bit after it is
    /// `multiple`, except for reject.
    mutating func settle(_ frame: FrameScanner.Slice, _ scanner: FrameScanner, _ method: UInt16, from side: Side) {
        guard let tag: UInt64 = scanner.integer(of: frame, at: 4) else { return }
        let bits: UInt8 = scanner.integer(of: frame, at: 12) ?? 0
        let multiple = method != 90 && bits & 1 != 0
        switch side {
        case .client: acked += UInt64(unacked.settle(tag, multiple: multiple))
        case .broker: confirmed += UInt64(unconfirmed.settle(tag, multiple: multiple))
        }
    }

    mutating func observe(_ method: Method, from side: Side) {
        switch (method, side) {
        case (.confirmSelect, .client): isConfirming = true
        case (.basicQos(let qos), .client): prefetch = qos.prefetchCount
        case (.basicConsume(let consume), .client):
            guard consumers.count + requestedConsumers.count < Self.mostConsumers else { return }
            let consumer = Consumer(
                queue: consume.queue, noAck: consume.noAck, isEstablished: consume.noWait)
            if consume.noWait { cutConsumers[consume.consumerTag] = nil }
            // For an empty tag, the broker generates one and sends it in the answer.
            if consume.consumerTag.isEmpty {
                requestedConsumers.append(consumer)
            } else {
                consumers[consume.consumerTag] = consumer
            }
        case (.basicConsumeOk(let ok), .broker):
            cutConsumers[ok.consumerTag] = nil
            if consumers[ok.consumerTag] == nil, !requestedConsumers.isEmpty {
                consumers[ok.consumerTag] = requestedConsumers.removeFirst()
            }
            consumers[ok.consumerTag]?.isEstablished = true
        case (.basicCancel(let cancel), .client):
            if cancel.noWait { consumers[cancel.consumerTag] = nil }
        case (.basicCancelOk(let ok), .broker): consumers[ok.consumerTag] = nil
        case (.basicGet(let get), .client): requestedGets.append(get.noAck)
        case (.basicGetOk(let ok), .broker):
            contentOfBroker = .header
            delivered += 1
            if requestedGets.isEmpty || !requestedGets.removeFirst() { unacked.add(ok.deliveryTag) }
        case (.basicGetEmpty, .broker): if !requestedGets.isEmpty { requestedGets.removeFirst() }
        case (.basicRecover, .client), (.basicRecoverAsync, .client): unacked.removeAll()
        default: break
        }
    }
}
