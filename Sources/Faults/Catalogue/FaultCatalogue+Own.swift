// Faults on rabbittop's own connections and channels.
extension FaultCatalogue {
    static let own: [any DeclaredFault.Type] = [
        AccessRefusedFault.self,
        NotFoundFault.self,
        ResourceLockedFault.self,
        PreconditionFailedFault.self,
        ConnectionForcedFault.self,
        FrameErrorFault.self,
        CommandInvalidFault.self,
        ChannelErrorFault.self,
        UnexpectedFrameFault.self,
        NotAllowedFault.self,
        NotImplementedFault.self,
        InternalErrorFault.self,
        PoliteCloseFault.self,
        TCPResetFault.self,
        StopHeartbeatsFault.self,
        StopReadingFault.self,
        HoardUnackedFault.self,
        RequeueLoopFault.self,
        SlowConsumerFault.self,
        NoRouteFault.self,
        FloodFault.self,
        PoisonMessageFault.self,
    ]
}

/// A fault on a connection of rabbittop's own.
package protocol OwnFault: DeclaredFault {
    /// The virtual host that the connection opens.
    var vhost: String { get }
}

extension OwnFault {
    /// The broker may answer anything, to rabbittop's own peer alone.
    package var effects: FaultEffects { FaultEffects([.anyResponse]) }
}

extension FaultParameterReader {
    fileprivate mutating func vhost() -> String { text("vhost", 255, "/", "the virtual host") }

    fileprivate mutating func queue(_ help: String) -> String { text("queue", 255, nil, help) }

    fileprivate mutating func prefetch(_ value: Int, _ help: String) -> Int {
        integer("prefetch", 0...65_535, value, help)
    }
}

/// The effects of any consumer of rabbittop, measured on full queues of each type.
private let goesBack = """
    What goes back counts towards a quorum queue's delivery limit, pushes out the oldest messages of a queue that is \
    full and drops its head, and is gone with an auto-delete queue that has no other consumer.
    """
private let ownChannel = "A channel of rabbittop's own, with its connection; no application."
private let ownConnection = "A connection of rabbittop's own; no application."

// MARK: Codes on the channel

/// `access-refused`.
package struct AccessRefusedFault: OwnFault {
    package static let description = FaultDescription(
        AccessRefusedFault.self, "access-refused", "403 ACCESS_REFUSED", .own, .channel,
        does:
            "Declares an exchange with a name of the broker's own, or publishes to an internal one, or logs in wrong.",
        blast: ownChannel,
        application: """
            Who does that, or lacks the permission: 403 on the channel, its siblings live. At login: 403 on the \
            connection, and connecting again does not help.
            """,
        targets: [.channel, .client])

    package enum How: String, CaseIterable, Sendable {
        case declare
        case publish
        case login
    }

    package let how: How
    package let vhost: String

    package init(_ parameters: inout FaultParameterReader) {
        how = parameters.choice(
            "how", How.declare, "declares amq.…, publishes to amq.rabbitmq.trace, or logs in with a wrong password")
        vhost = parameters.vhost()
    }
}

/// `not-found`.
package struct NotFoundFault: OwnFault {
    package static let description = FaultDescription(
        NotFoundFault.self, "not-found", "404 NOT_FOUND", .own, .channel,
        does: "Asks for a queue that is not there, consumes from one, or publishes to such an exchange.",
        blast: ownChannel,
        application:
            "404 on the channel, and all its consumers and unconfirmed publishes with it; its siblings live.",
        targets: [.channel, .exchange, .client])

    package enum How: String, CaseIterable, Sendable {
        case queue
        case consume
        case publish
    }

    package let how: How
    package let missing: String
    package let vhost: String

    package init(_ parameters: inout FaultParameterReader) {
        how = parameters.choice("how", How.queue, "asks for the queue, consumes from it, publishes to the exchange")
        missing = parameters.text("name", 255, "rabbittop.missing", "what is not there")
        vhost = parameters.vhost()
    }
}

/// `resource-locked`.
package struct ResourceLockedFault: OwnFault {
    package static let description = FaultDescription(
        ResourceLockedFault.self, "resource-locked", "405 RESOURCE_LOCKED", .own, .channel,
        does: "Asks on one connection for the exclusive queue of another; both are rabbittop's.",
        blast: ownChannel,
        application:
            "405 on the channel: as after a reconnect, while the broker still takes the old connection for alive.",
        targets: [.channel, .client])

    package let vhost: String

    package init(_ parameters: inout FaultParameterReader) {
        vhost = parameters.vhost()
    }
}

