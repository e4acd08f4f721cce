// Faults on the broker, through its management API; one of them through rabbitmqctl.
extension FaultCatalogue {
    static let broker: [FaultDescription] = rules + rights + endings

    private static let limited = FaultEffects([.connection(530), .channel(406), .channel(506)], interrupts: true)

    private static let limitRange = 0...1_000_000

    private static func reason(_ value: String) -> FaultParameter {
        FaultParameter(.reason, .text(200), .text(value), "what the application and the log are told")
    }

    // MARK: Policies and limits

    private static let rules: [FaultDescription] = [
        FaultDescription(
            .policyTtl, "Messages expire", .broker, .queue,
            does: "Sets a temporary policy on one queue, with which messages that arrive from now on expire soon.",
            blast: "Messages that arrive meanwhile: they go to the queue's dead-letter exchange, or are lost.",
            undo:
                "The policy is taken away; what arrived until then still expires, and what expired does not come back.",
            defaultDuration: 60,
            application: "Messages that it published and that were confirmed never reach a slow consumer.",
            parameters: [
                FaultParameter(
                    .ttlMilliseconds, .integer(0...86_400_000), 1_000, "how old a message may get", unit: "ms")
            ], selects: [.vhost, .queue], targets: [.queue, .consumer], isDestructive: true),
        FaultDescription(
            .policyMaxLength, "Short queue", .broker, .queue,
            does: "Sets a temporary policy on one queue, with which it keeps so many messages and drops the oldest.",
            blast: "The queue's oldest messages: they go to its dead-letter exchange, or are lost.",
            undo: "The policy is taken away; what was dropped does not come back.", defaultDuration: 60,
            application: "Messages that it published and that were confirmed are gone when too many wait.",
            parameters: [
                FaultParameter(.maxLength, .integer(limitRange), 10, "how many messages may wait", unit: "messages")
            ], selects: [.vhost, .queue], targets: [.queue, .consumer], isDestructive: true),
        FaultDescription(
            .policyRejectPublish, "Reject publishes", .broker, .queue,
            does: "Sets a temporary policy on one queue, with which it rejects what is published once it is full.",
            blast: "Publishers to the queue; what is in it stays.",
            undo: "The policy is taken away, and publishes are taken again.", defaultDuration: 60,
            application:
                "basic.nack for each publish, where confirms are on; without confirms, messages vanish silently.",
            parameters: [
                FaultParameter(
                    .maxLength, .integer(limitRange), 0, "at how many messages the queue is full", unit: "messages")
            ], selects: [.vhost, .queue], targets: [.queue]),
        FaultDescription(
            .vhostLimit, "Limit a vhost", .broker, .vhost,
            does: "Limits how many connections or queues a vhost may have.",
            blast: "New connections, or new queues, of everybody in the vhost; those that are there live.",
            undo: "The limit that was there before is set again, or none.", defaultDuration: 60,
            application: """
                Connections: 530 NOT_ALLOWED at connection.open, 'connection limit is reached'. Queues: 406 \
                PRECONDITION_FAILED at queue.declare, 'queue limit in vhost is reached'.
                """,
            parameters: [
                FaultParameter(
                    .limit, .choice(["max-connections", "max-queues"]), "max-connections", "what is limited"),
                FaultParameter(.value, .integer(limitRange), 0, "how many there may be"),
            ], selects: [.vhost], targets: [.connection, .queue], effects: { _ in limited }),
        FaultDescription(
            .userLimit, "Limit a user", .broker, .user,
            does: "Limits how many connections or channels a user may have, on each node.",
            blast: "New connections, or new channels, of the user; those that are there live, until one asks for more.",
            undo: "The limit that was there before is set again, or none.", defaultDuration: 60,
            application: """
                Connections: 530 NOT_ALLOWED at connection.open. Channels: 530 NOT_ALLOWED at channel.open, on the \
                connection: all its channels die for the one too many.
                """,
            parameters: [
                FaultParameter(
                    .limit, .choice(["max-connections", "max-channels"]), "max-connections", "what is limited"),
                FaultParameter(.value, .integer(limitRange), 0, "how many there may be"),
            ], selects: [.user], targets: [.connection, .channel], effects: { _ in limited }),
    ]

    // MARK: Rights

