public import Foundation

/// An application did something by which one sees that it works, or that it starts again.
public struct ApplicationActivity: Sendable, Hashable {
    public enum Kind: String, Sendable, Codable, CaseIterable {
        /// A message of it passed to the broker.
        case published
        /// A message passed to it, or it subscribed.
        case consumed
        case channelOpened = "channel opened"
        case connected
    }

    public var at: Date
    public var clientIdentity: ClientIdentity
    public var kind: Kind
    /// How many of the messages that this speaks of were marked as redelivered.
    public var redelivered: Int
    /// Who saw it.
    public var source: LedgerEntry.Source

    public init(
        at: Date, connection: String? = nil, clientName: String? = nil, user: String? = nil, vhost: String? = nil,
        peer: String? = nil, channel: Int? = nil, queue: String? = nil, kind: Kind, redelivered: Int = 0,
        source: LedgerEntry.Source = .proxy
    ) {
        self.at = at
        clientIdentity = ClientIdentity(
            connection: connection, clientName: clientName, user: user, vhost: vhost, peer: peer, channel: channel,
            queue: queue)
        self.kind = kind
        self.redelivered = redelivered
        self.source = source
    }
}

/// A connection or channel that a fault struck, told by whoever did it: the surest link from a cause to its effect.
public struct FaultTouch: Sendable, Hashable {
    public var at: Date
    public var clientIdentity: ClientIdentity

    public init(at: Date, _ clientIdentity: ClientIdentity) {
        self.at = at
        self.clientIdentity = clientIdentity
    }
}

/// What a fault did to one application, and when that worked again.
public struct Recovery: Sendable, Hashable {
    /// `FaultRecord.label`.
    public var fault: String
    public var application: Application
    /// When the application was struck.
    public var struckAt: Date
    /// When it did again what it did before; nil: not yet.
    public var recoveredAt: Date?
    /// What has to come again: what it did before, as far as that was seen.
    public var awaited: Set<ApplicationActivity.Kind>
    /// Messages that were delivered again since.
    public var redelivered = 0
    /// Channels that it opened since.
    public var channelsReopened = 0

    /// From the fault until it worked again; nil: not yet.
    public var seconds: Double? { recoveredAt.map { max(0, $0.timeIntervalSince(struckAt)) } }
}
