import Foundation
import Names
import RabbitMQClient
import TopCore

/// Compares what the client library knows of its connections and channels with what the broker reports of them.
struct ClientComparison {
    /// The age up to which the broker's statistics lag behind a channel's state, in seconds.
    static let statisticsDelay = 6.0

    /// The process that made the report.
    struct Speaker {
        /// A readable name of the attached process; nil for this process.
        var process: String?
        var isAttached = false
        /// When an attached process's report was received; nil for this process.
        var receivedAt: Date?
        /// How far this machine's clock is ahead of the reporting process's clock, in seconds.
        var clockOffset = 0.0
        /// Whether the process still reports; an old report cannot be compared with anything.
        var isCurrent = true

        static let own = Speaker()
    }

    /// A difference of counts, and the number of broker answers in which it stayed the same while nothing changed here.
    struct Suspicion: Equatable {
        var mark: Int
        var answer: Date
        var answers: Int
    }

    /// The broker's rows; `nil` if they were not requested.
    var connections: ListPart<ConnectionRow>?
    var channels: ListPart<ChannelRow>?
    /// The broker's connection names by the `connection_id` that this client library gives each of its sockets.
    var namesByID: [Name: Name] = [:]

    /// Returns the compared rows.
    ///
    /// - Parameter suspicions: the differences of the last comparison, by row; a difference is reported when it
    ///   persists.
    func rows(
        _ report: ClientReport, of speaker: Speaker = .own, suspicions: inout [ClientRowID: Suspicion]
    ) -> [ClientRow] {
        guard speaker.isCurrent else {
            let unjudged = ClientComparison()
            var speaker = speaker
            speaker.isCurrent = true
            return unjudged.rows(report, of: speaker, suspicions: &suspicions)
        }
        let brokers = Dictionary((connections?.rows ?? []).map { ($0.name, $0) }) { first, _ in first }
        let brokersChannels = Dictionary(grouping: channels?.rows ?? [], by: \.id.connection)
        var rows: [ClientRow] = []
        var next: [ClientRowID: Suspicion] = [:]
        for connection in report.connections {
            var connection = connection.shifted(by: speaker.clockOffset)
            // With a proxy or address translation in between, the two sides see different names.
            if let name = connection.socketID.flatMap({ namesByID[Name($0)] }) { connection.name = name.text }
            var row = self.row(connection, of: speaker)
            fill(&row, connection.lastError)
            compare(&row, connection, brokers[Name(connection.name)])
            let pools = report.pools.filter { $0.connectionID == connection.id }
            row.pools = pools.map(ClientPool.init)
            rows.append(row)
            let others = Dictionary((brokersChannels[Name(connection.name)] ?? []).map { ($0.id.number, $0) }) {
                first, _ in
                first
            }
            for channel in connection.channels {
                var row = self.row(
                    channel, on: connection, of: speaker, broker: others, before: suspicions, after: &next)
                row.pool = pools.first { $0.channels.contains(channel.id) }?.name
                rows.append(row)
            }
            rows += notHeld(connection, of: speaker, broker: others, before: suspicions, after: &next)
        }
        suspicions = next
        return rows
    }

    private func row(_ connection: ConnectionReport, of speaker: Speaker, channel: Int? = nil, epoch: UInt64 = 0)
        -> ClientRow
    {
        var row = ClientRow(
            id: ClientRowID(
                connection: connection.id, channel: channel, epoch: epoch, isAttached: speaker.isAttached),
            connection: Name(connection.name), state: connection.state.rawValue)
        row.process = speaker.process
        row.at = speaker.receivedAt
        row.name = Name(connection.clientName)
        row.vhost = Name(connection.virtualHost)
        row.channel = channel
        return row
    }

