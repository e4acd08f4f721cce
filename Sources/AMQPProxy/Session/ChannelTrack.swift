import AMQPWire
import DequeModule
import Names

/// One channel of a session as its frames tell it.
struct ChannelTrack {
    /// What became of one side's end of a channel that the proxy closes.
    enum Leg: Equatable {
        case open
        /// A close was sent to it; its close-ok has not come.
        case closing
        case closed
    }

    /// A close was put in: the two ends go their own ways.
    struct Cut: Equatable {
        var client = Leg.open
        var broker = Leg.open

        subscript(side: Side) -> Leg {
            get { side == .client ? client : broker }
            set { if side == .client { client = newValue } else { broker = newValue } }
        }
    }

    /// A message in mid-flight in one direction: inside it nothing may be put on its channel.
    enum Content: Equatable {
        case none
        case header
        case body(left: UInt64)
    }

    struct Consumer: Equatable {
        var queue: Name
        var noAck: Bool
        /// The broker has said that it has it, or was not asked to say so.
        var isEstablished = false
    }

    /// More consumers of a channel than these are not followed.
    static let mostConsumers = 1_000
    /// While more messages than these are on their way to nowhere, others pass as they are.
    static let mostSentNowhere = 10_000

    /// Tells channels apart that had the same number one after the other.
    let life: UInt64
    var cut: Cut?
    /// A close that waits for messages to be whole.
    var pendingClose: ChannelCloseRequest?
    var contentOfClient = Content.none
    var contentOfBroker = Content.none
    /// The broker has answered the client's `channel.open`.
    var isOpened = false
    /// Sides that have closed it in the usual way, and have no answer yet.
    var closers: Set<Side> = []
    var isClosing: Bool { !closers.isEmpty }

    var isConfirming = false
    var prefetch: UInt16 = 0
    var consumers: [Name: Consumer] = [:] {
        didSet { noAckConsumers = consumers.values.count(where: \.noAck) }
    }
    private(set) var noAckConsumers = 0
    /// Consumers that the proxy cancelled at both ends: what the broker had sent to them by then goes back to it.
    var cutConsumers: [Name: Consumer] = [:]
    /// Asked for without a tag, in order.
    var requestedConsumers: [Consumer] = []
    /// Whether what each `basic.get` asked for is without acknowledgement.
    var requestedGets: [Bool] = []
    var unacked = OutstandingTags()
    var unconfirmed = OutstandingTags()
    var nextSequence: UInt64 = 1
    var published: UInt64 = 0
    var delivered: UInt64 = 0
    var acked: UInt64 = 0
    var confirmed: UInt64 = 0
    var returned: UInt64 = 0

    /// A delivery that a fault takes out of the stream.
    var taken: TakenMessage?
    /// Exchange and routing key of publishes that a fault sends where no queue is, until the broker returns them.
    var sentNowhere: Deque<(exchange: Name, routingKey: Name, share: HeldRoom.Share)> = []
    /// Where the last publish went, while a fault asks for it; the queue where that was the default exchange.
    var lastExchange: Name?
    var lastQueue: Name?
    /// The next publish, the next delivery is news: the first since it was opened, or since a fault struck.
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
