// Faults on the traffic through the proxy.
extension FaultCatalogue {
    static let proxy: [any DeclaredFault.Type] = [
        CloseChannelFault.self,
        CloseConnectionFault.self,
        ResetConnectionFault.self,
        HalfOpenFault.self,
        RefuseConnectionsFault.self,
        RefuseChannelsFault.self,
        BlackHoleFault.self,
        LatencyFault.self,
        BandwidthFault.self,
        CutFrameFault.self,
        CorruptFrameFault.self,
        TruncateFrameFault.self,
        InterleaveFramesFault.self,
        SwallowHeartbeatsFault.self,
        BlockConnectionFault.self,
        SwallowFault.self,
        DelayFault.self,
        DuplicateFault.self,
        NackConfirmFault.self,
        ReturnMessageFault.self,
        CancelConsumerFault.self,
        TuneFault.self,
    ]
}

/// A side of a session: the client that connected to the proxy, or the broker that the proxy connected to.
public enum Side: String, Sendable, Hashable, Codable, CaseIterable {
    /// The client that connected to the proxy.
    case client
    /// The broker that the proxy connected to.
    case broker

    /// The other side.
    public var other: Side { self == .client ? .broker : .client }
}

/// The side, or the sides, towards which a fault works.
package enum FaultDirection: String, Sendable, CaseIterable {
    case client, broker, both

    package var sides: Set<Side> { Side(rawValue: rawValue).map { [$0] } ?? Set(Side.allCases) }
}

/// The messages and acknowledgements that a fault works on.
package enum FaultTraffic: String, Sendable, CaseIterable {
    case acks, confirms, deliveries
}

extension FaultParameterReader {
    fileprivate mutating func code(_ value: Int) -> Int { integer("code", 200...599, value, "the reply code") }

    fileprivate mutating func replyText(_ value: String) -> String { text("text", 255, value, "the reply text") }

    fileprivate mutating func direction() -> FaultDirection {
        choice(
            "towards", FaultDirection.both,
            "which direction: what flows to the client, to the broker, or both")
    }

    fileprivate mutating func traffic() -> FaultTraffic {
        choice(
            "what", FaultTraffic.acks,
            "acks of the application, confirms of the broker, or deliveries")
    }
}

extension FaultEffects {
    /// Connections that are closed normally during the fault have other reasons.
    fileprivate static let slowed = FaultEffects([.error(in: [.connection])])
    fileprivate static let brokenFrames = FaultEffects(
        [.connection(501, 502, 503, 505, 540, 541)], interrupts: true, ends: true)
}

private let whom: [FaultSelector.Field] = [.connection, .user, .vhost]
private let onChannels: [FaultSelector.Field] = whom + [.queue, .channel]
private let often: [FaultSelector.Field] = [.percentage, .every, .afterMessages, .afterBytes, .times]
private let onMessages: [FaultSelector.Field] = onChannels + [.exchange] + often

// MARK: Closing

/// `close-channel`.
package struct CloseChannelFault: DeclaredFault {
    package static let description = FaultDescription(
        CloseChannelFault.self, "close-channel", "Close a channel", .proxy, .channel,
        does: "Puts channel.close with any code and text into a channel, as if the other side had closed it.",
        blast: "The channel, its consumers and its unconfirmed publishes; its siblings live.",
        application: """
            A channel exception with this code and text. Closed towards the broker alone, nothing at all: the \
            application keeps a channel that the broker no longer knows.
            """,
        selects: onChannels,
        targets: [.channel, .consumer, .client],
        breaks: [.channel, .connection])

    package let code: Int
    package let text: String
    package let towards: FaultDirection

    package init(_ parameters: inout FaultParameterReader) {
        code = parameters.code(406)
        text = parameters.replyText("closed by rabbittop")
        towards = parameters.choice("towards", FaultDirection.both, "who is told that the other has closed it")
    }

    package var effects: FaultEffects {
        var effects = FaultEffects([.channel(code)], interrupts: true, ends: true)
        // A peer that was not notified continues with a channel that the other side does not know.
        if towards != .both { effects.effects += [.connection(503, 504, 505), .channel(504)] }
        return effects
    }
}

