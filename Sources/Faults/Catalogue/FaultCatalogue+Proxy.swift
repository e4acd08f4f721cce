// Faults on the traffic through the proxy.
extension FaultCatalogue {
    static let proxy: [FaultDescription] = closing + streams + frames + messages + handshake

    /// Connections that are closed normally during the fault have other reasons.
    private static let slowed = FaultEffects([.error(in: [.connection])])
    private static let brokenFrames = FaultEffects(
        [.connection(501, 502, 503, 505, 540, 541)], interrupts: true, ends: true)

    private static let whom: [FaultSelector.Field] = [.connection, .user, .vhost]
    private static let onChannels: [FaultSelector.Field] = whom + [.queue, .channel]
    private static let often: [FaultSelector.Field] = [.percentage, .every, .afterMessages, .afterBytes, .times]
    private static let onMessages: [FaultSelector.Field] = onChannels + [.exchange] + often

    private static let code = FaultParameter(.code, .integer(200...599), 406, "the reply code")
    private static func text(_ value: String) -> FaultParameter {
        FaultParameter(.text, .text(255), .text(value), "the reply text")
    }
    private static func towards(_ choices: [String], _ value: String, _ help: String) -> FaultParameter {
        FaultParameter(.towards, .choice(choices), .text(value), help)
    }
    private static let direction = towards(
        ["client", "broker", "both"], "both", "which direction: what flows to the client, to the broker, or both")

    // MARK: Closing

    private static let closing: [FaultDescription] = [
        FaultDescription(
            .closeChannel, "Close a channel", .proxy, .channel,
            does: "Puts channel.close with any code and text into a channel, as if the other side had closed it.",
            blast: "The channel, its consumers and its unconfirmed publishes; its siblings live.",
            application: """
                A channel exception with this code and text. Closed towards the broker alone, nothing at all: the \
                application keeps a channel that the broker no longer knows.
                """,
            parameters: [
                code, text("closed by rabbittop"),
                towards(["client", "broker", "both"], "both", "who is told that the other has closed it"),
            ], selects: onChannels, targets: [.channel, .consumer, .client],
            effects: { values in
                var effects = FaultEffects([.channel(values.code)], interrupts: true, ends: true)
                // A peer that was not notified continues with a channel that the other side does not know.
                if let towards = values[.towards], towards != .text("both") {
                    effects.effects += [.connection(503, 504, 505), .channel(504)]
                }
                return effects
            }),
        FaultDescription(
            .closeConnection, "Close a connection", .proxy, .connection,
            does:
                "Sends connection.close with any code and text to both sides, and ends the sockets when they answered.",
            blast: "The connection with all its channels and consumers.",
            application:
                "A connection exception with this code and text, as from an operator or a broker that shuts down.",
            parameters: [
                FaultParameter(.code, .integer(200...599), 320, "the reply code"),
                text("CONNECTION_FORCED - closed by rabbittop"),
            ], selects: whom, targets: [.connection, .channel, .client],
            effects: { FaultEffects([.connection($0.code)], interrupts: true, ends: true) }),
        FaultDescription(
            .resetConnection, "Reset the socket", .proxy, .connection,
            does:
                "Ends the sockets with a TCP reset, without a word of AMQP: at once, or when so much has passed (once, if not told how often).",
            blast: "The connection with all its channels and consumers; what was unacked is delivered again.",
            undo: "Where it still waits for its moment, it waits no longer.",
            application: "'Connection reset by peer', at its next read or write.",
            parameters: [towards(["client", "broker", "both"], "both", "whose socket")],
            selects: whom + [.afterMessages, .afterBytes, .times], targets: [.connection, .channel, .client],
            effects: { _ in FaultEffects([.connection()], interrupts: true, ends: true) }),
        FaultDescription(
            .halfOpen, "Half-open connection", .proxy, .connection,
            does: "Ends the socket of one side; the other side's stays open and hears nothing more.",
            blast: "The connection: the side that still has a socket finds out only by its heartbeat, or never.",
            undo: "The side that was left has its socket closed.",
            application: """
                Towards the client: silence, until its heartbeat notices. Towards the broker: a lost connection, while \
                the broker keeps consumers and unacked messages of an application that is gone.
                """,
            parameters: [towards(["client", "broker"], "client", "who is left with an open socket")],
            selects: whom, targets: [.connection, .client],
            effects: { _ in FaultEffects([.connection()], interrupts: true) }),
        FaultDescription(
            .refuseConnections, "Refuse new connections", .proxy, .connection,
            does: "Resets every new connection before its first byte, or closes it with 320 at its login.",
            blast: "Applications that connect or reconnect; open connections live.",
            undo: "New connections are let in again.", defaultDuration: 30,
            application: "A connect that fails, again and again: its back-off shows.",
            parameters: [
                FaultParameter(
                    .how, .choice(["reset", "close"]), "reset", "a TCP reset, or connection.close 320 at login")
            ], selects: [.percentage, .every, .times], targets: [.connection, .client],
            effects: { _ in FaultEffects([.connection(320), .entry([.authentication], 320)], interrupts: true) }),
        FaultDescription(
            .refuseChannels, "Refuse new channels", .proxy, .channel,
            does: "Answers channel.open with channel.close; the broker does not see it.",
            blast: "New channels; open ones live.", undo: "New channels are let through again.", defaultDuration: 30,
            application: "A channel exception when it opens a channel: a pool cannot grow, a retry cannot start.",
            parameters: [
                FaultParameter(.code, .integer(200...599), 506, "the reply code"),
                text("RESOURCE_ERROR - no channels left"),
            ], selects: whom + [.channel, .percentage, .every, .times], targets: [.connection, .channel, .client],
            effects: { FaultEffects([.channel($0.code)], interrupts: true, ends: true) }),
    ]

