public import Faults
import Names

/// How a side closed a channel or connection.
public struct Closing: Sendable, Hashable, Codable {
    /// The reply code.
    public var code: UInt16
    /// The reply text.
    public var text: String
    /// The class of the method that caused the close; class and method are 0 for none.
    public var classID: UInt16
    /// The method that caused the close.
    public var methodID: UInt16
}

/// Something that happened in a session.
public enum SessionEvent: Sendable, Hashable {
    /// The handshake is complete.
    case opened(SessionIdentity)
    /// A side closed a channel; with its number.
    case channelClosed(UInt16, by: Side, Closing)
    /// A side closed the connection.
    case connectionClosed(by: Side, Closing)
    /// The broker returned a message that was published on a channel.
    case returned(UInt16, code: UInt16, text: String, exchange: Name, routingKey: Name)
    /// The broker cancelled a consumer.
    case consumerCancelled(UInt16, tag: Name, queue: Name?)
    /// The broker sent `connection.blocked`.
    case blocked(reason: String)
    /// The broker sent `connection.unblocked`.
    case unblocked
    /// The client opened a channel; with its number.
    case channelOpened(UInt16)
    /// The first message since the channel was opened, or since a fault took effect.
    case published(UInt16)
    /// The first delivery since the channel was opened, or since a fault took effect.
    case consumed(UInt16)
    /// The number of messages on a channel that were delivered before.
    case redelivered(UInt16, Int)
    /// A fault took effect in this session for the first time.
    case struck(FaultCause, channel: UInt16?)
    /// What the fault should hold passes on, because the limit of held bytes is reached.
    case passedUnheld(FaultCause)
    /// The proxy cancelled a consumer.
    case consumerCut(UInt16, tag: Name, queue: Name, fault: FaultCause)
    /// The proxy injected a close into a channel.
    case channelCut(UInt16, ChannelCloseRequest)
    /// The proxy closed the connection.
    case connectionCut(code: UInt16, text: String, fault: FaultCause?)
    /// From here on everything passes without being parsed.
    case notUnderstood(from: Side, String)
    /// Both sockets are closed. `by`: the side that closed first; nil if the proxy closed them.
    case ended(by: Side?)
    /// There is no connection to the broker.
    case upstreamAway(String)
}

/// A close to inject into a channel, as if the other side had closed it.
public struct ChannelCloseRequest: Sendable, Hashable, Codable {
    /// The reply code, any number.
    public var code: UInt16
    /// The reply text; at most 255 bytes of it are sent.
    public var text: String
    /// The sides that receive the close. The other side keeps the channel open, and what it sends on it is discarded.
    public var towards: Set<Side>
    /// The fault that requests the close.
    public var fault: FaultCause?

    /// Creates a request that closes the channel on both sides by default.
    public init(code: UInt16, text: String, towards: Set<Side> = [.client, .broker], fault: FaultCause? = nil) {
        self.code = code
        self.text = text
        self.towards = towards
        self.fault = fault
    }
}