    /// Returns the channels that the broker has on a connection and its client does not. A channel that has just been
    /// opened or closed is on one side only, so a channel is reported once two of the broker's answers contain it.
    private func notHeld(
        _ connection: ConnectionReport, of speaker: Speaker, broker: [Int: ChannelRow],
        before: [ClientRowID: Suspicion], after: inout [ClientRowID: Suspicion]
    ) -> [ClientRow] {
        guard connection.closedAt == nil, let answer = channels?.at else { return [] }
        let held = Set(connection.channels.map { Int($0.number) })
        return broker.values.sorted { $0.id.number < $1.id.number }.compactMap { other in
            guard !held.contains(other.id.number) else { return nil }
            var row = row(connection, of: speaker, channel: other.id.number)
            var suspicion = Suspicion(mark: 0, answer: answer, answers: 1)
            if let before = before[row.id] {
                suspicion.answers = before.answer == answer ? before.answers : before.answers + 1
            }
            after[row.id] = suspicion
            guard suspicion.answers > 1 else { return nil }
            row.isHeld = false
            row.brokerState = other.state
            row.brokerAgrees = false
            row.disagreement = "open at the broker, unknown here"
            return row
        }
    }

    private func row(
        _ channel: ChannelReport, on connection: ConnectionReport, of speaker: Speaker,
        broker: [Int: ChannelRow], before: [ClientRowID: Suspicion], after: inout [ClientRowID: Suspicion]
    ) -> ClientRow {
        var row = row(connection, of: speaker, channel: Int(channel.number), epoch: channel.id)
        let id = row.id
        row.channelState = channel.state.rawValue
        row.inFlight = channel.inFlight
        row.unconfirmed = channel.unconfirmed
        row.unacked = channel.unacked
        row.consumers = channel.consumers.count
        fill(&row, channel.lastError)
        guard let part = channels else { return row }
        let at = part.at.timeIntervalSince1970
        let others = broker[Int(channel.number)]
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
        case .open, .opening, .recovering, .closing:
            guard let others else {
                if isComplete, channel.state == .open, at > channel.openedAt + Self.statisticsDelay {
                    row.brokerAgrees = false
                    row.disagreement = "open here, unknown to the broker"
                }
                return row
            }
            row.brokerState = others.state
            guard at > channel.openedAt + Self.statisticsDelay else { return row }
            compare(&row, channel, others, before: before[id], after: &after)
        }
        return row
    }

    /// Compares the counts of a channel. Counts of a busy channel always differ by what happened since; they disagree
    /// when they stay apart in two of the broker's answers while nothing changes here.
    private func compare(
        _ row: inout ClientRow, _ channel: ChannelReport, _ broker: ChannelRow, before: Suspicion?,
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
            let here = channel.consumers.count
            differences.append("\(here) consumer\(here == 1 ? "" : "s") here, \(consumers) at the broker")
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

    private func compare(_ row: inout ClientRow, _ connection: ConnectionReport, _ broker: ConnectionRow?) {
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
    }
}

extension ClientComparison.Speaker {
    /// Creates the description of another process whose report has just been received.
    init(attached report: ClientReport, receivedAt: Date, isCurrent: Bool) {
        process = report.process.map { "\($0.name) (\($0.id))" } ?? "the attached process"
        isAttached = true
        self.receivedAt = receivedAt
        self.isCurrent = isCurrent
        // Clocks of one machine differ by less than the time an answer takes.
        let offset = receivedAt.timeIntervalSince1970 - report.madeAt
        clockOffset = abs(offset) < 3 ? 0 : offset
    }
}

extension ConnectionReport {
    /// Returns the report with its times moved by a clock difference, in seconds.
    fileprivate func shifted(by seconds: Double) -> ConnectionReport {
        guard seconds != 0 else { return self }
        var copy = self
        copy.openedAt += seconds
        copy.closedAt? += seconds
        copy.lastError?.at += seconds
        for index in copy.channels.indices {
            copy.channels[index].openedAt += seconds
            copy.channels[index].closedAt? += seconds
            copy.channels[index].lastError?.at += seconds
        }
        return copy
    }
}

extension ClientPool {
    fileprivate init(_ report: PoolReport) {
        self.init(
            name: report.name, size: report.size, open: report.open, inUse: report.inUse, idle: report.idle,
            waiting: report.waiting, discarded: Int(clamping: report.discarded),
            timeouts: Int(clamping: report.timeouts), longestWait: report.longestWait)
    }
}
