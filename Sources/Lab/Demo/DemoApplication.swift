/// One program of the demo's system: a connection with a telling name, and what it does there.
struct DemoApplication: Sendable, Hashable {
    /// The connection's name.
    var name: String
    var version = "1.0.0"
    /// What it is written in, as it tells the broker.
    var platform = "Swift"
    var user: String
    var virtualHost: String
    var producers: [Producer] = []
    var consumers: [Consumer] = []
    /// What it declares beside the queues it consumes from and the exchanges it publishes to.
    var keeps = Kept()
    /// What it does wrong again and again; nil for one that behaves.
    var mistakes: Mistakes?
    /// When it comes and goes; nil for one that stays.
    var shift: Shift?

    struct Kept: Sendable, Hashable {
        var queues: [String] = []
        var exchanges: [String] = []
    }

    /// Seconds of work and seconds away, in turn.
    struct Shift: Sendable, Hashable {
        var work: Double
        var away: Double
    }

    /// Every queue it declares.
    var queues: [String] { consumers.map(\.queue) + keeps.queues }
    /// Every exchange it declares.
    var exchanges: [String] { producers.map(\.exchange) + keeps.exchanges }
}

extension DemoApplication {
    /// Publishes messages of one shape, on a channel of its own.
    struct Producer: Sendable, Hashable {
        var exchange: String
        /// One is taken at random for each message; a key that stands twice comes twice as often.
        var routingKeys: [String]
        var shape: MessageShape
        var wave: Wave
        /// Waits for the broker's confirms.
        var isConfirmed = false
        var isPersistent = false
        /// Wants messages back that reach no queue.
        var isMandatory = false
        var headers: [Header] = []
        /// Nil for messages without a priority.
        var priorities: ClosedRange<UInt8>?

        /// A text header; of several values one is taken at random.
        struct Header: Sendable, Hashable {
            var name: String
            var values: [String]
        }
    }

    /// Consumes a queue, on a channel of its own.
    struct Consumer: Sendable, Hashable {
        var queue: String
        var prefetch: UInt16 = 50
        /// Messages per second at most; nil takes them as they come.
        var capacity: Double?
        /// Of so many messages one is rejected and goes where dead letters go; nil rejects none.
        var rejectsOneIn: Int?
        /// The broker takes messages for settled when it has sent them.
        var isAutomatic = false
        /// `x-stream-offset`, for a stream.
        var streamOffset: String?

        /// The header of a message that no consumer can digest: it goes back into its queue each time.
        static let poisonHeader = "poison"
        /// Seconds it takes to find out that a message is poison.
        static let poisonDelay = 1.5
    }

    /// What somebody does wrong, in turn.
    struct Mistakes: Sendable, Hashable {
        enum Kind: Sendable, Hashable {
            /// Asks for a queue that is not there: 404.
            case missingQueue(String)
            /// Declares a queue with arguments it was not made with: 406.
            case otherArguments(queue: String)
            /// Publishes to an exchange that is not there: 404.
            case missingExchange(String)
        }

        var kinds: [Kind]
        /// Seconds between two.
        var every: Double
    }
}
