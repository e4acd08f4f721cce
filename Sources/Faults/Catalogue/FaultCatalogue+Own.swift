// Faults on rabbittop's own connections and channels.
extension FaultCatalogue {
    static let own: [FaultDescription] = channelCodes + connectionCodes + endings + consumers + publishers

    private static let vhost = FaultParameter(.vhost, .text(255), "/", "the virtual host")
    private static func queue(_ help: String) -> FaultParameter { FaultParameter(.queue, .text(255), nil, help) }
    private static func how(_ choices: [String], _ help: String) -> FaultParameter {
        FaultParameter(.how, .choice(choices), choices.first.map(FaultValue.text), help)
    }
    private static func prefetch(_ value: Int, _ help: String) -> FaultParameter {
        FaultParameter(.prefetch, .integer(0...65_535), .integer(value), help)
    }

    /// The effects of any consumer of rabbittop, measured on full queues of each type.
    private static let goesBack = """
        What goes back counts towards a quorum queue's delivery limit, pushes out the oldest messages of a queue that is \
        full and drops its head, and is gone with an auto-delete queue that has no other consumer.
        """
    private static let ownChannel = "A channel of rabbittop's own, with its connection; no application."
    private static let ownConnection = "A connection of rabbittop's own; no application."

    // MARK: Codes on the channel

    private static let channelCodes: [FaultDescription] = [
        FaultDescription(
            .accessRefused, "403 ACCESS_REFUSED", .own, .channel,
            does:
                "Declares an exchange with a name of the broker's own, or publishes to an internal one, or logs in wrong.",
            blast: ownChannel,
            application: """
                Who does that, or lacks the permission: 403 on the channel, its siblings live. At login: 403 on the \
                connection, and connecting again does not help.
                """,
            parameters: [
                how(
                    ["declare", "publish", "login"],
                    "declares amq.…, publishes to amq.rabbitmq.trace, or logs in with a wrong password"), vhost,
            ], targets: [.channel, .client]),
        FaultDescription(
            .notFound, "404 NOT_FOUND", .own, .channel,
            does: "Asks for a queue that is not there, consumes from one, or publishes to such an exchange.",
            blast: ownChannel,
            application:
                "404 on the channel, and all its consumers and unconfirmed publishes with it; its siblings live.",
            parameters: [
                how(
                    ["queue", "consume", "publish"], "asks for the queue, consumes from it, publishes to the exchange"),
                FaultParameter(.name, .text(255), "rabbittop.missing", "what is not there"), vhost,
            ], targets: [.channel, .exchange, .client]),
        FaultDescription(
            .resourceLocked, "405 RESOURCE_LOCKED", .own, .channel,
            does: "Asks on one connection for the exclusive queue of another; both are rabbittop's.",
            blast: ownChannel,
            application:
                "405 on the channel: as after a reconnect, while the broker still takes the old connection for alive.",
            parameters: [vhost], targets: [.channel, .client]),
        FaultDescription(
            .preconditionFailed, "406 PRECONDITION_FAILED", .own, .channel,
            does: """
                Acks a delivery that never was, declares a queue otherwise than it is, asks for confirms in a \
                transaction, or publishes more than max_message_size.
                """,
            blast: ownChannel + " A message that is too large passes the network and the broker's memory first.",
            application: "406 on the channel; what was unacked on it is delivered again.",
            parameters: [
                how(
                    ["unknown-tag", "redeclare", "confirm-in-transaction", "message-too-large"],
                    "which precondition fails"),
                FaultParameter(
                    .size, .integer(1...536_870_912), 134_217_729, "of the message that is too large", unit: "bytes"),
                vhost,
            ], targets: [.channel, .consumer, .client]),
    ]

    // MARK: Codes on the connection