/// `precondition-failed`.
package struct PreconditionFailedFault: OwnFault {
    package static let description = FaultDescription(
        PreconditionFailedFault.self, "precondition-failed", "406 PRECONDITION_FAILED", .own, .channel,
        does: """
            Acks a delivery that never was, declares a queue otherwise than it is, asks for confirms in a \
            transaction, or publishes more than max_message_size.
            """,
        blast: ownChannel + " A message that is too large passes the network and the broker's memory first.",
        application: "406 on the channel; what was unacked on it is delivered again.",
        targets: [.channel, .consumer, .client])

    package enum How: String, CaseIterable, Sendable {
        case unknownTag = "unknown-tag"
        case redeclare
        case confirmInTransaction = "confirm-in-transaction"
        case messageTooLarge = "message-too-large"
    }

    package let how: How
    package let size: Int
    package let vhost: String

    package init(_ parameters: inout FaultParameterReader) {
        how = parameters.choice("how", How.unknownTag, "which precondition fails")
        size = parameters.integer(
            "size", 1...536_870_912, 134_217_729, "of the message that is too large", unit: "bytes")
        vhost = parameters.vhost()
    }
}

// MARK: Codes on the connection

/// `connection-forced`.
package struct ConnectionForcedFault: OwnFault {
    package static let description = FaultDescription(
        ConnectionForcedFault.self, "connection-forced", "320 CONNECTION_FORCED", .own, .connection,
        does: "Closes a connection of rabbittop's own through the management API, as an operator does.",
        blast: ownConnection,
        application:
            "320 on the connection, as from an operator or a broker that shuts down: it should connect again.",
        targets: [.connection, .client])

    package let reason: String
    package let vhost: String

    package init(_ parameters: inout FaultParameterReader) {
        reason = parameters.text("reason", 200, "closed by rabbittop", "what its client is told")
        vhost = parameters.vhost()
    }
}

/// `frame-error`.
package struct FrameErrorFault: OwnFault {
    package static let description = FaultDescription(
        FrameErrorFault.self, "frame-error", "501 FRAME_ERROR", .own, .connection,
        does:
            "Sends a method cut short, a frame with a wrong end octet, one larger than agreed, or of no known type.",
        blast: ownConnection,
        application: "501 on the connection: bytes were damaged on their way, or a client writes wrong ones.",
        targets: [.connection, .client])

    package enum How: String, CaseIterable, Sendable {
        case method
        case end
        case size
        case type
    }

    package let how: How
    package let vhost: String

    package init(_ parameters: inout FaultParameterReader) {
        how = parameters.choice("how", How.method, "what is wrong with the frame")
        vhost = parameters.vhost()
    }
}

/// `command-invalid`.
package struct CommandInvalidFault: OwnFault {
    package static let description = FaultDescription(
        CommandInvalidFault.self, "command-invalid", "503 COMMAND_INVALID", .own, .connection,
        does: "Sends a method of the connection on a channel, or declares an exchange of an unknown type.",
        blast: ownConnection,
        application: """
            503 on the connection: all its channels die for one wrong method. To an unknown exchange type RabbitMQ \
            answers 406 on the channel since 4.0.
            """,
        targets: [.connection, .client])

    package enum How: String, CaseIterable, Sendable {
        case method
        case exchangeType = "exchange-type"
    }

    package let how: How
    package let vhost: String

    package init(_ parameters: inout FaultParameterReader) {
        how = parameters.choice("how", How.method, "the wrong method, or the wrong type (up to RabbitMQ 3)")
        vhost = parameters.vhost()
    }
}

/// `channel-error`.
package struct ChannelErrorFault: OwnFault {
    package static let description = FaultDescription(
        ChannelErrorFault.self, "channel-error", "504 CHANNEL_ERROR", .own, .connection,
        does: "Uses a channel that was never opened or is closed, opens one twice, or uses channel 0 as one.",
        blast: ownConnection,
        application: "504 on the connection: as from a client that goes on with a channel after it was closed.",
        targets: [.connection, .channel, .client])

    package enum How: String, CaseIterable, Sendable {
        case unopened
        case closed
        case secondOpen = "second-open"
        case channelZero = "channel-zero"
    }

    package let how: How
    package let vhost: String

    package init(_ parameters: inout FaultParameterReader) {
        how = parameters.choice("how", How.unopened, "which channel is used wrongly")
        vhost = parameters.vhost()
    }
}

