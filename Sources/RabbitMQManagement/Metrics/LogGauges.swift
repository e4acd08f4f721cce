public import Names

/// What a node's Prometheus endpoint tells of the logs of quorum queues and streams.
public struct LogGauges: Sendable, Equatable {
    /// The families of metrics, as RabbitMQ names them.
    public enum Family: String, Sendable, Hashable, CaseIterable {
        /// The members of quorum queues on this node.
        case members = "ra_metrics"
        /// The greatest lag of a stream's consumers that are connected to this node (RabbitMQ 4.0 and later).
        case streamConsumers = "stream_consumer_metrics"
    }

    /// The members of quorum queues on this node.
    public var members: [LogMemberGauge]
    /// The greatest lag of the stream-protocol consumers of each stream, in messages.
    public var streamLags: [StreamLagGauge]
    /// The number of lines that could not be parsed.
    public var undecodable: Int

    /// Creates gauges.
    public init(members: [LogMemberGauge] = [], streamLags: [StreamLagGauge] = [], undecodable: Int = 0) {
        self.members = members
        self.streamLags = streamLags
        self.undecodable = undecodable
    }
}

/// How far a node's member of a quorum queue is. A value is nil if the node gives no number.
public struct LogMemberGauge: Sendable, Hashable {
    /// The vhost of the queue.
    public var vhost: Name
    /// The name of the queue.
    public var queue: Name
    /// The index of the last entry that this member knows to be on a majority of the members.
    public var commitIndex: Int64?
    /// The index of the last entry that this member has written to its disk.
    public var writtenIndex: Int64?
    /// The index of the last entry that this member has applied.
    public var appliedIndex: Int64?
    /// The index of its last snapshot, which stands for all entries before it; 0 or -1 without one.
    public var snapshotIndex: Int64?

    /// The index of the last entry that this member has in some form.
    public var position: Int64? { [writtenIndex, appliedIndex, snapshotIndex].compactMap(\.self).max() }

    /// Creates the gauges of a member.
    public init(
        vhost: some NameConvertible, queue: some NameConvertible, commitIndex: Int64? = nil,
        writtenIndex: Int64? = nil, appliedIndex: Int64? = nil, snapshotIndex: Int64? = nil
    ) {
        self.vhost = vhost.asName
        self.queue = queue.asName
        self.commitIndex = commitIndex
        self.writtenIndex = writtenIndex
        self.appliedIndex = appliedIndex
        self.snapshotIndex = snapshotIndex
    }
}

/// The greatest lag of a stream's consumers.
public struct StreamLagGauge: Sendable, Hashable {
    /// The vhost of the stream.
    public var vhost: Name
    /// The name of the stream.
    public var queue: Name
    /// The number of messages.
    public var messages: Int64

    /// Creates a lag.
    public init(vhost: some NameConvertible, queue: some NameConvertible, messages: Int64) {
        self.vhost = vhost.asName
        self.queue = queue.asName
        self.messages = messages
    }
}