/// `close-connection`.
package struct CloseConnectionFault: DeclaredFault {
    package static let description = FaultDescription(
        CloseConnectionFault.self, "close-connection", "Close a connection", .proxy, .connection,
        does:
            "Sends connection.close with any code and text to both sides, and ends the sockets when they answered.",
        blast: "The connection with all its channels and consumers.",
        application:
            "A connection exception with this code and text, as from an operator or a broker that shuts down.",
        selects: whom,
        targets: [.connection, .channel, .client],
        breaks: [.connection])

    package let code: Int
    package let text: String

    package init(_ parameters: inout FaultParameterReader) {
        code = parameters.code(320)
        text = parameters.replyText("CONNECTION_FORCED - closed by rabbittop")
    }

    package var effects: FaultEffects {
        FaultEffects([.connection(code)], interrupts: true, ends: true)
    }
}

/// `reset-connection`.
package struct ResetConnectionFault: DeclaredFault {
    package static let description = FaultDescription(
        ResetConnectionFault.self, "reset-connection", "Reset the socket", .proxy, .connection,
        does:
            "Ends the sockets with a TCP reset, without a word of AMQP: at once, or when so much has passed (once, if not told how often).",
        blast: "The connection with all its channels and consumers; what was unacked is delivered again.",
        undo: "Where it still waits for its moment, it waits no longer.",
        application: "'Connection reset by peer', at its next read or write.",
        selects: whom + [.afterMessages, .afterBytes, .times],
        targets: [.connection, .channel, .client],
        breaks: [.connection])

    package let towards: FaultDirection

    package init(_ parameters: inout FaultParameterReader) {
        towards = parameters.choice("towards", FaultDirection.both, "whose socket")
    }

    package var effects: FaultEffects {
        FaultEffects([.connection()], interrupts: true, ends: true)
    }
}

/// `half-open`.
package struct HalfOpenFault: DeclaredFault {
    package static let description = FaultDescription(
        HalfOpenFault.self, "half-open", "Half-open connection", .proxy, .connection,
        does: "Ends the socket of one side; the other side's stays open and hears nothing more.",
        blast: "The connection: the side that still has a socket finds out only by its heartbeat, or never.",
        undo: "The side that was left has its socket closed.",
        application: """
            Towards the client: silence, until its heartbeat notices. Towards the broker: a lost connection, while \
            the broker keeps consumers and unacked messages of an application that is gone.
            """,
        selects: whom,
        targets: [.connection, .client],
        breaks: [.connection])

    package let towards: Side

    package init(_ parameters: inout FaultParameterReader) {
        towards = parameters.choice("towards", Side.client, "who is left with an open socket")
    }

    package var effects: FaultEffects {
        FaultEffects([.connection()], interrupts: true)
    }
}

/// `refuse-connections`.
package struct RefuseConnectionsFault: DeclaredFault {
    package static let description = FaultDescription(
        RefuseConnectionsFault.self, "refuse-connections", "Refuse new connections", .proxy, .connection,
        does: "Resets every new connection before its first byte, or closes it with 320 at its login.",
        blast: "Applications that connect or reconnect; open connections live.",
        undo: "New connections are let in again.",
        defaultDuration: 30,
        application: "A connect that fails, again and again: its back-off shows.",
        selects: [.percentage, .every, .times],
        targets: [.connection, .client])

    package enum How: String, CaseIterable, Sendable {
        case reset
        case close
    }

    package let how: How

    package init(_ parameters: inout FaultParameterReader) {
        how = parameters.choice("how", How.reset, "a TCP reset, or connection.close 320 at login")
    }

    package var effects: FaultEffects {
        FaultEffects([.connection(320), .entry([.authentication], 320)], interrupts: true)
    }
}