/// `unexpected-frame`.
package struct UnexpectedFrameFault: OwnFault {
    package static let description = FaultDescription(
        UnexpectedFrameFault.self, "unexpected-frame", "505 UNEXPECTED_FRAME", .own, .connection,
        does:
            "Mixes the frames of two publishes on one channel, or sends a message's header or body without its method.",
        blast: ownConnection,
        application: "505 on the connection: as when two threads share a channel without a lock.",
        targets: [.connection, .channel, .client])

    package enum How: String, CaseIterable, Sendable {
        case publishes
        case header
        case body
    }

    package let how: How
    package let vhost: String

    package init(_ parameters: inout FaultParameterReader) {
        how = parameters.choice("how", How.publishes, "which frame comes where it does not belong")
        vhost = parameters.vhost()
    }
}

/// `not-allowed`.
package struct NotAllowedFault: OwnFault {
    package static let description = FaultDescription(
        NotAllowedFault.self, "not-allowed", "530 NOT_ALLOWED", .own, .connection,
        does: "Enters a virtual host that is not there, or consumes twice with one consumer tag.",
        blast: ownConnection,
        application: "530 on the connection: connecting again does not help.",
        targets: [.connection, .client])

    package enum How: String, CaseIterable, Sendable {
        case vhost
        case consumerTag = "consumer-tag"
    }

    package let how: How
    package let vhost: String

    package init(_ parameters: inout FaultParameterReader) {
        how = parameters.choice("how", How.vhost, "enters a missing virtual host, or uses a consumer tag twice")
        vhost = parameters.vhost()
    }
}

/// `not-implemented`.
package struct NotImplementedFault: OwnFault {
    package static let description = FaultDescription(
        NotImplementedFault.self, "not-implemented", "540 NOT_IMPLEMENTED", .own, .connection,
        does:
            "Uses what AMQP 0-9-1 has and RabbitMQ does not: immediate, a prefetch in bytes, recover without requeue.",
        blast: ownConnection,
        application: "540 on the connection: all its channels die for one flag.",
        targets: [.connection, .channel, .client])

    package enum How: String, CaseIterable, Sendable {
        case immediate
        case prefetchSize = "prefetch-size"
        case recover
    }

    package let how: How
    package let vhost: String

    package init(_ parameters: inout FaultParameterReader) {
        how = parameters.choice("how", How.immediate, "what is used")
        vhost = parameters.vhost()
    }
}

/// `internal-error`.
package struct InternalErrorFault: OwnFault {
    package static let description = FaultDescription(
        InternalErrorFault.self, "internal-error", "541 INTERNAL_ERROR", .own, .connection,
        does: "Sends a method of the connection without its arguments, on which the broker's reader of it crashes.",
        blast: ownConnection + " A crash report stands in the broker's log.",
        application: "541 on the connection: as when the broker itself has a defect.",
        targets: [.connection, .client])

    package let vhost: String

    package init(_ parameters: inout FaultParameterReader) {
        vhost = parameters.vhost()
    }
}

// MARK: Endings

/// `polite-close`.
package struct PoliteCloseFault: OwnFault {
    package static let description = FaultDescription(
        PoliteCloseFault.self, "polite-close", "Close politely", .own, .connection,
        does: "Opens a connection and a channel, and closes both as one should.",
        blast: ownConnection,
        application: "200 and nothing else: to compare the others with.",
        targets: [.connection, .channel, .client])

    package let vhost: String

    package init(_ parameters: inout FaultParameterReader) {
        vhost = parameters.vhost()
    }
}

/// `tcp-reset`.
package struct TCPResetFault: OwnFault {
    package static let description = FaultDescription(
        TCPResetFault.self, "tcp-reset", "Vanish with a TCP reset", .own, .connection,
        does: "Opens a connection and a channel, and resets the socket without a word of AMQP.",
        blast: ownConnection,
        application: "Nothing; the broker logs that a client closed its TCP connection unexpectedly.",
        targets: [.connection, .client])

    package let vhost: String

    package init(_ parameters: inout FaultParameterReader) {
        vhost = parameters.vhost()
    }
}

