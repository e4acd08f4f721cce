import Names

/// What is known of who is behind, and of unroutable messages, and what is needed to ask for it.
struct LagBook: Sendable {
    /// Which members of quorum queues are behind.
    var members = MemberLags()
    /// How far the consumers of streams are behind.
    var streams = StreamLags()
    /// Which exchanges get messages that reach no queue.
    var unroutable = UnroutableExchanges()
    /// When messages that reach no queue were last counted.
    var unroutableAt: Double?
    /// The number of nodes of the cluster; 0 while it is not known.
    var nodes = 0
    /// Whether the last whole list of consumers had some of the stream protocol.
    var seesStreamConsumers = false
    /// When the plugin rabbitmq_stream_management was found missing.
    var pluginMissingAt: Double?
    /// Until when a node is not asked for its logs and unroutable messages, because that failed.
    var resting: [Name: Double] = [:]
}