/// `refuse-channels`.
package struct RefuseChannelsFault: DeclaredFault {
    package static let description = FaultDescription(
        RefuseChannelsFault.self, "refuse-channels", "Refuse new channels", .proxy, .channel,
        does: "Answers channel.open with channel.close; the broker does not see it.",
        blast: "New channels; open ones live.",
        undo: "New channels are let through again.",
        defaultDuration: 30,
        application: "A channel exception when it opens a channel: a pool cannot grow, a retry cannot start.",
        selects: whom + [.channel, .percentage, .every, .times],
        targets: [.connection, .channel, .client],
        breaks: [.channel])

    package let code: Int
    package let text: String

    package init(_ parameters: inout FaultParameterReader) {
        code = parameters.code(506)
        text = parameters.replyText("RESOURCE_ERROR - no channels left")
    }

    package var effects: FaultEffects {
        FaultEffects([.channel(code)], interrupts: true, ends: true)
    }
}

// MARK: Streams of bytes

/// `black-hole`.
package struct BlackHoleFault: DeclaredFault {
    package static let description = FaultDescription(
        BlackHoleFault.self, "black-hole", "Black hole", .proxy, .connection,
        does: "Nothing passes any more, and no socket closes: as a cable that was cut or a firewall that forgot.",
        blast: "The connection: both sides believe in it until a heartbeat says otherwise.",
        undo: "What was held back is sent on, in order.",
        defaultDuration: 60,
        application:
            "Silence; then a missed heartbeat after two to three intervals. With heartbeat 0: silence for ever.",
        selects: whom + [.afterMessages, .afterBytes],
        targets: [.connection, .channel, .client],
        breaks: [.connection])

    package let towards: FaultDirection

    package init(_ parameters: inout FaultParameterReader) {
        towards = parameters.direction()
    }

    package var effects: FaultEffects {
        FaultEffects([.connection()], interrupts: true)
    }
}

/// `latency`.
package struct LatencyFault: DeclaredFault {
    package static let description = FaultDescription(
        LatencyFault.self, "latency", "Latency and jitter", .proxy, .connection,
        does: "Holds all bytes back for a time, and a random part more; their order stays.",
        blast: "The connection: all its channels become slower.",
        undo: "Bytes pass at once again.",
        defaultDuration: 60,
        application: "Slow answers; publishers that wait for each confirm fall to one message per round trip.",
        selects: whom,
        targets: [.connection, .channel, .client])

    package let delayMilliseconds: Int
    package let jitterMilliseconds: Int
    package let towards: FaultDirection

    package init(_ parameters: inout FaultParameterReader) {
        delayMilliseconds = parameters.integer("delay_ms", 0...60_000, 100, "how long", unit: "ms")
        jitterMilliseconds = parameters.integer(
            "jitter_ms", 0...60_000, 0, "at most so much more, at random", unit: "ms")
        towards = parameters.direction()
    }

    package var effects: FaultEffects {
        .slowed
    }
}

/// `bandwidth`.
package struct BandwidthFault: DeclaredFault {
    package static let description = FaultDescription(
        BandwidthFault.self, "bandwidth", "Narrow line", .proxy, .connection,
        does: "Lets so many bytes pass in a second, as a slow line does.",
        blast: "The connection: all its channels share what is left.",
        undo: "Bytes pass at once again.",
        defaultDuration: 60,
        application: "Large messages take long; heartbeats come late behind them.",
        selects: whom,
        targets: [.connection, .channel, .client])

    package let bytesPerSecond: Int
    package let towards: FaultDirection

    package init(_ parameters: inout FaultParameterReader) {
        bytesPerSecond = parameters.integer(
            "bytes_per_s", 1...10_000_000_000, 10_000, "bytes in a second", unit: "bytes/s")
        towards = parameters.direction()
    }

    package var effects: FaultEffects {
        .slowed
    }
}

// MARK: Frames