/// `stop-heartbeats`.
package struct StopHeartbeatsFault: OwnFault {
    package static let description = FaultDescription(
        StopHeartbeatsFault.self, "stop-heartbeats", "Stop heartbeats", .own, .connection,
        does:
            "Agrees on a heartbeat and sends none, as a client whose thread hangs; it may hold messages of a queue.",
        blast:
            "A connection of rabbittop's own, and what it holds of the queue until the broker gives it up. "
            + goesBack,
        undo: "The connection is closed; what it held goes back to its queue.",
        defaultDuration: 60,
        application: """
            The broker ends the socket after two to three intervals, without connection.close. Until then the \
            messages it holds are nobody else's.
            """,
        targets: [.connection, .queue, .client],
        isDestructive: true)

    package let heartbeat: Int
    package let queue: String
    package let prefetch: Int
    package let vhost: String

    package init(_ parameters: inout FaultParameterReader) {
        heartbeat = parameters.integer("heartbeat", 1...3_600, 2, "the interval that is agreed on", unit: "s")
        queue = parameters.text("queue", 255, "", "the queue it consumes from; none when it is empty")
        prefetch = parameters.prefetch(10, "the most messages it holds; 0 is no limit")
        vhost = parameters.vhost()
    }
}

/// `stop-reading`.
package struct StopReadingFault: OwnFault {
    package static let description = FaultDescription(
        StopReadingFault.self, "stop-reading", "Stop reading", .own, .queue,
        does: "Consumes from a queue without a prefetch limit and reads its socket no more; heartbeats go on.",
        blast:
            "What the broker sends to it: messages that other consumers do not get, and memory of the broker. "
            + goesBack,
        undo: "The socket is closed; what was sent to it goes back to its queue.",
        defaultDuration: 60,
        application: """
            A queue that empties into unacked, until the sockets' buffers are full; the broker gives the connection \
            up when it cannot send for a while (send_timeout).
            """,
        targets: [.queue, .consumer],
        isDestructive: true)

    package let queue: String
    package let prefetch: Int
    package let vhost: String

    package init(_ parameters: inout FaultParameterReader) {
        queue = parameters.queue("the queue it consumes from")
        prefetch = parameters.prefetch(0, "the most messages; 0 is no limit")
        vhost = parameters.vhost()
    }
}

// MARK: Consumers

/// `hoard-unacked`.
package struct HoardUnackedFault: OwnFault {
    package static let description = FaultDescription(
        HoardUnackedFault.self, "hoard-unacked", "Hoard unacked messages", .own, .queue,
        does: "Consumes from a queue and acks nothing.",
        blast: "The messages it holds: no other consumer gets them. " + goesBack,
        undo: "The consumer ends; its messages go back to their queue, marked as redelivered.",
        defaultDuration: 60,
        application:
            "Its own consumers idle, while the queue shows unacked messages: as with a consumer that hangs.",
        targets: [.queue, .consumer],
        isDestructive: true)

    package let queue: String
    package let prefetch: Int
    package let vhost: String

    package init(_ parameters: inout FaultParameterReader) {
        queue = parameters.queue("the queue it consumes from")
        prefetch = parameters.prefetch(100, "so many messages it holds; 0 is all of them")
        vhost = parameters.vhost()
    }
}

/// `requeue-loop`.
package struct RequeueLoopFault: OwnFault {
    package static let description = FaultDescription(
        RequeueLoopFault.self, "requeue-loop", "Requeue without end", .own, .queue,
        does: "Consumes from a queue and gives each message back with requeue.",
        blast: """
            The queue's messages come redelivered and out of order. A quorum queue with a delivery limit (20 since \
            RabbitMQ 4.0 unless set otherwise) drops or dead-letters those that were given back too often; since 4.3 \
            basic.nack does not count towards it, basic.reject does.
            """,
        undo: "The consumer ends; what it holds goes back to its queue.",
        defaultDuration: 30,
        application:
            "Redelivered messages, and a broker that works for nothing: as with a consumer that always fails.",
        targets: [.queue, .consumer],
        isDestructive: true)

    package enum How: String, CaseIterable, Sendable {
        case nack
        case reject
    }

    package let queue: String
    package let rate: Int
    package let how: How
    package let prefetch: Int
    package let vhost: String

    package init(_ parameters: inout FaultParameterReader) {
        queue = parameters.queue("the queue it consumes from")
        rate = parameters.integer("rate", 1...100_000, 1_000, "at most so many in a second", unit: "/s")
        how = parameters.choice("how", How.nack, "gives them back with basic.nack, or with basic.reject")
        prefetch = parameters.prefetch(10, "the most messages it holds; 0 is no limit")
        vhost = parameters.vhost()
    }
}

