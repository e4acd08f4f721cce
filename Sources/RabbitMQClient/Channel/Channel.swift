import AMQPWire
import NIOCore
import Names

/// A channel of a connection. The broker closes it when an operation on it fails.
///
/// Any number of tasks may use one channel concurrently. Operations are sent, and replied to, in the order of the
/// calls, and concurrent calls share one write. A delivery is settled on the channel it was delivered on. Close a
/// channel that is no longer needed: otherwise it stays open as long as its connection.
public final class Channel: Sendable {
    let core: ChannelCore

    init(_ core: ChannelCore) {
        self.core = core
    }

    /// The channel's number, unique among the open channels of the connection.
    public var number: UInt16 { core.number }

    /// Whether operations can be sent on the channel.
    public var isOpen: Bool { closeReason == nil }

    /// Why the channel is closed or closing; nil while it is open.
    public var closeReason: CloseReason? { core.closeReason }

    /// A report of what the channel has done and is doing.
    public var report: ChannelReport { core.report() }

    /// Returns the reason when the channel has closed, whichever side closed it.
    public func closed() async -> CloseReason { await core.closed() }

    /// Closes the channel and waits for the broker's reply for at most `operationTimeout`, then throws `.timeout`.
    /// Unconfirmed publishes end as `.indeterminate`, unsettled deliveries return to their queues. Does nothing on a
    /// closed channel.
    public func close(code: UInt16 = 200, text: String = "Goodbye") async throws(ClientError) {
        try await core.close(code: code, text: text)
    }
}

/// The broker's reply to `queue.declare`.
public struct QueueDeclared: Sendable, Hashable {
    /// The queue's name; chosen by the broker if the declared name was empty.
    public var name: Name
    /// The number of messages ready for delivery.
    public var messageCount: UInt32
    /// The number of consumers.
    public var consumerCount: UInt32

    /// Creates a reply.
    public init(name: Name, messageCount: UInt32, consumerCount: UInt32) {
        self.name = name
        self.messageCount = messageCount
        self.consumerCount = consumerCount
    }
}