/// `cut-frame`.
package struct CutFrameFault: DeclaredFault {
    package static let description = FaultDescription(
        CutFrameFault.self, "cut-frame", "Cut in mid-frame", .proxy, .connection,
        does: "Passes the first half of a frame on and resets the connection; once, if not told how often.",
        blast: "The connection with all its channels and consumers.",
        undo: "No further frame is cut.",
        defaultDuration: 60,
        application: "A lost connection with half a message in its buffer: none of it may be delivered.",
        selects: whom + [.channel] + often,
        targets: [.connection, .channel, .client],
        breaks: [.connection])

    package let towards: Side

    package init(_ parameters: inout FaultParameterReader) {
        towards = parameters.choice("towards", Side.client, "who gets the half frame")
    }

    package var effects: FaultEffects {
        .brokenFrames
    }
}

/// `corrupt-frame`.
package struct CorruptFrameFault: DeclaredFault {
    package static let description = FaultDescription(
        CorruptFrameFault.self, "corrupt-frame", "Corrupt a frame", .proxy, .connection,
        does:
            "Changes a byte of a frame: its end octet, its type, or one of its payload; once, if not told how often.",
        blast: "The connection: the side that reads it has to end it.",
        undo: "Frames pass unchanged again.",
        application:
            "501 FRAME_ERROR or a protocol error of its own; a connection that ends at once, never a wrong message.",
        selects: whom + [.channel] + often,
        targets: [.connection, .channel, .client],
        breaks: [.connection])

    package enum Part: String, CaseIterable, Sendable {
        case end
        case type
        case payload
    }

    package let towards: Side
    package let part: Part

    package init(_ parameters: inout FaultParameterReader) {
        towards = parameters.choice("towards", Side.client, "who reads it")
        part = parameters.choice("what", Part.end, "the end octet, the frame's type, or the payload")
    }

    package var effects: FaultEffects {
        .brokenFrames
    }
}

/// `truncate-frame`.
package struct TruncateFrameFault: DeclaredFault {
    package static let description = FaultDescription(
        TruncateFrameFault.self, "truncate-frame", "Truncate a frame", .proxy, .connection,
        does:
            "Takes the last bytes of a frame's payload away, and makes its size fit, or leaves the size as it was; once, if not told how often.",
        blast: "The connection: the side that reads it has to end it.",
        undo: "Frames pass whole again.",
        application: "501 FRAME_ERROR or a protocol error of its own; a connection that ends at once.",
        selects: whom + [.channel] + often,
        targets: [.connection, .channel, .client],
        breaks: [.connection])

    package let towards: Side
    package let bytes: Int
    package let fixesSize: Bool

    package init(_ parameters: inout FaultParameterReader) {
        towards = parameters.choice("towards", Side.broker, "who reads it")
        bytes = parameters.integer("bytes", 1...65_535, 1, "how many bytes are missing", unit: "bytes")
        fixesSize = parameters.flag("fix_size", true, "whether the frame's size says so")
    }

    package var effects: FaultEffects {
        .brokenFrames
    }
}

/// `interleave-frames`.
package struct InterleaveFramesFault: DeclaredFault {
    package static let description = FaultDescription(
        InterleaveFramesFault.self, "interleave-frames", "Interleave two publishes", .proxy, .connection,
        does:
            "Puts a second basic.publish between a message's method and its header, as two threads on one channel do; once, if not told how often.",
        blast: "The connection: the broker ends it.",
        undo: "Publishes pass unchanged again.",
        application: "505 UNEXPECTED_FRAME on the connection: all its channels die for one careless thread.",
        selects: onMessages,
        targets: [.connection, .channel, .client],
        breaks: [.connection])

    package init(_ parameters: inout FaultParameterReader) {}

    package var effects: FaultEffects {
        FaultEffects([.connection(501, 503, 505)], interrupts: true, ends: true)
    }
}