    // MARK: Streams of bytes

    private static let streams: [FaultDescription] = [
        FaultDescription(
            .blackHole, "Black hole", .proxy, .connection,
            does: "Nothing passes any more, and no socket closes: as a cable that was cut or a firewall that forgot.",
            blast: "The connection: both sides believe in it until a heartbeat says otherwise.",
            undo: "What was held back is sent on, in order.", defaultDuration: 60,
            application:
                "Silence; then a missed heartbeat after two to three intervals. With heartbeat 0: silence for ever.",
            parameters: [direction], selects: whom + [.afterMessages, .afterBytes],
            targets: [.connection, .channel, .client], effects: { _ in FaultEffects([.connection()], interrupts: true) }
        ),
        FaultDescription(
            .latency, "Latency and jitter", .proxy, .connection,
            does: "Holds all bytes back for a time, and a random part more; their order stays.",
            blast: "The connection: all its channels become slower.", undo: "Bytes pass at once again.",
            defaultDuration: 60,
            application: "Slow answers; publishers that wait for each confirm fall to one message per round trip.",
            parameters: [
                FaultParameter(.delayMilliseconds, .integer(0...60_000), 100, "how long", unit: "ms"),
                FaultParameter(
                    .jitterMilliseconds, .integer(0...60_000), 0, "at most so much more, at random", unit: "ms"),
                direction,
            ], selects: whom, targets: [.connection, .channel, .client], effects: { _ in slowed }),
        FaultDescription(
            .bandwidth, "Narrow line", .proxy, .connection,
            does: "Lets so many bytes pass in a second, as a slow line does.",
            blast: "The connection: all its channels share what is left.", undo: "Bytes pass at once again.",
            defaultDuration: 60,
            application: "Large messages take long; heartbeats come late behind them.",
            parameters: [
                FaultParameter(
                    .bytesPerSecond, .integer(1...10_000_000_000), 10_000, "bytes in a second", unit: "bytes/s"),
                direction,
            ], selects: whom, targets: [.connection, .channel, .client], effects: { _ in slowed }),
    ]

    // MARK: Frames