    private static let rights: [FaultDescription] = [
        FaultDescription(
            .revokePermission, "Revoke a permission", .broker, .user,
            does: """
                Takes a user's permissions in a vhost away, or one of the three. Busy channels have theirs cached: \
                certain only for new and idle ones, unless its connections are closed too.
                """,
            blast: "All that this user does in the vhost.",
            undo: "The permissions are set as they were.", defaultDuration: 60,
            application: """
                403 ACCESS_REFUSED on channels that were idle or are new. Where all is taken, 530 NOT_ALLOWED at \
                connection.open; with 'reconnect', 320 CONNECTION_FORCED before that.
                """,
            parameters: [
                FaultParameter(
                    .what, .choice(["all", "configure", "write", "read"]), "all", "which permission is taken"),
                FaultParameter(
                    .reconnect, .flag, false,
                    "whether the user's connections in the vhost are closed, so that it bites"),
            ], selects: [.user, .vhost], targets: [.connection, .channel],
            effects: { _ in FaultEffects([.channel(403), .connection(320, 530)], interrupts: true) })
    ]

    // MARK: Faults without undo

    private static let endings: [FaultDescription] = [
        FaultDescription(
            .forceCloseConnection, "Close a connection by force", .broker, .connection,
            does: "Closes connections as an operator does, through the management API.",
            blast: "The connections with all their channels and consumers; what was unacked is delivered again.",
            application: "320 CONNECTION_FORCED with the reason; who recovers is back in a moment.",
            parameters: [reason("closed by rabbittop")], selects: [.connection, .user, .vhost],
            targets: [.connection, .channel, .consumer], isDestructive: true,
            effects: { _ in FaultEffects([.connection(320)], interrupts: true, ends: true) }),
        FaultDescription(
            .closeUser, "Close a user's connections", .broker, .user,
            does: "Closes all connections of a user as an operator does; those of rabbittop itself are spared.",
            blast: "Every application that logs in as this user, at the same moment.",
            application: "320 CONNECTION_FORCED with the reason, for all at once: their reconnects come as one wave.",
            parameters: [reason("closed by rabbittop")], selects: [.user, .vhost],
            targets: [.connection, .channel], isDestructive: true,
            effects: { _ in FaultEffects([.connection(320)], interrupts: true, ends: true) }),
        FaultDescription(
            .purge, "Purge a queue", .broker, .queue,
            does: "Deletes all ready messages of a queue; those that are unacked stay.",
            blast: "The queue's ready messages, for good.",
            application: "Nothing: messages that were confirmed never come.",
            selects: [.vhost, .queue], targets: [.queue], isDestructive: true),
        FaultDescription(
            .deleteQueue, "Delete a queue in use", .broker, .queue,
            does: "Deletes a queue with its messages, its bindings and its consumers.",
            blast: "The queue and all that is in it, for good.",
            application: """
                Consumers: a consumer-cancel notification. Publishers: their messages are returned with 312 NO_ROUTE \
                when mandatory, and lost otherwise. Who names it: 404 NOT_FOUND on the channel.
                """,
            selects: [.vhost, .queue], targets: [.queue], isDestructive: true,
            effects: { _ in
                FaultEffects([.entry([.cancelled]), .channel(404), .entry([.returned], 312)], interrupts: true)
            }),
        FaultDescription(
            .deleteExchange, "Delete an exchange in use", .broker, .exchange,
            does: "Deletes an exchange with its bindings; the queues stay.",
            blast: "The exchange and its bindings, for good.",
            application: "404 NOT_FOUND on the channel of each who publishes to it.",
            selects: [.vhost, .exchange], targets: [.exchange], isDestructive: true,
            effects: { _ in FaultEffects([.channel(404)], interrupts: true) }),
        FaultDescription(
            .raiseChannelError, "Raise a channel error", .broker, .channel,
            does: "Makes the broker itself raise an error on channels of anybody, with rabbitmqctl.",
            blast: "The channels, their consumers and their unconfirmed publishes; their siblings live.",
            application: """
                406 PRECONDITION_FAILED for a delivery tag that it never acked, or 404 NOT_FOUND for a queue that it \
                never named.
                """,
            parameters: [FaultParameter(.code, .choice(["406", "404"]), "406", "which error")],
            selects: [.connection, .user, .vhost, .channel], targets: [.channel, .consumer], isDestructive: true,
            effects: { _ in FaultEffects([.channel(404, 406)], interrupts: true, ends: true) }),
    ]
}
