import Names

/// One consumer in a `ChannelReport`.
public struct ConsumerReport: Sendable, Hashable, Codable {
    public var tag: Name
    public var queue: Name
    public var noAck: Bool
    /// How many deliveries may be unsettled; 0 is unlimited.
    public var prefetch: UInt16
    /// Received and not yet taken by the application.
    public var buffered: Int
    /// Messages that came for it.
    public var delivered: UInt64 = 0
}

extension ConsumerReport {
    /// What an earlier version did not say has its empty value.
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