    private static let frames: [FaultDescription] = [
        FaultDescription(
            .cutFrame, "Cut in mid-frame", .proxy, .connection,
            does: "Passes the first half of a frame on and resets the connection; once, if not told how often.",
            blast: "The connection with all its channels and consumers.",
            undo: "No further frame is cut.", defaultDuration: 60,
            application: "A lost connection with half a message in its buffer: none of it may be delivered.",
            parameters: [towards(["client", "broker"], "client", "who gets the half frame")],
            selects: whom + [.channel] + often, targets: [.connection, .channel, .client],
            effects: { _ in brokenFrames }),
        FaultDescription(
            .corruptFrame, "Corrupt a frame", .proxy, .connection,
            does:
                "Changes a byte of a frame: its end octet, its type, or one of its payload; once, if not told how often.",
            blast: "The connection: the side that reads it has to end it.",
            undo: "Frames pass unchanged again.",
            application:
                "501 FRAME_ERROR or a protocol error of its own; a connection that ends at once, never a wrong message.",
            parameters: [
                towards(["client", "broker"], "client", "who reads it"),
                FaultParameter(
                    .what, .choice(["end", "type", "payload"]), "end",
                    "the end octet, the frame's type, or the payload"),
            ], selects: whom + [.channel] + often, targets: [.connection, .channel, .client],
            effects: { _ in brokenFrames }),
        FaultDescription(
            .truncateFrame, "Truncate a frame", .proxy, .connection,
            does:
                "Takes the last bytes of a frame's payload away, and makes its size fit, or leaves the size as it was; once, if not told how often.",
            blast: "The connection: the side that reads it has to end it.",
            undo: "Frames pass whole again.",
            application: "501 FRAME_ERROR or a protocol error of its own; a connection that ends at once.",
            parameters: [
                towards(["client", "broker"], "broker", "who reads it"),
                FaultParameter(.bytes, .integer(1...65_535), 1, "how many bytes are missing", unit: "bytes"),
                FaultParameter(.fixSize, .flag, true, "whether the frame's size says so"),
            ], selects: whom + [.channel] + often, targets: [.connection, .channel, .client],
            effects: { _ in brokenFrames }),
        FaultDescription(
            .interleaveFrames, "Interleave two publishes", .proxy, .connection,
            does:
                "Puts a second basic.publish between a message's method and its header, as two threads on one channel do; once, if not told how often.",
            blast: "The connection: the broker ends it.",
            undo: "Publishes pass unchanged again.",
            application: "505 UNEXPECTED_FRAME on the connection: all its channels die for one careless thread.",
            selects: onMessages, targets: [.connection, .channel, .client],
            effects: { _ in FaultEffects([.connection(501, 503, 505)], interrupts: true, ends: true) }),
        FaultDescription(
            .swallowHeartbeats, "Swallow heartbeats", .proxy, .connection,
            does: "Drops heartbeat frames; all else passes.",
            blast: "The connection, where it is idle.", undo: "Heartbeats pass again.", defaultDuration: 120,
            application: "An idle connection is given up by the side that hears nothing, after two to three intervals.",
            parameters: [direction], selects: whom + [.percentage], targets: [.connection, .client],
            effects: { _ in slowed }),
        FaultDescription(
            .blockConnection, "Block (memory alarm)", .proxy, .connection,
            does:
                "Sends connection.blocked, as a broker in an alarm does, and holds publishes back until it is undone.",
            blast: "Publishers of the connection; they are slowed to a stop.",
            undo: "connection.unblocked is sent, and what was held back passes.", defaultDuration: 30,
            application: "A blocked notification, where it asked for such; publishes that are not confirmed.",
            parameters: [
                FaultParameter(.reason, .text(255), "low on memory", "the reason that is told"),
                FaultParameter(.hold, .flag, true, "whether the client is not read, as an alarm does"),
            ], selects: whom, targets: [.connection, .channel, .client],
            effects: { _ in FaultEffects([.entry([.blocked, .unblocked]), .connection()], interrupts: true) }),
    ]

    // MARK: Messages and their acknowledgements

    private static let what = FaultParameter(
        .what, .choice(["acks", "confirms", "deliveries"]), "acks",
        "acks of the application, confirms of the broker, or deliveries")

