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
    var taken: TakenMessage?
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
