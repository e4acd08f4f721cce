import Names

/// What a fault applies to, and how often. A field that is not set matches anything; all fields that are set must
/// match.
public struct FaultSelector: Sendable, Hashable {
    /// The connection's name as RabbitMQ shows it, the client-provided name, or the client's address and port; `*`
    /// matches anything.
    @ByBytes public var connection: String?
    /// Connections that were chosen by a condition; `nil` for any.
    public var connections: ChosenConnections?
    /// The user of the connection.
    @ByBytes public var user: String?
    /// The virtual host of the connection.
    @ByBytes public var virtualHost: String?
    /// A queue that a channel consumes from, or publishes to through the default exchange; `*` matches anything.
    @ByBytes public var queue: String?
    /// The name of the exchange.
    @ByBytes public var exchange: String?
    /// The channel number.
    public var channel: Int?
    /// The percentage of matching messages or frames that the fault applies to, chosen by the seed.
    public var percentage: Double?
    /// The fault applies to every nth of them.
    public var every: Int?
    /// The number of messages or frames that pass first, on each connection.
    public var afterMessages: Int?
    /// The number of bytes that pass first, on each connection and in the fault's direction.
    public var afterBytes: Int?
    /// The maximum number of times that the fault takes effect, in total.
    public var times: Int?

    /// The fields of a selector by their names.
    public enum Field: String, Sendable, Codable, CaseIterable {
        case connection, user, vhost, queue, exchange, channel, percentage, every
        case afterMessages = "after_messages"
        case afterBytes = "after_bytes"
        case times
    }

    /// Creates a selector; fields that are not given match anything.
    public init(
        connection: String? = nil, user: String? = nil, virtualHost: String? = nil, queue: String? = nil,
        exchange: String? = nil, channel: Int? = nil, percentage: Double? = nil, every: Int? = nil,
        afterMessages: Int? = nil, afterBytes: Int? = nil, times: Int? = nil
    ) {
        self.connection = connection
        self.user = user
        self.virtualHost = virtualHost
        self.queue = queue
        self.exchange = exchange
        self.channel = channel
        self.percentage = percentage
        self.every = every
        self.afterMessages = afterMessages
        self.afterBytes = afterBytes
        self.times = times
    }

    /// The fields that are set, in order.
    public var said: [(field: Field, value: FaultValue)] {
        let all: [(Field, FaultValue?)] = [
            (.connection, (connection ?? connections?.words).map(FaultValue.text)), (.user, user.map(FaultValue.text)),
            (.vhost, virtualHost.map(FaultValue.text)), (.queue, queue.map(FaultValue.text)),
            (.exchange, exchange.map(FaultValue.text)), (.channel, channel.map(FaultValue.integer)),
            (.percentage, percentage.map(FaultValue.number)), (.every, every.map(FaultValue.integer)),
            (.afterMessages, afterMessages.map(FaultValue.integer)), (.afterBytes, afterBytes.map(FaultValue.integer)),
            (.times, times.map(FaultValue.integer)),
        ]
        return all.compactMap { field, value in value.map { (field, $0) } }
    }

    /// The selector in words, `connection orders*, channel 1`; empty when it matches anything.
    public var words: String {
        said.map { field, value in
            if field == .connection, connection == nil, let connections { return connections.words }
            return "\(field.rawValue) \(value)"
        }.joined(separator: ", ")
    }

    /// Sets a field from typed text.
    ///
    /// - Throws: `FaultError` when the text is not of the field's kind.
    public mutating func set(_ field: Field, _ text: String) throws(FaultError) {
        func integer() throws(FaultError) -> Int {
            guard let value = Int(text) else { throw FaultError(field, text, "a whole number") }
            return value
        }
        switch field {
        case .connection: connection = text
        case .user: user = text
        case .vhost: virtualHost = text
        case .queue: queue = text
        case .exchange: exchange = text
        case .channel: channel = try integer()
        case .percentage:
            guard let value = Double(text) else { throw FaultError(field, text, "a number") }
            percentage = value
        case .every: every = try integer()
        case .afterMessages: afterMessages = try integer()
        case .afterBytes: afterBytes = try integer()
        case .times: times = try integer()
        }
    }

    /// The longest text of a field, in bytes.
    public static let longestText = 1_024