    private static let messages: [FaultDescription] = [
        FaultDescription(
            .swallow, "Swallow acks, confirms, deliveries", .proxy, .message,
            does: "Drops them; the rest of the channel passes.",
            blast: "Messages that stay unacked or unconfirmed for as long as the channel lives.",
            undo: "What comes from now on passes.", defaultDuration: 30,
            application: """
                Acks: its prefetch fills up at the broker and deliveries stop. Confirms: its publish waits, and times out. \
                Deliveries: a message that never comes.
                """,
            parameters: [what], selects: onMessages, targets: [.connection, .channel, .consumer, .client],
            effects: { _ in FaultEffects([.channel(406)]) }),
        FaultDescription(
            .delay, "Delay acks, confirms, deliveries", .proxy, .message,
            does: "Holds them back; others overtake them.",
            blast: "The channel's flow of messages.", undo: "What is held back is sent, the rest passes at once.",
            defaultDuration: 30,
            application: "Late confirms and deliveries; publishers that run into their time limit publish twice.",
            parameters: [
                what, FaultParameter(.delayMilliseconds, .integer(1...600_000), 1_000, "how long", unit: "ms"),
            ], selects: onMessages, targets: [.connection, .channel, .consumer, .client],
            effects: { _ in FaultEffects([.channel(406)]) }),
        FaultDescription(
            .duplicate, "Duplicate acks, confirms, deliveries", .proxy, .message,
            does: "Sends them twice.",
            blast: "Acks: the broker closes the channel with 406. The others: the application alone.",
            undo: "Each passes once again.", defaultDuration: 30,
            application: """
                Acks: 406 PRECONDITION_FAILED, unknown delivery tag. Confirms: one for a message it has forgotten. \
                Deliveries: the same delivery tag twice.
                """,
            parameters: [what], selects: onMessages, targets: [.connection, .channel, .consumer, .client],
            effects: { _ in FaultEffects([.channel(406)]) }),
        FaultDescription(
            .nackConfirm, "Nack a confirm", .proxy, .message,
            does:
                "Turns the broker's basic.ack of a publish into basic.nack; the message is in the queue all the same.",
            blast: "The publisher believes that its messages are lost.",
            undo: "Confirms pass unchanged again.", defaultDuration: 30,
            application: "A nacked publish; who publishes again makes a duplicate.",
            selects: onMessages, targets: [.connection, .channel, .client]),
        FaultDescription(
            .returnMessage, "Return a message", .proxy, .message,
            does: "Sends a publish where no queue can be, with mandatory set: the broker returns and confirms it.",
            blast: "The messages it strikes reach no queue.",
            undo: "Publishes pass unchanged again.", defaultDuration: 30,
            application: "basic.return with 312 NO_ROUTE, then the confirm: who ignores returns has lost a message.",
            selects: onMessages, targets: [.connection, .channel, .exchange, .client],
            effects: { _ in FaultEffects([.entry([.returned], 312)]) }),
        FaultDescription(
            .cancelConsumer, "Cancel a consumer", .proxy, .channel,
            does:
                "Sends basic.cancel to the application, as a broker does whose queue was deleted, and cancels at the broker.",
            blast: "The consumers it selects; their channel lives.",
            application: "A consumer-cancel notification: who ignores it never gets another message.",
            parameters: [towards(["client", "both"], "both", "who is told; the client alone still gets deliveries")],
            selects: onChannels, targets: [.channel, .consumer],
            effects: { _ in FaultEffects([.entry([.cancelled])], interrupts: true) }),
    ]

    // MARK: The handshake

    private static let handshake: [FaultDescription] = [
        FaultDescription(
            .tune, "Lower the limits at tune", .proxy, .connection,
            does: "Lowers frame_max, channel_max or the heartbeat that the broker proposes to new connections.",
            blast: "New connections; open ones keep what they agreed on.",
            undo: "New connections get the broker's own limits.", defaultDuration: 300,
            application: "Smaller frames, fewer channels, faster heartbeats: an error where it counts on more.",
            parameters: [
                FaultParameter(
                    .frameMax, .integer(0...2_147_483_647), 0, "largest frame; 0 leaves it", unit: "bytes"),
                FaultParameter(.channelMax, .integer(0...65_535), 0, "most channels; 0 leaves it"),
                FaultParameter(.heartbeat, .integer(0...65_535), 0, "heartbeat; 0 leaves it", unit: "s"),
            ], selects: [.percentage, .every, .times], targets: [.connection, .client],
            effects: { _ in FaultEffects([.error(in: [.connection, .channel], 501, 503, 504, 530)]) })
    ]
}
