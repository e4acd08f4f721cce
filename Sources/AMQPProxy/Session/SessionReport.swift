import Names

/// One session as it stands.
public struct SessionReport: Sendable, Identifiable {
    public var id: UInt64
    /// When the client connected, in seconds since 1970.
    public var since: Double
    /// The client's address and port.
    public var peer: String
    /// As the broker shows the proxy's connection: `127.0.0.1:50640 -> 127.0.0.1:5672`; nil until it is there.
    public var connection: String?
    public var identity: SessionIdentity
    public var state: State
    public var blockedReason: String?
    /// Bytes and frames that came from the client, and from the broker.
    public var bytesFromClient: UInt64
    public var bytesFromBroker: UInt64
    public var framesFromClient: UInt64
    public var framesFromBroker: UInt64
    public var channels: [ProxiedChannelReport]

    public enum State: String, Sendable, Codable {
        /// Until the handshake is done.
        case opening
        case open
        /// The proxy is ending it.
        case closing
        /// It is not AMQP 0-9-1, or not any more: it passes unread.
        case opaque
    }
}

/// One channel of a session as its frames tell it.
public struct ProxiedChannelReport: Sendable, Identifiable {
    /// Its number on the connection.
    public var id: UInt16
    public var state: State
    /// Whether the client, and the broker, have it open: one that is cut may live on one side.
    public var isOpenAtClient: Bool
    public var isOpenAtBroker: Bool
    public var prefetch: UInt16
    public var isConfirming: Bool
    /// Delivered to the client and not settled by it.
    public var unacked: Int
    /// Published by the client and not confirmed.
    public var unconfirmed: Int
    /// Tags of its consumers with their queues.
    public var consumers: [Name: Name]
    public var published: UInt64
    public var delivered: UInt64
    public var acked: UInt64
    public var confirmed: UInt64
    public var returned: UInt64
    /// How this channel, or the one before it of that number, ended by an error.
    public var lastError: Closing?

    public enum State: String, Sendable, Codable {
        case open
        case closing
        /// A fault closed it for one side alone: the other still has it open.
        case cut
    }
}

extension SessionMachine {
    var state: SessionReport.State {
        switch phase {
        case .greeting: .opening
        case .framed: isOpen ? .open : .opening
        case .closing: .closing
        case .opaque: .opaque
        }
    }

    var channelReports: [ProxiedChannelReport] {
        channels.map { number, track in
            ProxiedChannelReport(
                id: number, state: track.cut != nil ? .cut : track.isClosing ? .closing : .open,
                isOpenAtClient: !track.isClosing && (track.cut?.client ?? .open) == .open,
                isOpenAtBroker: !track.isClosing && (track.cut?.broker ?? .open) == .open,
                prefetch: track.prefetch, isConfirming: track.isConfirming, unacked: track.unacked.count,
                unconfirmed: track.unconfirmed.count, consumers: track.consumers.mapValues(\.queue),
                published: track.published, delivered: track.delivered, acked: track.acked, confirmed: track.confirmed,
                returned: track.returned, lastError: lastErrors[number])
        }
        .sorted { $0.id < $1.id }
    }
}
