public import Names

/// Identifies the content of a message, without what its queue adds to a delivery. Messages with the same content have
/// the same: they cannot be told apart in a queue either.
public struct MessageFingerprint: Sendable, Hashable {
    private let hash: Int
    private let size: Int

    /// Creates a fingerprint.
    ///
    /// - Parameters:
    ///   - hash: a hash of everything, the same within this process for the same content.
    ///   - size: the length of the body, in bytes.
    public init(hash: Int, size: Int) {
        self.hash = hash
        self.size = size
    }
}

/// A line of a message's headers as a tree.
public struct HeaderLine: Sendable, Equatable {
    /// How deep it is nested, from 0.
    public var depth: Int
    /// The key, or the place in an array: `[2]`.
    public var name: String
    /// The value as text, times as times; `nil` for a table or an array, whose entries follow.
    public var value: String?

    /// Creates a line.
    public init(depth: Int, name: String, value: String?) {
        self.depth = depth
        self.name = name
        self.value = value
    }
}

/// A message of a queue that was looked at and stays there.
public struct BrowsedMessage: Sendable, Equatable {
    /// Its place in what was read, from 1.
    public var position: Int
    /// By which it is found again.
    public var fingerprint: MessageFingerprint
    /// The exchange that it was published to; empty for the default exchange.
    public var exchange: Name
    /// The routing key that it was published with.
    public var routingKey: Name
    /// Whether it was delivered before.
    public var redelivered: Bool
    /// What filters can ask for, without the body.
    public var values: [MessageField: Value]
    /// The properties that are set, for reading.
    public var properties: [DetailField]
    /// The headers, for reading, without those that tell of deaths.
    public var headers: [HeaderLine]
    /// The deaths of a dead letter in words, the latest first.
    public var deaths: [String]
    /// Where it goes when it is sent back to where it died first; `nil` if it is no dead letter.
    public var origin: Name?
    /// The properties as JSON, with their types, as messages are saved.
    public var savedProperties: String
    /// The headers as JSON, with their types.
    public var savedHeaders: String
    /// The body; only the beginning where it is too large to be kept.
    public var body: [UInt8]
    /// The length of the whole body, in bytes.
    public var bodySize: Int
    /// Its place in a stream.
    public var streamOffset: Int64?

    /// Creates a message without properties, headers and a body.
    public init(position: Int, fingerprint: MessageFingerprint, exchange: Name, routingKey: Name) {
        self.position = position
        self.fingerprint = fingerprint
        self.exchange = exchange
        self.routingKey = routingKey
        redelivered = false
        values = [:]
        properties = []
        headers = []
        deaths = []
        savedProperties = "{}"
        savedHeaders = "[]"
        body = []
        bodySize = 0
    }

    /// Whether the whole body was kept.
    public var isWhole: Bool { body.count == bodySize }

    /// A value that is a whole number.
    func integer(_ field: MessageField) -> Int? {
        if case .integer(let number)? = values[field] { number } else { nil }
    }

    /// A value that is a text.
    func text(_ field: MessageField) -> String? {
        if case .text(let text)? = values[field] { text } else { nil }
    }
}

extension BrowsedMessage: FilterableMessage {
    public func value(of field: MessageField) -> Value {
        guard field == .body else { return values[field] ?? .none }
        return .text(String(decoding: body.prefix(MessageField.searchedBytes), as: UTF8.self))
    }
}

/// The messages of a queue that were read together.
public struct BrowsedPage: Sendable, Equatable {
    /// What was asked for.
    public var request: BrowseRequest
    /// The messages, in the order of the queue.
    public var messages: [BrowsedMessage]
    /// How many were ready when reading began.
    public var ready: Int
    /// Whether the queue is a stream, whose messages stay.
    public var isStream: Bool
    /// Whether there are no further messages.
    public var isEnd: Bool
    /// What the user should know: why reading ended early, what looking costs.
    public var notes: [String]

    /// Creates a page.
    public init(
        _ request: BrowseRequest, messages: [BrowsedMessage], ready: Int, isStream: Bool = false, isEnd: Bool = true,
        notes: [String] = []
    ) {
        self.request = request
        self.messages = messages
        self.ready = ready
        self.isStream = isStream
        self.isEnd = isEnd
        self.notes = notes
    }
}
