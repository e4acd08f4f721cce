import AMQPWire

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
        var queue: String
        var noAck: Bool
    }

    var cut: Cut?
    /// A close that waits for messages to be whole.
    var pendingClose: ChannelCloseRequest?
    var contentOfClient = Content.none
    var contentOfBroker = Content.none
    /// One side has closed it in the usual way.
    var isClosing = false

    var isConfirming = false
    var prefetch: UInt16 = 0
    var consumers: [String: Consumer] = [:] {
        didSet { noAckConsumers = consumers.values.count(where: \.noAck) }
    }
    private(set) var noAckConsumers = 0
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

    subscript(contentOf side: Side) -> Content {
        get { side == .client ? contentOfClient : contentOfBroker }
        set { if side == .client { contentOfClient = newValue } else { contentOfBroker = newValue } }
    }
}