    private static let connectionCodes: [FaultDescription] = [
        FaultDescription(
            .connectionForced, "320 CONNECTION_FORCED", .own, .connection,
            does: "Closes a connection of rabbittop's own through the management API, as an operator does.",
            blast: ownConnection,
            application:
                "320 on the connection, as from an operator or a broker that shuts down: it should connect again.",
            parameters: [
                FaultParameter(.reason, .text(200), "closed by rabbittop", "what its client is told"), vhost,
            ],
            targets: [.connection, .client]),
        FaultDescription(
            .frameError, "501 FRAME_ERROR", .own, .connection,
            does:
                "Sends a method cut short, a frame with a wrong end octet, one larger than agreed, or of no known type.",
            blast: ownConnection,
            application: "501 on the connection: bytes were damaged on their way, or a client writes wrong ones.",
            parameters: [how(["method", "end", "size", "type"], "what is wrong with the frame"), vhost],
            targets: [.connection, .client]),
        FaultDescription(
            .commandInvalid, "503 COMMAND_INVALID", .own, .connection,
            does: "Sends a method of the connection on a channel, or declares an exchange of an unknown type.",
            blast: ownConnection,
            application: """
                503 on the connection: all its channels die for one wrong method. To an unknown exchange type RabbitMQ \
                answers 406 on the channel since 4.0.
                """,
            parameters: [
                how(["method", "exchange-type"], "the wrong method, or the wrong type (up to RabbitMQ 3)"), vhost,
            ],
            targets: [.connection, .client]),
        FaultDescription(
            .channelError, "504 CHANNEL_ERROR", .own, .connection,
            does: "Uses a channel that was never opened or is closed, opens one twice, or uses channel 0 as one.",
            blast: ownConnection,
            application: "504 on the connection: as from a client that goes on with a channel after it was closed.",
            parameters: [
                how(["unopened", "closed", "second-open", "channel-zero"], "which channel is used wrongly"), vhost,
            ], targets: [.connection, .channel, .client]),
        FaultDescription(
            .unexpectedFrame, "505 UNEXPECTED_FRAME", .own, .connection,
            does:
                "Mixes the frames of two publishes on one channel, or sends a message's header or body without its method.",
            blast: ownConnection,
            application: "505 on the connection: as when two threads share a channel without a lock.",
            parameters: [how(["publishes", "header", "body"], "which frame comes where it does not belong"), vhost],
            targets: [.connection, .channel, .client]),
        FaultDescription(
            .notAllowed, "530 NOT_ALLOWED", .own, .connection,
            does: "Enters a virtual host that is not there, or consumes twice with one consumer tag.",
            blast: ownConnection,
            application: "530 on the connection: connecting again does not help.",
            parameters: [
                how(["vhost", "consumer-tag"], "enters a missing virtual host, or uses a consumer tag twice"), vhost,
            ], targets: [.connection, .client]),
        FaultDescription(
            .notImplemented, "540 NOT_IMPLEMENTED", .own, .connection,
            does:
                "Uses what AMQP 0-9-1 has and RabbitMQ does not: immediate, a prefetch in bytes, recover without requeue.",
            blast: ownConnection,
            application: "540 on the connection: all its channels die for one flag.",
            parameters: [how(["immediate", "prefetch-size", "recover"], "what is used"), vhost],
            targets: [.connection, .channel, .client]),
        FaultDescription(
            .internalError, "541 INTERNAL_ERROR", .own, .connection,
            does: "Sends a method of the connection without its arguments, on which the broker's reader of it crashes.",
            blast: ownConnection + " A crash report stands in the broker's log.",
            application: "541 on the connection: as when the broker itself has a defect.",
            parameters: [vhost], targets: [.connection, .client]),
    ]

    // MARK: Endings

    private static let endings: [FaultDescription] = [
        FaultDescription(
            .politeClose, "Close politely", .own, .connection,
            does: "Opens a connection and a channel, and closes both as one should.",
            blast: ownConnection,
            application: "200 and nothing else: to compare the others with.",
            parameters: [vhost], targets: [.connection, .channel, .client]),
        FaultDescription(
            .tcpReset, "Vanish with a TCP reset", .own, .connection,
            does: "Opens a connection and a channel, and resets the socket without a word of AMQP.",
            blast: ownConnection,
            application: "Nothing; the broker logs that a client closed its TCP connection unexpectedly.",
            parameters: [vhost], targets: [.connection, .client]),
        FaultDescription(
            .stopHeartbeats, "Stop heartbeats", .own, .connection,
            does:
                "Agrees on a heartbeat and sends none, as a client whose thread hangs; it may hold messages of a queue.",
            blast:
                "A connection of rabbittop's own, and what it holds of the queue until the broker gives it up. "
                + goesBack,
            undo: "The connection is closed; what it held goes back to its queue.", defaultDuration: 60,
            application: """
                The broker ends the socket after two to three intervals, without connection.close. Until then the \
                messages it holds are nobody else's.
                """,
            parameters: [
                FaultParameter(.heartbeat, .integer(1...3_600), 2, "the interval that is agreed on", unit: "s"),
                FaultParameter(.queue, .text(255), "", "the queue it consumes from; none when it is empty"),
                prefetch(10, "so many messages it holds; 0 is no limit"), vhost,
            ], targets: [.connection, .queue, .client], isDestructive: true),
        FaultDescription(
            .stopReading, "Stop reading", .own, .queue,
            does: "Consumes from a queue without a prefetch limit and reads its socket no more; heartbeats go on.",
            blast:
                "What the broker sends to it: messages that other consumers do not get, and memory of the broker. "
                + goesBack,
            undo: "The socket is closed; what was sent to it goes back to its queue.", defaultDuration: 60,
            application: """
                A queue that empties into unacked, until the sockets' buffers are full; the broker gives the connection \
                up when it cannot send for a while (send_timeout).
                """,
            parameters: [
                queue("the queue it consumes from"), prefetch(0, "at most so many messages; 0 is no limit"), vhost,
            ], targets: [.queue, .consumer], isDestructive: true),
    ]

    // MARK: Consumers