/// `swallow-heartbeats`.
package struct SwallowHeartbeatsFault: DeclaredFault {
    package static let description = FaultDescription(
        SwallowHeartbeatsFault.self, "swallow-heartbeats", "Swallow heartbeats", .proxy, .connection,
        does: "Drops heartbeat frames; all else passes.",
        blast: "The connection, where it is idle.",
        undo: "Heartbeats pass again.",
        defaultDuration: 120,
        application: "An idle connection is given up by the side that hears nothing, after two to three intervals.",
        selects: whom + [.percentage],
        targets: [.connection, .client],
        breaks: [.connection])

    package let towards: FaultDirection

    package init(_ parameters: inout FaultParameterReader) {
        towards = parameters.direction()
    }

    package var effects: FaultEffects {
        .slowed
    }
}

/// `block-connection`.
package struct BlockConnectionFault: DeclaredFault {
    package static let description = FaultDescription(
        BlockConnectionFault.self, "block-connection", "Block (memory alarm)", .proxy, .connection,
        does:
            "Sends connection.blocked, as a broker in an alarm does, and holds publishes back until it is undone.",
        blast: "Publishers of the connection; they are slowed to a stop.",
        undo: "connection.unblocked is sent, and what was held back passes.",
        defaultDuration: 30,
        application: "A blocked notification, where it asked for such; publishes that are not confirmed.",
        selects: whom,
        targets: [.connection, .channel, .client])

    package let reason: String
    package let holds: Bool

    package init(_ parameters: inout FaultParameterReader) {
        reason = parameters.text("reason", 255, "low on memory", "the reason that is told")
        holds = parameters.flag("hold", true, "whether the client is not read, as an alarm does")
    }

    package var effects: FaultEffects {
        FaultEffects([.entry([.blocked, .unblocked]), .connection()], interrupts: true)
    }
}

// MARK: Messages and their acknowledgements

/// `swallow`.
package struct SwallowFault: DeclaredFault {
    package static let description = FaultDescription(
        SwallowFault.self, "swallow", "Swallow acks, confirms, deliveries", .proxy, .message,
        does: "Drops them; the rest of the channel passes.",
        blast: "Messages that stay unacked or unconfirmed for as long as the channel lives.",
        undo: "What comes from now on passes.",
        defaultDuration: 30,
        application: """
            Acks: its prefetch fills up at the broker and deliveries stop. Confirms: its publish waits, and times out. \
            Deliveries: a message that never comes.
            """,
        selects: onMessages,
        targets: [.connection, .channel, .consumer, .client])

    package let traffic: FaultTraffic

    package init(_ parameters: inout FaultParameterReader) {
        traffic = parameters.traffic()
    }

    package var effects: FaultEffects {
        FaultEffects([.channel(406)])
    }
}

/// `delay`.
package struct DelayFault: DeclaredFault {
    package static let description = FaultDescription(
        DelayFault.self, "delay", "Delay acks, confirms, deliveries", .proxy, .message,
        does: "Holds them back; others overtake them.",
        blast: "The channel's flow of messages.",
        undo: "What is held back is sent, the rest passes at once.",
        defaultDuration: 30,
        application: "Late confirms and deliveries; publishers that run into their time limit publish twice.",
        selects: onMessages,
        targets: [.connection, .channel, .consumer, .client],
        breaks: [.channel])

    package let traffic: FaultTraffic
    package let milliseconds: Int

    package init(_ parameters: inout FaultParameterReader) {
        traffic = parameters.traffic()
        milliseconds = parameters.integer("delay_ms", 1...600_000, 1_000, "how long", unit: "ms")
    }

    package var effects: FaultEffects {
        FaultEffects([.channel(406)])
    }
}

/// `duplicate`.
package struct DuplicateFault: DeclaredFault {
    package static let description = FaultDescription(
        DuplicateFault.self, "duplicate", "Duplicate acks, confirms, deliveries", .proxy, .message,
        does: "Sends them twice.",
        blast: "Acks: the broker closes the channel with 406. The others: the application alone.",
        undo: "Each passes once again.",
        defaultDuration: 30,
        application: """
            Acks: 406 PRECONDITION_FAILED, unknown delivery tag. Confirms: one for a message it has forgotten. \
            Deliveries: the same delivery tag twice.
            """,
        selects: onMessages,
        targets: [.connection, .channel, .consumer, .client],
        breaks: [.channel])

    package let traffic: FaultTraffic

    package init(_ parameters: inout FaultParameterReader) {
        traffic = parameters.traffic()
    }

    package var effects: FaultEffects {
        FaultEffects([.channel(406)])
    }
}

