import Foundation
import RabbitMQClient
import TopCore

/// Lays what the client library knows of its connections and channels beside what the broker says of the same ones.
struct ClientComparison {
    /// The broker learns of a channel from statistics that are up to this old, in seconds.
    static let statisticsDelay = 6.0

    /// A difference of counts, and in how many of the broker's answers it stayed the same while nothing moved here.
    struct Suspicion: Equatable {
        var mark: Int
        var answer: Date
        var answers: Int
    }

    /// The broker's rows; `nil` where they were not asked for.
    var connections: ListPart<TopCore.ConnectionRow>?
    var channels: ListPart<TopCore.ChannelRow>?

    /// - Parameter suspicions: what differed the last time, by row: a difference counts when it stays.
    func rows(_ report: ClientReport, suspicions: inout [ClientRowID: Suspicion]) -> [ClientRow] {
        let brokers = Dictionary((connections?.rows ?? []).map { ($0.name, $0) }) { first, _ in first }
        let brokersChannels = Dictionary((channels?.rows ?? []).map { ($0.id, $0) }) { first, _ in first }
        var rows: [ClientRow] = []
        var next: [ClientRowID: Suspicion] = [:]
        for connection in report.connections {
            var row = ClientRow(
                id: ClientRowID(connection: connection.id, channel: nil), connection: connection.name,
                state: connection.state.rawValue)
            row.name = connection.clientName
            row.vhost = connection.virtualHost
            fill(&row, connection.lastError)
            compare(&row, connection, brokers[connection.name])
            rows.append(row)
            for channel in connection.channels {
                rows.append(
                    self.row(channel, on: connection, broker: brokersChannels, before: suspicions, after: &next))
            }
        }
        suspicions = next
        return rows
    }

    private func row(
        _ channel: ChannelReport, on connection: ConnectionReport, broker: [ChannelID: TopCore.ChannelRow],
        before: [ClientRowID: Suspicion], after: inout [ClientRowID: Suspicion]
    ) -> ClientRow {
        let id = ClientRowID(connection: connection.id, channel: Int(channel.number), epoch: channel.id)
        var row = ClientRow(id: id, connection: connection.name, state: connection.state.rawValue)
        row.name = connection.clientName
        row.vhost = connection.virtualHost
        row.channel = Int(channel.number)
        row.channelState = channel.state.rawValue
        row.inFlight = channel.inFlight
        row.unconfirmed = channel.unconfirmed
        row.unacked = channel.unacked
        row.prefetch = Int(channel.prefetch)
        row.consumers = channel.consumers.count
        row.published = Int(clamping: channel.published)
        row.confirmed = Int(clamping: channel.confirmed)
        row.delivered = Int(clamping: channel.delivered)
        row.acked = Int(clamping: channel.acked)
        fill(&row, channel.lastError)
        guard let part = channels else { return row }
        let at = part.at.timeIntervalSince1970
        let others = broker[ChannelID(connection: connection.name, number: Int(channel.number))]
        let isComplete = part.total <= part.rows.count
        switch channel.state {
        case .closed:
            // The number may belong to a newer channel by now.
            let isReused = connection.channels.contains {
                $0.number == channel.number && $0.id != channel.id && $0.state != .closed
            }
            guard !isReused, let closedAt = channel.closedAt else { return row }
            if others != nil, at > closedAt + Self.statisticsDelay {
                row.brokerAgrees = false
                row.disagreement = "closed here, open at the broker"
            } else if others == nil, isComplete, at > closedAt {
                row.brokerAgrees = true
            }
        case .open, .opening, .closing:
            guard let others else {
                if isComplete, channel.state == .open, at > channel.openedAt + Self.statisticsDelay {
                    row.brokerAgrees = false
                    row.disagreement = "open here, unknown to the broker"
                }
                return row
            }
            row.brokerState = others.state
            row.brokerUnacked = others.unacked
            row.brokerUnconfirmed = others.unconfirmed
            row.brokerConsumers = others.consumers
            guard at > channel.openedAt + Self.statisticsDelay else { return row }
            compare(&row, channel, others, before: before[id], after: &after)
        }
        return row
    }

    /// Counts of a busy channel always differ by what happened since; they disagree when they stay apart in two answers
    /// of the broker while nothing moves here.
    private func compare(
        _ row: inout ClientRow, _ channel: ChannelReport, _ broker: TopCore.ChannelRow, before: Suspicion?,
        after: inout [ClientRowID: Suspicion]
    ) {
        var differences: [String] = []
        if let unacked = broker.unacked, unacked != channel.unacked {
            differences.append("\(channel.unacked) unacked here, \(unacked) at the broker")
        }
        if let unconfirmed = broker.unconfirmed, unconfirmed != channel.unconfirmed {
            differences.append("\(channel.unconfirmed) unconfirmed here, \(unconfirmed) at the broker")
        }
        if let consumers = broker.consumers, consumers != channel.consumers.count {
            differences.append("\(channel.consumers.count) consumers here, \(consumers) at the broker")
        }
        guard !differences.isEmpty else {
            row.brokerAgrees = true
            return
        }
        var hasher = Hasher()
        hasher.combine(differences)
        hasher.combine(channel.delivered)
        hasher.combine(channel.acked)
        hasher.combine(channel.published)
        hasher.combine(channel.confirmed)
        let answer = channels?.at ?? .distantPast
        let mark = hasher.finalize()
        var suspicion = Suspicion(mark: mark, answer: answer, answers: 1)
        if let before, before.mark == mark {
            suspicion.answers = before.answer == answer ? before.answers : before.answers + 1
        }
        after[row.id] = suspicion
        if suspicion.answers > 1 {
            row.brokerAgrees = false
            row.disagreement = differences.joined(separator: ", ")
        }
    }

    private func compare(_ row: inout ClientRow, _ connection: ConnectionReport, _ broker: TopCore.ConnectionRow?) {
        guard let part = connections else { return }
        let at = part.at.timeIntervalSince1970
        let isComplete = part.total <= part.rows.count
        row.brokerState = broker?.state
        if let closedAt = connection.closedAt {
            if broker != nil, at > closedAt + Self.statisticsDelay {
                row.brokerAgrees = false
                row.disagreement = "closed here, open at the broker"
            } else if broker == nil, isComplete, at > closedAt {
                row.brokerAgrees = true
            }
        } else if broker != nil {
            row.brokerAgrees = true
        } else if isComplete, connection.state == .open, at > connection.openedAt + Self.statisticsDelay {
            row.brokerAgrees = false
            row.disagreement = "open here, unknown to the broker"
        }
    }

    private func fill(_ row: inout ClientRow, _ error: ErrorReport?) {
        guard let error else { return }
        row.lastErrorCode = Int(error.code)
        row.lastErrorText = error.text
        row.lastErrorAt = Date(timeIntervalSince1970: error.at)
    }
}
