import Names

/// The current state of one session.
public struct SessionReport: Sendable, Identifiable {
    /// The number of the session.
    public var id: UInt64
    /// When the client connected, in seconds since 1970.
    public var since: Double
    /// The client's address and port.
    public var peer: String
    /// The broker's name of the proxy's connection, `127.0.0.1:50640 -> 127.0.0.1:5672`; nil until it is connected.
    public var connection: String?
    /// The client's identity as far as it is known.
    public var identity: SessionIdentity
    /// The state of the connection.
    public var state: State
    /// The reason of `connection.blocked` while the client is blocked; otherwise nil.
    public var blockedReason: String?
    /// The number of bytes received from the client.
    public var bytesFromClient: UInt64
    /// The number of bytes received from the broker.
    public var bytesFromBroker: UInt64
    /// The number of frames received from the client.
    public var framesFromClient: UInt64
    /// The number of frames received from the broker.
    public var framesFromBroker: UInt64
    /// The channels, ordered by number.
    public var channels: [ProxiedChannelReport]
    /// The number of further channels, with larger numbers, that are left out.
    public var channelsLeftOut = 0

    /// The state of a session.
    public enum State: String, Sendable, Codable {
        /// The handshake is not complete.
        case opening
        /// The handshake is complete.
        case open
        /// The proxy is ending it.
        case closing
        /// It does not speak AMQP 0-9-1, or no longer does: it passes without being parsed.
        case opaque
    }
}

/// One channel of a session, as derived from its frames.
public struct ProxiedChannelReport: Sendable, Identifiable {
    /// The number of the channel on its connection.
    public var id: UInt16
    /// The state of the channel.
    public var state: State
    /// Whether the client has it open; a channel that a fault closed may be open on one side only.
    public var isOpenAtClient: Bool
    /// Whether the broker has it open.
    public var isOpenAtBroker: Bool
    /// The prefetch count that the client last set.
    public var prefetch: UInt16
    /// Whether the channel is in confirm mode.
    public var isConfirming: Bool
    /// The number of messages delivered to the client and not settled by it.
    public var unacked: Int
    /// The number of messages published by the client and not confirmed.
    public var unconfirmed: Int
    /// The queues of its consumers, by consumer tag.
    public var consumers: [Name: Name]
    /// The number of messages published by the client.
    public var published: UInt64
    /// The number of messages delivered to the client.
    public var delivered: UInt64
    /// The number of messages acknowledged by the client.
    public var acked: UInt64
    /// The number of messages confirmed by the broker.
    public var confirmed: UInt64
    /// The number of messages returned by the broker.
    public var returned: UInt64
    /// The error that ended this channel, or the previous one with the same number.
    public var lastError: Closing?

    /// The state of a channel.
    public enum State: String, Sendable, Codable {
        /// Both sides have it open.
        case open
        /// A side has sent a close that is not answered yet.
        case closing
        /// A fault closed it for one side only: the other still has it open.
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
        var budget = ReportBudget.unlimited
        return channelReports(after: 0, &budget)
    }

    /// Returns the channels with a larger number in order, as many as the budget allows.
    func channelReports(after first: UInt16, _ budget: inout ReportBudget) -> [ProxiedChannelReport] {
        var reports: [ProxiedChannelReport] = []
        for number in channels.keys.filter({ $0 > first }).sorted() {
            guard budget.isLeft, let track = channels[number] else { break }
            let report = ProxiedChannelReport(
                id: number, state: track.cut != nil ? .cut : track.isClosing ? .closing : .open,
                isOpenAtClient: !track.isClosing && (track.cut?.client ?? .open) == .open,
                isOpenAtBroker: !track.isClosing && (track.cut?.broker ?? .open) == .open,
                prefetch: track.prefetch, isConfirming: track.isConfirming, unacked: track.unacked.count,
                unconfirmed: track.unconfirmed.count, consumers: track.consumers.mapValues(\.queue),
                published: track.published, delivered: track.delivered, acked: track.acked, confirmed: track.confirmed,
                returned: track.returned, lastError: lastErrors[number])
            budget.pay(report)
            reports.append(report)
        }
        return reports
    }
}

/// Limits the sessions, channels and consumers in one answer.
struct ReportBudget: Sendable {
    var rows: Int
    var bytes: Int

    /// The budget of one answer of the control API.
    static let ofAnswer = ReportBudget(rows: 5_000, bytes: 1 << 20)
    static let unlimited = ReportBudget(rows: .max, bytes: .max)

    var isLeft: Bool { rows > 0 && bytes > 0 }

    mutating func paySession() {
        rows -= 1
        bytes -= 1_024
    }

    /// A channel is not split, because it has no more than 1,000 consumers.
    mutating func pay(_ report: ProxiedChannelReport) {
        rows -= 1 + report.consumers.count
        bytes -= 256 + (report.lastError?.text.utf8.count ?? 0)
        for (tag, queue) in report.consumers { bytes -= 32 + tag.count + queue.count }
    }
}
