import Names

/// Something that happened to a connection or channel of a `ClientRegistry`.
public struct ClientEvent: Sendable, Hashable {
    public enum Kind: Sendable, Hashable {
        case connectionOpened
        /// For good.
        case connectionClosed(CloseReason)
        /// Its socket was lost, for this reason; it will be made again.
        case connectionLost(CloseReason)
        /// It is back, with what could be restored. Told once more when what another owner held (405) is settled.
        case connectionRecovered(RecoveryReport)
        /// The broker stopped reading what we publish, for this reason (a memory or disk alarm).
        case connectionBlocked(reason: String)
        case connectionUnblocked
        case channelOpened
        case channelClosed(CloseReason)
        /// A mandatory message came back.
        case publishReturned(ClientError.Return)
        /// The broker cancelled a consumer.
        case consumerCancelled(tag: Name, queue: Name)
    }

    /// Seconds since 1970.
    public var at: Double
    /// `ConnectionReport.id`.
    public var connectionID: UInt64
    /// `ConnectionReport.name`.
    public var connectionName: String
    /// The application's own name of the connection.
    public var clientName: String?
    public var virtualHost: String
    public var user: String
    /// The channel's number; nil for what concerns the connection.
    public var channel: UInt16?
    public var kind: Kind

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
