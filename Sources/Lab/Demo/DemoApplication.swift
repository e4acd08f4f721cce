/// An application of the demo: a connection with a descriptive name, and its producers and consumers.
struct DemoApplication: Sendable, Hashable {
    /// The connection's name.
    var name: String
    var version = "1.0.0"
    /// The `platform` that it reports to the broker.
    var platform = "Swift"
    var user: String
    var virtualHost: String
    var producers: [Producer] = []
    var consumers: [Consumer] = []
    /// What it declares in addition to the queues it consumes and the exchanges it publishes to.
    var keeps = Kept()
    /// The mistakes that it repeats; nil for an application without any.
    var mistakes: Mistakes?
    /// When it connects and disconnects; nil for one that stays connected.
    var shift: Shift?

    struct Kept: Sendable, Hashable {
        var queues: [String] = []
        var exchanges: [String] = []
    }

    /// Alternating seconds of work and absence.
    struct Shift: Sendable, Hashable {
        var work: Double
        var away: Double
    }

    /// Every queue that it declares.
    var queues: [String] { consumers.map(\.queue) + keeps.queues }
    /// Every exchange that it declares.
    var exchanges: [String] { producers.map(\.exchange) + keeps.exchanges }
}

extension DemoApplication {
    /// Publishes messages of one shape, on a channel of its own.
    struct Producer: Sendable, Hashable {
        var exchange: String
        /// One is chosen at random for each message; a key that is listed twice is chosen twice as often.
        var routingKeys: [String]
        var shape: MessageShape
        var wave: Wave
        /// Whether it waits for publisher confirms.
        var isConfirmed = false
        var isPersistent = false
        /// Whether messages that reach no queue are returned.
        var isMandatory = false
        var headers: [Header] = []
        /// The range of priorities; nil for messages without a priority.
        var priorities: ClosedRange<UInt8>?

        /// A text header; of several values one is chosen at random.
        struct Header: Sendable, Hashable {
            var name: String
            var values: [String]
        }
    }

    /// Consumes a queue, on a channel of its own.
    struct Consumer: Sendable, Hashable {
        var queue: String
        var prefetch: UInt16 = 50
        /// The highest number of messages per second; nil: no limit.
        var capacity: Double?
        /// One in this many messages is rejected and dead-lettered; nil rejects none.
        var rejectsOneIn: Int?
        /// Whether it consumes with automatic acknowledgement: the broker counts messages as settled when they are
        /// sent.
        var isAutomatic = false
        /// The `x-stream-offset`, for a stream.
        var streamOffset: String?

        /// The header of a message that no consumer can process: it is requeued each time.
        static let poisonHeader = "poison"
        /// The seconds until a consumer recognizes such a message.
        static let poisonDelay = 1.5
    }

    /// Mistakes that an application makes in turn.
    struct Mistakes: Sendable, Hashable {
        enum Kind: Sendable, Hashable {
            /// Passively declares a queue that does not exist: 404.
            case missingQueue(String)
            /// Declares a queue with arguments other than its own: 406.
            case otherArguments(queue: String)
            /// Publishes to an exchange that does not exist: 404.
            case missingExchange(String)
        }

        var kinds: [Kind]
        /// The seconds between two mistakes.
        var every: Double
    }
}
