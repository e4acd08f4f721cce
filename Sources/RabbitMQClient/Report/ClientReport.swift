/// What one process' AMQP clients are doing: every connection, channel and pool of a `ClientRegistry`, the recently closed
/// ones with their reasons. A plain value for dashboards, logs and HTTP.
public struct ClientReport: Sendable, Hashable, Codable {
    /// Seconds since 1970 when the report was made.
    public var madeAt: Double
    /// The process that it speaks of; nil when that was not said.
    public var process: ProcessReport?
    /// Open connections first, in the order they were made, then those closed recently.
    public var connections: [ConnectionReport]
    /// Channel pools that are not closed, in the order they were made.
    public var pools: [PoolReport]

    public init(
        madeAt: Double, process: ProcessReport? = nil, connections: [ConnectionReport], pools: [PoolReport] = []
    ) {
        self.madeAt = madeAt
        self.process = process
        self.connections = connections
        self.pools = pools
    }
}

extension ClientReport {
    /// What an earlier version did not say has its empty value.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        madeAt = try values.decode(Double.self, forKey: .madeAt)
        process = try values.decodeIfPresent(ProcessReport.self, forKey: .process)
        connections = try values.decode(.connections, or: [])
        pools = try values.decode(.pools, or: [])
    }
}
