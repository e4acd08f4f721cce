import Faults
import Foundation
import RabbitMQClient

/// Derives from the counts of rabbittop's own client channels that they publish and consume.
///
/// Reports the first activity of each kind since a channel opened, or since an interruption. From this the ledger knows
/// what an application does, and when it does so again.
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

    /// Returns what channels have begun to do between the previous report and this one.
    mutating func compare(_ report: ClientReport) -> [ApplicationActivity] {
        var activities: [ApplicationActivity] = []
        var present: [Line: Standing] = [:]
        let at = Date(timeIntervalSince1970: report.madeAt)
        for connection in report.connections where connection.closedAt == nil {
            for channel in connection.channels where channel.closedAt == nil {
                let line = Line(connection: connection.id, channel: channel.id)
                // A channel that is new here may have done all of it before.
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

    /// Records an interruption: later activity is reported again. Activity up to this report is no evidence that the
    /// channel works afterwards.
    ///
    /// - Parameter connection: the interrupted connection; nil for all.
    mutating func restart(_ report: ClientReport, connection: UInt64? = nil) {
        _ = compare(report)
        for line in standings.keys where connection == nil || line.connection == connection {
            standings[line]?.told = []
        }
    }
}

extension ApplicationActivity {
    /// Creates the activity that a client library's event shows: an application starts, or starts again.
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

    /// Returns the activities of an event; a recovered connection has restored its channels.
    static func of(_ event: ClientEvent) -> [ApplicationActivity] {
        guard let activity = ApplicationActivity(event) else { return [] }
        guard case .connectionRecovered(let report) = event.kind else { return [activity] }
        var opened = activity
        opened.kind = .channelOpened
        return [activity] + Array(repeating: opened, count: min(report.channels, 65_535))
    }
}

extension ClientEvent {
    /// Whether the event interrupts the activity of the connection's channels.
    var isInterruption: Bool {
        switch kind {
        case .connectionClosed, .connectionLost, .connectionBlocked, .channelClosed, .consumerCancelled: true
        case .connectionOpened, .connectionRecovered, .connectionUnblocked, .channelOpened, .publishReturned: false
        }
    }
}
