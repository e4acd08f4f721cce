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
    /// Further channels, with larger numbers, that are not in it.
    public var channelsLeftOut = 0

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
        var budget = ReportBudget.unlimited
        return channelReports(after: 0, &budget)
    }

    /// Those with a larger number, in their order, as many as the budget pays for.
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

/// How much more of sessions, channels and consumers one answer takes in.
struct ReportBudget: Sendable {
    var rows: Int
    var bytes: Int

    /// Of one answer of the control API.
    static let ofAnswer = ReportBudget(rows: 5_000, bytes: 1 << 20)
    static let unlimited = ReportBudget(rows: .max, bytes: .max)

    var isLeft: Bool { rows > 0 && bytes > 0 }

    mutating func paySession() {
        rows -= 1
        bytes -= 1_024
    }

    /// A channel is not taken apart: it has no more than 1,000 consumers.
    mutating func pay(_ report: ProxiedChannelReport) {
        rows -= 1 + report.consumers.count
        bytes -= 256 + (report.lastError?.text.utf8.count ?? 0)
        for (tag, queue) in report.consumers { bytes -= 32 + tag.count + queue.count }
    }
}
