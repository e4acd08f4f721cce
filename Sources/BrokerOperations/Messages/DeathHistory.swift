public import AMQPWire
public import Names

/// A death of a message: why and where it was dead-lettered (an entry of the header `x-death`).
public struct Death: Sendable, Hashable {
    /// The queue that it was in.
    public var queue: Name
    /// Why: `rejected`, `expired`, `maxlen` or `delivery_limit`.
    public var reason: Name
    /// The exchange that it was published to before; empty for the default exchange, nil if it is not said.
    public var exchange: Name?
    /// The routing keys that it was published with, the keys of its CC header included.
    public var routingKeys: [Name]
    /// How often it died in this queue for this reason.
    public var count: Int?
    /// When, in seconds since 1970.
    public var time: UInt64?
    /// The `expiration` that it had, which the broker removed.
    public var originalExpiration: Name?

    init?(_ table: FieldTable) {
        guard let queue = table["queue"]?.nameValue else { return nil }
        self.queue = queue
        reason = table["reason"]?.nameValue ?? ""
        exchange = table["exchange"]?.nameValue
        routingKeys = table["routing-keys"]?.arrayValue?.compactMap(\.nameValue) ?? []
        count = table["count"]?.intValue
        time = table["time"]?.intValue.flatMap { UInt64(exactly: $0) }
        originalExpiration = table["original-expiration"]?.nameValue
    }
}

/// The deaths of a dead letter, from its headers. RabbitMQ 3 and 4 write the same ones; only 3 reads them again when
/// they are published.
public struct DeathHistory: Sendable, Hashable {
    /// The deaths; the latest comes first. There is at least one.
    public let deaths: [Death]
    private let firstQueue: Name?
    private let firstReason: Name?

    /// Reads the headers of a message; nil if it is no dead letter.
    public init?(_ headers: FieldTable?) {
        guard let headers else { return nil }
        deaths = headers["x-death"]?.arrayValue?.compactMap { $0.tableValue.flatMap(Death.init) } ?? []
        if deaths.isEmpty { return nil }
        firstQueue = headers["x-first-death-queue"]?.nameValue
        firstReason = headers["x-first-death-reason"]?.nameValue
    }

    /// The latest death.
    public var latest: Death { deaths[0] }

    /// The first death. An entry moves to the front when it is counted again, so that the last one need not be it.
    public var first: Death {
        deaths.first { $0.queue == firstQueue && (firstReason == nil || $0.reason == firstReason) }
            ?? deaths[deaths.count - 1]
    }

    /// How often it died in all.
    var total: Int {
        deaths.reduce(0) { sum, death in
            let (next, overflows) = sum.addingReportingOverflow(max(1, death.count ?? 1))
            return overflows ? .max : next
        }
    }

    /// Whether a header tells of deaths.
    static func isHeader(_ key: Name) -> Bool {
        key == "x-death" || key.hasPrefix("x-first-death-") || key.hasPrefix("x-last-death-")
    }
}