    private static let consumers: [FaultDescription] = [
        FaultDescription(
            .hoardUnacked, "Hoard unacked messages", .own, .queue,
            does: "Consumes from a queue and acks nothing.",
            blast: "The messages it holds: no other consumer gets them. " + goesBack,
            undo: "The consumer ends; its messages go back to their queue, marked as redelivered.", defaultDuration: 60,
            application:
                "Its own consumers idle, while the queue shows unacked messages: as with a consumer that hangs.",
            parameters: [
                queue("the queue it consumes from"), prefetch(100, "so many messages it holds; 0 is all of them"),
                vhost,
            ], targets: [.queue, .consumer], isDestructive: true),
        FaultDescription(
            .requeueLoop, "Requeue without end", .own, .queue,
            does: "Consumes from a queue and gives each message back with requeue.",
            blast: """
                The queue's messages come redelivered and out of order. A quorum queue with a delivery limit (20 since \
                RabbitMQ 4.0 unless set otherwise) drops or dead-letters those that were given back too often; since 4.3 \
                basic.nack does not count towards it, basic.reject does.
                """,
            undo: "The consumer ends; what it holds goes back to its queue.", defaultDuration: 30,
            application:
                "Redelivered messages, and a broker that works for nothing: as with a consumer that always fails.",
            parameters: [
                queue("the queue it consumes from"),
                FaultParameter(.rate, .integer(1...100_000), 1_000, "at most so many in a second", unit: "/s"),
                how(["nack", "reject"], "gives them back with basic.nack, or with basic.reject"),
                prefetch(10, "so many messages it holds; 0 is no limit"), vhost,
            ], targets: [.queue, .consumer], isDestructive: true),
        FaultDescription(
            .slowConsumer, "Slow consumer", .own, .queue,
            does: "Consumes from a queue and settles each message late, one after the other.",
            blast: """
                Each message it takes is late; requeued, it comes redelivered, and up to RabbitMQ 4.2 a quorum queue's \
                delivery limit counts that; acked, it is gone and no application has seen it.
                """,
            undo: "The consumer ends; what it holds goes back to its queue.", defaultDuration: 60,
            application: "Messages whose turn comes late, while its own consumers idle.",
            parameters: [
                queue("the queue it consumes from"),
                FaultParameter(
                    .delayMilliseconds, .integer(1...3_600_000), 1_000, "how long each message takes", unit: "ms"),
                FaultParameter(
                    .settle, .choice(["requeue", "ack"]), "requeue", "gives them back, or takes them for good"),
                prefetch(1, "so many messages it holds; 0 is no limit"), vhost,
            ], targets: [.queue, .consumer], isDestructive: true),
    ]

    // MARK: Publishers

    private static let publishers: [FaultDescription] = [
        FaultDescription(
            .noRoute, "312 NO_ROUTE", .own, .message,
            does: "Publishes a message with mandatory that no queue can get.",
            blast: "A channel of rabbittop's own, which stays open; no application.",
            application: "basic.return with 312, and then the confirm: who ignores returns has lost a message.",
            parameters: [vhost], targets: [.exchange, .channel, .client]),
        FaultDescription(
            .flood, "Flood a queue", .own, .queue,
            does: "Publishes to a queue at a rate, with confirms, up to a number of messages.",
            blast: "The queue's depth, its consumers, and the broker's memory and disk; what was published stays.",
            undo: "Publishing stops; what was published stays in the queue.", defaultDuration: 30,
            application: """
                Messages it does not know (app_id rabbittop), and a queue that grows faster than it is emptied; on a \
                broker that runs short of memory, publishers are blocked.
                """,
            parameters: [
                queue("the queue it publishes to"),
                FaultParameter(.rate, .integer(1...1_000_000), 1_000, "messages in a second", unit: "/s"),
                FaultParameter(.size, .integer(0...1_048_576), 1_000, "of each message's body", unit: "bytes"),
                FaultParameter(.limit, .integer(1...100_000_000), 100_000, "not more messages than that"),
                FaultParameter(.persistent, .flag, false, "whether they are to survive a restart"), vhost,
            ], targets: [.queue]),
        FaultDescription(
            .poisonMessage, "Poison message", .own, .message,
            does: "Publishes a message, confirmed, on which a consumer's decoder fails.",
            blast: "The consumers of the queue, one after the other, where they requeue what they cannot read.",
            application:
                "An error of its decoder: it should dead-letter the message, not crash or requeue it without end.",
            parameters: [
                queue("the queue it is published to"),
                FaultParameter(
                    .kind, .choice(["json", "utf8", "empty", "gzip", "nested", "headers", "pickle"]), "json",
                    """
                    JSON cut short, text that is not UTF-8, no body, gzip that is none, 100,000 nested arrays, headers of \
                    every type, a pickle
                    """),
                FaultParameter(.count, .integer(1...10_000), 1, "how many"),
                FaultParameter(.persistent, .flag, true, "whether it is to survive a restart"), vhost,
            ], targets: [.queue]),
    ]
}