/// `slow-consumer`.
package struct SlowConsumerFault: OwnFault {
    package static let description = FaultDescription(
        SlowConsumerFault.self, "slow-consumer", "Slow consumer", .own, .queue,
        does: "Consumes from a queue and settles each message late, one after the other.",
        blast: """
            Each message it takes is late; requeued, it comes redelivered, and up to RabbitMQ 4.2 a quorum queue's \
            delivery limit counts that; acked, it is gone and no application has seen it.
            """,
        undo: "The consumer ends; what it holds goes back to its queue.",
        defaultDuration: 60,
        application: "Messages whose turn comes late, while its own consumers idle.",
        targets: [.queue, .consumer],
        isDestructive: true)

    package enum Settling: String, CaseIterable, Sendable {
        case requeue
        case ack
    }

    package let queue: String
    package let delayMilliseconds: Int
    package let settle: Settling
    package let prefetch: Int
    package let vhost: String

    package init(_ parameters: inout FaultParameterReader) {
        queue = parameters.queue("the queue it consumes from")
        delayMilliseconds = parameters.integer(
            "delay_ms", 1...3_600_000, 1_000, "how long each message takes", unit: "ms")
        settle = parameters.choice("settle", Settling.requeue, "gives them back, or takes them for good")
        prefetch = parameters.prefetch(1, "the most messages it holds; 0 is no limit")
        vhost = parameters.vhost()
    }
}

// MARK: Publishers

/// `no-route`.
package struct NoRouteFault: OwnFault {
    package static let description = FaultDescription(
        NoRouteFault.self, "no-route", "312 NO_ROUTE", .own, .message,
        does: "Publishes a message with mandatory that no queue can get.",
        blast: "A channel of rabbittop's own, which stays open; no application.",
        application: "basic.return with 312, and then the confirm: who ignores returns has lost a message.",
        targets: [.exchange, .channel, .client])

    package let vhost: String

    package init(_ parameters: inout FaultParameterReader) {
        vhost = parameters.vhost()
    }
}

/// `flood`.
package struct FloodFault: OwnFault {
    package static let description = FaultDescription(
        FloodFault.self, "flood", "Flood a queue", .own, .queue,
        does: "Publishes to a queue at a rate, with confirms, up to a number of messages.",
        blast: "The queue's depth, its consumers, and the broker's memory and disk; what was published stays.",
        undo: "Publishing stops; what was published stays in the queue.",
        defaultDuration: 30,
        application: """
            Messages it does not know (app_id rabbittop), and a queue that grows faster than it is emptied; on a \
            broker that runs short of memory, publishers are blocked.
            """,
        targets: [.queue])

    package let queue: String
    package let rate: Int
    package let size: Int
    package let limit: Int
    package let isPersistent: Bool
    package let vhost: String

    package init(_ parameters: inout FaultParameterReader) {
        queue = parameters.queue("the queue it publishes to")
        rate = parameters.integer("rate", 1...1_000_000, 1_000, "messages in a second", unit: "/s")
        size = parameters.integer("size", 0...1_048_576, 1_000, "of each message's body", unit: "bytes")
        limit = parameters.integer("limit", 1...100_000_000, 100_000, "not more messages than that")
        isPersistent = parameters.flag("persistent", false, "whether they are to survive a restart")
        vhost = parameters.vhost()
    }
}

/// `poison-message`.
package struct PoisonMessageFault: OwnFault {
    package static let description = FaultDescription(
        PoisonMessageFault.self, "poison-message", "Poison message", .own, .message,
        does: "Publishes a message, confirmed, on which a consumer's decoder fails.",
        blast: "The consumers of the queue, one after the other, where they requeue what they cannot read.",
        application:
            "An error of its decoder: it should dead-letter the message, not crash or requeue it without end.",
        targets: [.queue])

    package enum Kind: String, CaseIterable, Sendable {
        /// Declared as JSON, but ends in the middle.
        case json
        /// Declared as UTF-8, but invalid.
        case utf8
        /// Declared as JSON, but empty.
        case empty
        /// Declared as compressed, but is not.
        case gzip
        /// JSON of 100,000 nested arrays.
        case nested
        /// Headers of every type there is, and numbers at their limits.
        case headers
        /// A content type that careful consumers refuse, a pickled Python object; the bytes are not one.
        case pickle
    }

    package let queue: String
    package let kind: Kind
    package let count: Int
    package let isPersistent: Bool
    package let vhost: String

    package init(_ parameters: inout FaultParameterReader) {
        queue = parameters.queue("the queue it is published to")
        kind = parameters.choice(
            "kind", Kind.json,
            """
            JSON cut short, text that is not UTF-8, no body, gzip that is none, 100,000 nested arrays, headers of \
            every type, a pickle
            """)
        count = parameters.integer("count", 1...10_000, 1, "how many")
        isPersistent = parameters.flag("persistent", true, "whether it is to survive a restart")
        vhost = parameters.vhost()
    }
}
