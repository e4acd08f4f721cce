/// How many messages took which way, in a `ConnectionReport`.
public struct MessageCounts: Sendable, Hashable, Codable {
    public var published: UInt64 = 0
    public var confirmed: UInt64 = 0
    public var returned: UInt64 = 0
    public var nacked: UInt64 = 0
    /// Published, and the connection was lost or the channel closed before the answer came.
    public var indeterminate: UInt64 = 0
    public var delivered: UInt64 = 0
    /// Settled, in whatever way.
    public var acked: UInt64 = 0
    /// Of them, rejected or given back.
    public var rejected: UInt64 = 0

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

    /// What an earlier version did not say is 0.
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
