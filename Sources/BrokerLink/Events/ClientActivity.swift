import Faults
import Foundation
import RabbitMQClient

/// Sees from the counts of our own clients' channels that they publish and consume.
///
/// Told is the first of each kind since a channel opened, or since something happened to it: what the ledger needs to
/// know what an application does, and when it does it again.
struct ClientActivity: Sendable {
    private struct Line: Hashable {
        var connection: UInt64
        var channel: UInt64
    }

    private struct Standing {
        var published: UInt64
        var delivered: UInt64
        var told: Set<ApplicationActivity.Kind> = []
    }

    private var standings: [Line: Standing] = [:]

    /// What channels have begun to do between the report before and this one.
    mutating func compare(_ report: ClientReport) -> [ApplicationActivity] {
        var activities: [ApplicationActivity] = []
        var present: [Line: Standing] = [:]
        let at = Date(timeIntervalSince1970: report.madeAt)
        for connection in report.connections where connection.closedAt == nil {
            for channel in connection.channels where channel.closedAt == nil {
                let line = Line(connection: connection.id, channel: channel.id)
                // A channel that is seen for the first time may have done it all before.
                var standing =
                    standings[line]
                    ?? Standing(published: 0, delivered: 0)
                let grown: [(ApplicationActivity.Kind, Bool)] = [
                    (.published, channel.published > standing.published),
                    (.consumed, channel.delivered > standing.delivered),
                ]
                for (kind, hasGrown) in grown where hasGrown && standing.told.insert(kind).inserted {
                    activities.append(
                        ApplicationActivity(
                            at: at, connection: connection.name, clientName: connection.clientName,
                            user: connection.user, vhost: connection.virtualHost, channel: Int(channel.number),
                            kind: kind, source: .client))
                }
                standing.published = channel.published
                standing.delivered = channel.delivered
                present[line] = standing
            }
        }
        standings = present
        return activities
    }

    /// Something happened: what comes from now on is told again. What was done until now, by this report, is no sign of
    /// life after it.
    ///
    /// - Parameter connection: the one concerned; nil for all.
    mutating func restart(_ report: ClientReport, connection: UInt64? = nil) {
        _ = compare(report)
        for line in standings.keys where connection == nil || line.connection == connection {
            standings[line]?.told = []
        }
    }
}

extension ApplicationActivity {
    /// An event of the client library by which one sees that an application starts, or starts again.
    init?(_ event: ClientEvent) {
        let kind: Kind
        switch event.kind {
        case .connectionOpened, .connectionRecovered: kind = .connected
        case .channelOpened: kind = .channelOpened
        case .connectionClosed, .connectionLost, .connectionBlocked, .connectionUnblocked, .channelClosed,
            .publishReturned, .consumerCancelled:
            return nil
        }
        self.init(
            at: Date(timeIntervalSince1970: event.at), connection: event.connectionName, clientName: event.clientName,
            user: event.user, vhost: event.virtualHost, channel: event.channel.map(Int.init), kind: kind,
            source: .client)
    }

    /// The activities of an event: a connection that recovered brought its channels back.
    static func of(_ event: ClientEvent) -> [ApplicationActivity] {
        guard let activity = ApplicationActivity(event) else { return [] }
        guard case .connectionRecovered(let report) = event.kind else { return [activity] }
        var opened = activity
        opened.kind = .channelOpened
        return [activity] + Array(repeating: opened, count: min(report.channels, 65_535))
    }
}

extension ClientEvent {
    /// Whether it interrupts what the connection's channels do.
    var isInterruption: Bool {
        switch kind {
        case .connectionClosed, .connectionLost, .connectionBlocked, .channelClosed, .consumerCancelled: true
        case .connectionOpened, .connectionRecovered, .connectionUnblocked, .channelOpened, .publishReturned: false
        }
    }
}
