/// The message counts of a `ConnectionReport`: totals since the connection was first opened.
public struct MessageCounts: Sendable, Hashable, Codable {
    /// Messages published.
    public var published: UInt64 = 0
    /// Messages confirmed.
    public var confirmed: UInt64 = 0
    /// Mandatory messages that the broker returned.
    public var returned: UInt64 = 0
    /// Messages that the broker refused (`basic.nack`).
    public var nacked: UInt64 = 0
    /// Messages published whose connection was lost, or channel closed, before an answer arrived.
    public var indeterminate: UInt64 = 0
    /// Messages delivered.
    public var delivered: UInt64 = 0
    /// Deliveries settled in any way.
    public var acked: UInt64 = 0
    /// The part of `acked` that was rejected or requeued.
    public var rejected: UInt64 = 0

    /// Creates counts that are all 0.
    public init() {}
}

extension MessageCounts {
    /// Returns what was added after `earlier`.
    func since(_ earlier: Self) -> Self {
        var added = self
        added.published &-= earlier.published
        added.confirmed &-= earlier.confirmed
        added.returned &-= earlier.returned
        added.nacked &-= earlier.nacked
        added.indeterminate &-= earlier.indeterminate
        added.delivered &-= earlier.delivered
        added.acked &-= earlier.acked
        added.rejected &-= earlier.rejected
        return added
    }

    mutating func add(_ other: Self) {
        published &+= other.published
        confirmed &+= other.confirmed
        returned &+= other.returned
        nacked &+= other.nacked
        indeterminate &+= other.indeterminate
        delivered &+= other.delivered
        acked &+= other.acked
        rejected &+= other.rejected
    }

    mutating func add(_ channel: ChannelReport) {
        published &+= channel.published
        confirmed &+= channel.confirmed
        returned &+= channel.returned
        nacked &+= channel.nacked
        indeterminate &+= channel.indeterminate
        delivered &+= channel.delivered
        acked &+= channel.acked
        rejected &+= channel.rejected
    }

    /// Decodes counts. Those that an earlier version did not write are 0.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        published = try values.decode(.published, or: 0)
        confirmed = try values.decode(.confirmed, or: 0)
        returned = try values.decode(.returned, or: 0)
        nacked = try values.decode(.nacked, or: 0)
        indeterminate = try values.decode(.indeterminate, or: 0)
        delivered = try values.decode(.delivered, or: 0)
        acked = try values.decode(.acked, or: 0)
        rejected = try values.decode(.rejected, or: 0)
    }
}
