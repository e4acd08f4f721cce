/// One channel in a `ConnectionReport`.
public struct ChannelReport: Sendable, Hashable, Codable, Identifiable {
    public enum State: String, Sendable, Hashable, Codable {
        case opening, open, recovering, closing, closed
    }

    /// Unique within the connection; never reused, unlike `number`.
    public var id: UInt64
    public var number: UInt16
    public var state: State
    /// Seconds since 1970.
    public var openedAt: Double
    /// Seconds since 1970; nil while it lives.
    public var closedAt: Double?
    /// Operations that await their answer.
    public var inFlight: Int
    /// Published and not yet confirmed; 0 outside confirm mode.
    public var unconfirmed: Int
    /// Delivered and not yet settled.
    public var unacked: Int
    /// The last prefetch asked for on this channel; 0 is unlimited.
    public var prefetch: UInt16
    public var confirmMode: Bool
    public var transactional: Bool
    public var consumers: [ConsumerReport]
    public var published: UInt64
    public var confirmed: UInt64
    public var returned: UInt64
    public var nacked: UInt64
    /// Published, and the connection was lost or the channel closed before the answer came.
    public var indeterminate: UInt64
    public var delivered: UInt64
    /// Settled, in whatever way.
    public var acked: UInt64
    /// Of them, rejected or given back.
    public var rejected: UInt64
    /// Why it closed, or the latest error.
    public var lastError: ErrorReport?
}

extension ChannelReport {
    /// What an earlier version did not say has its empty value.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        id = try values.decode(UInt64.self, forKey: .id)
        number = try values.decode(UInt16.self, forKey: .number)
        state = try values.decode(State.self, forKey: .state)
        openedAt = try values.decode(.openedAt, or: 0)
        closedAt = try values.decodeIfPresent(Double.self, forKey: .closedAt)
        inFlight = try values.decode(.inFlight, or: 0)
        unconfirmed = try values.decode(.unconfirmed, or: 0)
        unacked = try values.decode(.unacked, or: 0)
        prefetch = try values.decode(.prefetch, or: 0)
        confirmMode = try values.decode(.confirmMode, or: false)
        transactional = try values.decode(.transactional, or: false)
        consumers = try values.decode(.consumers, or: [])
        published = try values.decode(.published, or: 0)
        confirmed = try values.decode(.confirmed, or: 0)
        returned = try values.decode(.returned, or: 0)
        nacked = try values.decode(.nacked, or: 0)
        indeterminate = try values.decode(.indeterminate, or: 0)
        delivered = try values.decode(.delivered, or: 0)
        acked = try values.decode(.acked, or: 0)
        rejected = try values.decode(.rejected, or: 0)
        lastError = try values.decodeIfPresent(ErrorReport.self, forKey: .lastError)
    }
}
