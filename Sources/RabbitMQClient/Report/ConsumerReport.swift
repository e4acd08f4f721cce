import Names

/// One consumer in a `ChannelReport`.
public struct ConsumerReport: Sendable, Hashable, Codable {
    /// The consumer tag.
    public var tag: Name
    /// The queue that it consumes from.
    public var queue: Name
    /// Whether it consumes without acknowledgements.
    public var noAck: Bool
    /// The maximum number of unsettled deliveries; 0 is unlimited.
    public var prefetch: UInt16
    /// Deliveries received and not yet taken by the application.
    public var buffered: Int
    /// Messages delivered to it.
    public var delivered: UInt64 = 0
}

extension ConsumerReport {
    /// Decodes a report. Fields that an earlier version did not write have their empty value.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        tag = try values.decode(Name.self, forKey: .tag)
        queue = try values.decode(.queue, or: "")
        noAck = try values.decode(.noAck, or: false)
        prefetch = try values.decode(.prefetch, or: 0)
        buffered = try values.decode(.buffered, or: 0)
        delivered = try values.decode(.delivered, or: 0)
    }
}
