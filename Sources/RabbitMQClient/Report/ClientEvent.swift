import Names

/// An event of a connection or channel of a `ClientRegistry`.
public struct ClientEvent: Sendable, Hashable {
    /// What happened.
    public enum Kind: Sendable, Hashable {
        /// The connection was opened.
        case connectionOpened
        /// The connection was closed for good.
        case connectionClosed(CloseReason)
        /// The connection was lost, for this reason, and will be re-established.
        case connectionLost(CloseReason)
        /// The connection has recovered, with what could be restored. Reported again when entities that another owner
        /// held (405) are restored or given up.
        case connectionRecovered(RecoveryReport)
        /// The broker stopped reading what is published, for this reason (a memory or disk alarm).
        case connectionBlocked(reason: String)
        /// The broker reads what is published again.
        case connectionUnblocked
        /// A channel was opened.
        case channelOpened
        /// A channel was closed.
        case channelClosed(CloseReason)
        /// The broker returned a mandatory message.
        case publishReturned(ClientError.Return)
        /// The broker cancelled a consumer.
        case consumerCancelled(tag: Name, queue: Name)
    }

    /// When it happened, in seconds since 1970.
    public var at: Double
    /// The connection's `ConnectionReport.id`.
    public var connectionID: UInt64
    /// The connection's `ConnectionReport.name`.
    public var connectionName: String
    /// The connection name that the application gave (`connection_name`).
    public var clientName: String?
    /// The virtual host.
    public var virtualHost: String
    /// The user name.
    public var user: String
    /// The channel number; nil for events of the connection.
    public var channel: UInt16?
    /// What happened.
    public var kind: Kind

    /// Creates an event.
    public init(
        at: Double,
        connectionID: UInt64,
        connectionName: String,
        clientName: String?,
        virtualHost: String,
        user: String,
        channel: UInt16?,
        kind: Kind
    ) {
        self.at = at
        self.connectionID = connectionID
        self.connectionName = connectionName
        self.clientName = clientName
        self.virtualHost = virtualHost
        self.user = user
        self.channel = channel
        self.kind = kind
    }
}
