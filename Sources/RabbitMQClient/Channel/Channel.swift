import AMQPWire
import NIOCore
import Names

/// A channel: a lane of its own within a connection, closed by the broker when an operation on it fails.
///
/// Any number of tasks may use one channel at once. Operations are sent in the order in which they are called and
/// answered in that order, and calls under way at the same time share one write. What is delivered on a channel is
/// settled on that channel. Close a channel when it is done with: it lives on as long as its connection otherwise.
public final class Channel: Sendable {
    let core: ChannelCore

    init(_ core: ChannelCore) {
        self.core = core
    }

    /// Its number, unique among the open channels of the connection.
    public var number: UInt16 { core.number }

    /// Whether operations can be sent on it.
    public var isOpen: Bool { closeReason == nil }

    /// Why it is closed or closing; nil while it is open.
    public var closeReason: CloseReason? { core.closeReason }

    /// What it has done and is doing.
    public var report: ChannelReport { core.report() }

    /// Returns when the channel has closed, whoever closed it, with the reason.
    public func closed() async -> CloseReason { await core.closed() }

    /// Closes the channel and waits for the broker's answer, `operationTimeout` at most. Unconfirmed publishes end as
    /// indeterminate, unsettled deliveries go back to their queues. Does nothing on a closed channel.
    public func close(code: UInt16 = 200, text: String = "Goodbye") async throws(ClientError) {
        try await core.close(code: code, text: text)
    }
}

/// What `queue.declare` answers.
public struct QueueDeclared: Sendable, Hashable {
    /// The queue's name, chosen by the broker when an empty one was asked for.
    public var name: Name
    /// Messages ready for delivery.
    public var messageCount: UInt32
    public var consumerCount: UInt32

    public init(name: Name, messageCount: UInt32, consumerCount: UInt32) {
        self.name = name
        self.messageCount = messageCount
        self.consumerCount = consumerCount
    }
}
