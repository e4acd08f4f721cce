/// The state of a process's AMQP clients: every connection, channel and pool of a `ClientRegistry`, and the recently
/// closed ones with their reasons. A plain value for dashboards, logs and HTTP.
public struct ClientReport: Sendable, Hashable, Codable {
    /// When the report was made, in seconds since 1970.
    public var madeAt: Double
    /// The process that the report describes; nil if unknown.
    public var process: ProcessReport?
    /// Open connections in the order in which they were created, then those closed recently.
    public var connections: [ConnectionReport]
    /// Channel pools that are not closed, in the order in which they were created.
    public var pools: [PoolReport]

    /// Creates a report.
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
    /// Decodes a report. Fields that an earlier version did not write have their empty value.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        madeAt = try values.decode(Double.self, forKey: .madeAt)
        process = try values.decodeIfPresent(ProcessReport.self, forKey: .process)
        connections = try values.decode(.connections, or: [])
        pools = try values.decode(.pools, or: [])
    }
}
