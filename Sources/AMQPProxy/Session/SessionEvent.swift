import Names

/// How a side closed a channel or connection.
public struct Closing: Sendable, Hashable, Codable {
    public var code: UInt16
    public var text: String
    /// The method at fault; 0 and 0 for none.
    public var classID: UInt16
    public var methodID: UInt16
}

/// What happened in a session.
public enum SessionEvent: Sendable, Hashable {
    /// The handshake is done.
    case opened(SessionIdentity)
    case channelClosed(UInt16, by: Side, Closing)
    case connectionClosed(by: Side, Closing)
    case returned(UInt16, code: UInt16, text: String, exchange: Name, routingKey: Name)
    /// The broker ended a consumer.
    case consumerCancelled(UInt16, tag: Name, queue: Name?)
    case blocked(reason: String)
    case unblocked
    case channelOpened(UInt16)
    /// The first message since the channel was opened, or since a fault struck.
    case published(UInt16)
    case consumed(UInt16)
    /// Messages that were delivered before.
    case redelivered(UInt16, Int)
    /// A fault struck here for the first time.
    case struck(_ fault: String, channel: UInt16?)
    /// So much is kept already that what the fault should keep passes.
    case passedUnheld(fault: String)
    /// The proxy cancelled a consumer.
    case consumerCut(UInt16, tag: Name, queue: Name, fault: String)
    /// The proxy put a close into a channel.
    case channelCut(UInt16, ChannelCloseRequest)
    /// The proxy closed the connection.
    case connectionCut(code: UInt16, text: String, fault: String?)
    /// From here on all passes unread.
    case notUnderstood(from: Side, String)
    /// Both sockets are closed. `by`: whose closed first; nil when the proxy closed them.
    case ended(by: Side?)
    /// There is no connection to the broker.
    case upstreamAway(String)
}
