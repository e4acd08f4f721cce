/// One channel in a `ConnectionReport`. The counts of messages are totals since the channel was opened.
public struct ChannelReport: Sendable, Hashable, Codable, Identifiable {
    /// The state of a channel.
    public enum State: String, Sendable, Hashable, Codable {
        /// Being opened, open, suspended while the connection recovers, being closed, or closed.
        case opening, open, recovering, closing, closed
    }

    /// Unique within the connection; never reused, unlike `number`.
    public var id: UInt64
    /// The channel number.
    public var number: UInt16
    /// The state of the channel.
    public var state: State
    /// When the channel was opened, in seconds since 1970.
    public var openedAt: Double
    /// When the channel was closed, in seconds since 1970; nil until then.
    public var closedAt: Double?
    /// Operations that wait for a reply.
    public var inFlight: Int
    /// Messages published and not yet confirmed; 0 outside confirm mode.
    public var unconfirmed: Int
    /// Deliveries not yet settled.
    public var unacked: Int
    /// The prefetch last requested on this channel; 0 is unlimited.
    public var prefetch: UInt16
    /// Whether publisher confirms are enabled.
    public var confirmMode: Bool
    /// Whether the channel is transactional.
    public var transactional: Bool
    /// The channel's consumers.
    public var consumers: [ConsumerReport]
    /// Messages published.
    public var published: UInt64
    /// Messages confirmed.
    public var confirmed: UInt64
    /// Mandatory messages that the broker returned.
    public var returned: UInt64
    /// Messages that the broker refused (`basic.nack`).
    public var nacked: UInt64
    /// Messages published whose connection was lost, or channel closed, before an answer arrived.
    public var indeterminate: UInt64
    /// Messages delivered.
    public var delivered: UInt64
    /// Deliveries settled in any way.
    public var acked: UInt64
    /// The part of `acked` that was rejected or requeued.
    public var rejected: UInt64
    /// Why the channel closed, or its latest error.
    public var lastError: ErrorReport?
}

extension ChannelReport {
    /// Decodes a report. Fields that an earlier version did not write have their empty value.
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
