public import Names

/// Something that is done with the messages of a queue.
public enum MessageOperation: Sendable, Equatable {
    /// Looks at messages, which stay in the queue.
    case browse(BrowseRequest)
    /// Counts where dead letters would go back to.
    case preview(MessageAction)
    /// Moves, copies, sends back, changes or deletes messages.
    case act(MessageAction)

    /// The queue.
    public var queue: EntityID {
        switch self {
        case .browse(let request): request.queue
        case .preview(let action), .act(let action): action.queue
        }
    }

    /// The name in progress lines and in the ledger: `move from orders`.
    var title: String {
        switch self {
        case .browse(let request): "messages of \(request.queue.name)"
        case .preview(let action): "preview of \(action.queue.name)"
        case .act(let action):
            switch action.work {
            case .move(.origin): "dead letters of \(action.queue.name)"
            case .move: "move from \(action.queue.name)\(action.towards)"
            case .copy: "copy from \(action.queue.name)\(action.towards)"
            case .republish: "edited message of \(action.queue.name)"
            case .delete: "deletion from \(action.queue.name)"
            }
        }
    }

    /// Whether messages can get lost by it.
    var isDestructive: Bool {
        guard case .act(let action) = self else { return false }
        return action.work == .delete
    }
}

/// The messages that are looked at.
public struct BrowseRequest: Sendable, Equatable {
    /// The queue.
    public var queue: EntityID
    /// How many messages are read at most.
    public var count: Int
    /// Where reading begins if the queue is a stream: `first`, `last`, `next`, an offset, a time or an age.
    public var start: String
    /// Whether the messages follow those that are shown.
    public var continues: Bool

    /// The most messages that are read at once.
    public static let most = 10_000

    /// Creates a request.
    public init(queue: EntityID, count: Int, start: String = "first", continues: Bool = false) {
        self.queue = queue
        self.count = count
        self.start = start
        self.continues = continues
    }
}

/// Which messages of a queue are meant.
public enum MessageSelection: Sendable, Equatable {
    /// Those with these contents, each so many times, which were found at this place from 1 or before it.
    case these([MessageFingerprint: Int], deepest: Int)
    /// Those that match this filter.
    case matching(String)
    /// All that are ready when it begins.
    case all
}

/// What is done with messages, and with which.
public struct MessageAction: Sendable, Equatable {
    /// What is done.
    public enum Work: Sendable, Equatable {
        /// Published, and removed from the queue when that is confirmed.
        case move(MessageDestination)
        /// Published; the messages stay.
        case copy(MessageDestination)
        /// A changed message is published; the one it was made of is removed when that is confirmed, or stays.
        case republish(MessageEdit, removesOriginal: Bool)
        case delete
    }

    /// The queue.
    public var queue: EntityID
    /// Which of its messages.
    public var selection: MessageSelection
    /// What is done with them.
    public var work: Work
    /// The vhost that is published to.
    public var vhost: Name
    /// The cluster of the configuration that is published to; `nil` for the one that is shown.
    public var cluster: Name?
    /// What becomes of another user's `user_id`.
    public var userID = UserIDRule.refuse
    /// What becomes of the messages' own TTL.
    public var expiration = ExpirationRule.keep
    /// Messages per second at the most.
    public var rate: Double?

    /// Creates an action in the vhost of the queue.
    public init(_ work: Work, _ selection: MessageSelection, of queue: EntityID) {
        self.work = work
        self.selection = selection
        self.queue = queue
        vhost = queue.vhost
    }

    /// What was done, as in "12 messages moved".
    public var done: String {
        switch work {
        case .move(.origin): "sent back"
        case .move: "moved"
        case .copy: "copied"
        case .republish: "published anew"
        case .delete: "deleted"
        }
    }

    /// The other cluster, in words: ` to staging`.
    fileprivate var towards: String { cluster.map { " to \($0)" } ?? "" }

    /// Whether the messages leave the queue.
    public var removes: Bool {
        switch work {
        case .move, .delete: true
        case .copy: false
        case .republish(_, let removesOriginal): removesOriginal
        }
    }
}

/// A changed message.
public struct MessageEdit: Sendable, Equatable {
    /// The exchange that it is published to; empty for the default exchange.
    public var exchange: Name
    public var routingKey: Name
    /// The properties as JSON, as messages are saved.
    public var properties: String
    /// The headers as JSON, as messages are saved.
    public var headers: String
    /// The body; `nil` leaves it as it was.
    public var body: [UInt8]?
    /// Whether the headers that tell of its deaths are removed.
    public var dropsDeaths: Bool

    /// Creates a change.
    public init(
        exchange: Name, routingKey: Name, properties: String, headers: String, body: [UInt8]?, dropsDeaths: Bool
    ) {
        self.exchange = exchange
        self.routingKey = routingKey
        self.properties = properties
        self.headers = headers
        self.body = body
        self.dropsDeaths = dropsDeaths
    }
}

/// What an operation on messages found or did.
public enum MessageReport: Sendable, Equatable {
    /// The messages that were looked at.
    case browsed(BrowsedPage)
    /// How many messages would go where, a line for each way, and how many could not go.
    case preview(MessageAction, lines: [String], movable: Int)
    /// What came of an action: in one line, and a line for each way and each failure.
    case acted(MessageAction, summary: String, lines: [String], end: End)

    /// How an action ended.
    public enum End: Sendable, Equatable {
        /// Everything meant was done, or all but some messages, as the lines say.
        case finished
        /// It was stopped.
        case stopped
        /// Something prevented more, with what to do.
        case failed(String, advice: String?)
    }
}