/// `nack-confirm`.
package struct NackConfirmFault: DeclaredFault {
    package static let description = FaultDescription(
        NackConfirmFault.self, "nack-confirm", "Nack a confirm", .proxy, .message,
        does:
            "Turns the broker's basic.ack of a publish into basic.nack; the message is in the queue all the same.",
        blast: "The publisher believes that its messages are lost.",
        undo: "Confirms pass unchanged again.",
        defaultDuration: 30,
        application: "A nacked publish; who publishes again makes a duplicate.",
        selects: onMessages,
        targets: [.connection, .channel, .client])

    package init(_ parameters: inout FaultParameterReader) {}
}

/// `return-message`.
package struct ReturnMessageFault: DeclaredFault {
    package static let description = FaultDescription(
        ReturnMessageFault.self, "return-message", "Return a message", .proxy, .message,
        does: "Sends a publish where no queue can be, with mandatory set: the broker returns and confirms it.",
        blast: "The messages that it affects reach no queue.",
        undo: "Publishes pass unchanged again.",
        defaultDuration: 30,
        application: "basic.return with 312 NO_ROUTE, then the confirm: who ignores returns has lost a message.",
        selects: onMessages,
        targets: [.connection, .channel, .exchange, .client],
        breaks: [.message])

    package init(_ parameters: inout FaultParameterReader) {}

    package var effects: FaultEffects {
        FaultEffects([.entry([.returned], 312)])
    }
}

/// `cancel-consumer`.
package struct CancelConsumerFault: DeclaredFault {
    package static let description = FaultDescription(
        CancelConsumerFault.self, "cancel-consumer", "Cancel a consumer", .proxy, .channel,
        does:
            "Sends basic.cancel to the application, as a broker does whose queue was deleted, and cancels at the broker.",
        blast: "The consumers it selects; their channel lives.",
        application: "A consumer-cancel notification: who ignores it never gets another message.",
        selects: onChannels,
        targets: [.channel, .consumer])

    package let towards: FaultDirection

    package init(_ parameters: inout FaultParameterReader) {
        towards = parameters.choice(
            "towards", of: [.client, .both], FaultDirection.both, "who is told; the client alone still gets deliveries")
    }

    package var effects: FaultEffects {
        FaultEffects([.entry([.cancelled])], interrupts: true)
    }
}

// MARK: The handshake

/// `tune`.
package struct TuneFault: DeclaredFault {
    package static let description = FaultDescription(
        TuneFault.self, "tune", "Lower the limits at tune", .proxy, .connection,
        does: "Lowers frame_max, channel_max or the heartbeat that the broker proposes to new connections.",
        blast: "New connections; open ones keep what they agreed on.",
        undo: "New connections get the broker's own limits.",
        defaultDuration: 300,
        application: "Smaller frames, fewer channels, faster heartbeats: an error where it counts on more.",
        selects: [.percentage, .every, .times],
        targets: [.connection, .client])

    package let frameMax: Int
    package let channelMax: Int
    package let heartbeat: Int

    package init(_ parameters: inout FaultParameterReader) {
        frameMax = parameters.integer("frame_max", 0...2_147_483_647, 0, "largest frame; 0 leaves it", unit: "bytes")
        channelMax = parameters.integer("channel_max", 0...65_535, 0, "most channels; 0 leaves it")
        heartbeat = parameters.integer("heartbeat", 0...65_535, 0, "heartbeat; 0 leaves it", unit: "s")
    }

    package var effects: FaultEffects {
        FaultEffects([.error(in: [.connection, .channel], 501, 503, 504, 530)])
    }
}
