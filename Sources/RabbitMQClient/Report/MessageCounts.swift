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
    init(_ counts: ChannelCore.Counts) {
        published = counts.published
        confirmed = counts.confirmed
        returned = counts.returned
        nacked = counts.nacked
        indeterminate = counts.indeterminate
        delivered = counts.delivered
        acked = counts.acked
        rejected = counts.rejected
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