    /// Validates the fields.
    ///
    /// - Throws: `FaultError` for a number out of its range, or a text that is too long.
    public func check() throws(FaultError) {
        func check(_ value: Int?, _ field: Field, _ range: ClosedRange<Int>) throws(FaultError) {
            guard let value, !range.contains(value) else { return }
            throw FaultError(field, String(value), "\(range.lowerBound) to \(range.upperBound)")
        }
        for (field, value) in said {
            guard case .text(let text) = value, text.utf8.count > Self.longestText else { continue }
            throw FaultError(field, text.shortened(to: 40), "a text of at most \(Self.longestText) bytes")
        }
        try check(channel, .channel, 1...65_535)
        try check(every, .every, 1...1_000_000_000)
        try check(afterMessages, .afterMessages, 0...Int.max)
        try check(afterBytes, .afterBytes, 0...Int.max)
        try check(times, .times, 1...1_000_000_000)
        if let connections {
            guard !connections.names.isEmpty, connections.names.count <= ChosenConnections.most else {
                throw FaultError(
                    .connection, connections.words, "a condition that holds for 1 to \(ChosenConnections.most)")
            }
        }
        if let percentage, !(percentage > 0 && percentage <= 100) {
            throw FaultError(.percentage, "\(percentage)", "more than 0, and at most 100")
        }
    }
}

extension FaultSelector: Codable {
    private enum CodingKeys: String, CodingKey, CaseIterable {
        case connection, connections, user, queue, exchange, channel, percentage, every, times
        case virtualHost = "vhost"
        case afterMessages = "after_messages"
        case afterBytes = "after_bytes"
    }

    public init(from decoder: any Decoder) throws {
        try decoder.refuseOthers(than: CodingKeys.allCases.map(\.rawValue))
        let values = try decoder.container(keyedBy: CodingKeys.self)
        connection = try values.decodeIfPresent(String.self, forKey: .connection)
        connections = try values.decodeIfPresent(ChosenConnections.self, forKey: .connections)
        user = try values.decodeIfPresent(String.self, forKey: .user)
        virtualHost = try values.decodeIfPresent(String.self, forKey: .virtualHost)
        queue = try values.decodeIfPresent(String.self, forKey: .queue)
        exchange = try values.decodeIfPresent(String.self, forKey: .exchange)
        channel = try values.whole(Int.self, forKey: .channel)
        percentage = try values.number(forKey: .percentage)
        every = try values.whole(Int.self, forKey: .every)
        afterMessages = try values.whole(Int.self, forKey: .afterMessages)
        afterBytes = try values.whole(Int.self, forKey: .afterBytes)
        times = try values.whole(Int.self, forKey: .times)
    }

    public func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encodeIfPresent(connection, forKey: .connection)
        try values.encodeIfPresent(connections, forKey: .connections)
        try values.encodeIfPresent(user, forKey: .user)
        try values.encodeIfPresent(virtualHost, forKey: .virtualHost)
        try values.encodeIfPresent(queue, forKey: .queue)
        try values.encodeIfPresent(exchange, forKey: .exchange)
        try values.encodeIfPresent(channel, forKey: .channel)
        try values.encodeIfPresent(percentage, forKey: .percentage)
        try values.encodeIfPresent(every, forKey: .every)
        try values.encodeIfPresent(afterMessages, forKey: .afterMessages)
        try values.encodeIfPresent(afterBytes, forKey: .afterBytes)
        try values.encodeIfPresent(times, forKey: .times)
    }
}

/// Decides for each occasion whether a fault takes effect, by the selector's number of passes, interval, percentage and
/// number of times.
public struct FaultTrigger: Sendable {
    private let selector: FaultSelector
    private var random: SeededRandom
    private var occasions = 0
    private var candidates = 0
    /// How often the fault has taken effect.
    public private(set) var hits = 0

    /// Creates the trigger of a fault, with its selector and seed.
    public init(_ fault: Fault) {
        selector = fault.selector
        random = SeededRandom(seed: fault.seed)
    }

    /// Whether the fault takes effect only a given number of times.
    public var isLimited: Bool { selector.times != nil }

    /// Whether the fault never takes effect again.
    public var isSpent: Bool { selector.times.map { hits >= $0 } ?? false }

    /// Returns whether the fault takes effect on this occasion, and counts it.
    ///
    /// - Parameters:
    ///   - passed: The messages or frames of the kind that passed on this connection before this one.
    ///   - bytes: The bytes that passed on this connection before it, in its direction.
    public mutating func strikes(passed: Int, bytes: UInt64) -> Bool {
        occasions += 1
        if let after = selector.afterMessages, passed < after { return false }
        if let after = selector.afterBytes, bytes < UInt64(clamping: after) { return false }
        if isSpent { return false }
        candidates += 1
        if let every = selector.every, candidates % every != 0 { return false }
        if let percentage = selector.percentage, Double.random(in: 0..<100, using: &random) >= percentage {
            return false
        }
        hits += 1
        return true
    }
}
