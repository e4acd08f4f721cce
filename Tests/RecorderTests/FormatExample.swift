import Faults
import Foundation
import Names
import TopCore

@testable import Recorder

/// An hour with something of everything. Its recording, as each format of rabbittop wrote it, is stored in `Fixtures`.
enum FormatExample {
    /// A name that is not UTF-8.
    static let binary = Name(bytes: [0x71, 0xff, 0x31])
    static let connection = Name("10.0.0.1:50000 -> 10.0.0.2:5672")
    /// When each list is polled, in seconds after noon: every ten seconds, with a gap.
    static let polls =
        Array(stride(from: 0, through: 1_990, by: 10)) + Array(stride(from: 2_300, through: 4_200, by: 10))

    /// How much is kept: all of the last ten minutes, minutes for half an hour.
    static var limits: RecordingLimits {
        var limits = RecordingLimits()
        limits.full = 600
        limits.minutes = 1_800
        return limits
    }

    /// Fills a recorder, which stays open.
    static func fill(_ recorder: Recorder) {
        recorder.take(.sources([source]), at: noon)
        for second in polls {
            let at = noon.addingTimeInterval(Double(second))
            recorder.take(.cluster(cluster(at)), at: at)
            recorder.take(.queueDepths(depths(second, at)), at: at)
            recorder.take(.queuesRich(QueuesRichPart(at: at, queues: [details(second)])), at: at)
            recorder.take(.connections(ListPart(at: at, rows: [connectionRow(second)], isWhole: true)), at: at)
            recorder.take(.channels(ListPart(at: at, rows: second < 4_000 ? [channel] : [], isWhole: true)), at: at)
            recorder.take(.consumers(ListPart(at: at, rows: [consumer], isWhole: true)), at: at)
            recorder.take(.exchanges(ListPart(at: at, rows: [exchange], isWhole: true)), at: at)
            if second == 1_000 { happen(recorder, at) }
            if second == 1_500 { recorder.take(findings: [], at: at) }
            if second % 60 == 0 { recorder.flush() }
        }
        recorder.flush()
    }

    /// What happens once.
    private static func happen(_ recorder: Recorder, _ at: Date) {
        var entry = LedgerEntry(
            at: at, kind: .error, scope: .channel, connection: connection.text, clientName: "orders", channel: 1,
            queue: "orders", code: 406, codeName: "PRECONDITION_FAILED", text: "unknown delivery tag 7",
            methodClass: "basic", method: "ack", source: .logExchange)
        entry.id = 1
        recorder.take(entries: [entry], at: at)
        recorder.take(
            findings: [
                Finding(
                    .growingQueue, .warning, what: "grows by 3/s", where: "queue orders", since: noon,
                    advice: "consume", subjects: [.queue(.init(vhost: "/", name: "orders"))])
            ], at: at)
        recorder.take(
            .faults([
                FaultRecord(
                    id: 1, fault: Fault("latency"), since: at.timeIntervalSince1970, until: nil, state: .inForce)
            ]), at: at)
        recorder.take(
            .configuration(
                ConfigurationPart(
                    at: at, items: [ConfigurationItem(.policy, vhost: "/", name: "ttl", value: "^tmp 1000")])), at: at)
    }

    private static let source = SourceStatus(name: .prometheus, node: "rabbit@a", state: .stale)

    private static func cluster(_ at: Date) -> ClusterPart {
        var node = NodeRow(name: "rabbit@a", running: true)
        node.memory = 1_000_000
        node.version = "3.10.8"
        return ClusterPart(at: at, name: "prod", version: "3.10.8", nodes: [node])
    }

    /// `orders` grows by one a second, with a peak; `short` lives for a quarter of an hour.
    private static func depths(_ second: Int, _ at: Date) -> QueueDepthsPart {
        var ready: [(Name, Int)] = [("orders", second == 430 ? 99_999 : second), ("idle", 5), (binary, 1)]
        if second < 900 { ready.append(("short", 7)) }
        return QueueDepthsPart(
            at: at, source: .prometheus, node: "rabbit@a",
            depths: ready.map { name, ready in
                QueueDepth(
                    id: EntityID(vhost: "/", name: name), messages: ready + 1, ready: ready, unacked: 1, consumers: 2)
            })
    }

    private static func details(_ second: Int) -> (QueueDepth, QueueDetails) {
        var details = QueueDetails()
        details.type = "quorum"
        details.state = "running"
        details.policy = "ttl"
        details.deadLetterExchange = binary
        details.publishRate = 12.5
        return (QueueDepth(id: EntityID(vhost: "/", name: "idle"), messages: 6, ready: 5, unacked: 1), details)
    }

    private static func connectionRow(_ second: Int) -> ConnectionRow {
        var row = ConnectionRow(name: connection)
        row.clientName = "orders"
        row.user = binary
        row.vhost = "/"
        row.receiveRate = Double(second / 100)
        row.connectedAt = noon.addingTimeInterval(-60)
        return row
    }

    private static var channel: ChannelRow {
        var row = ChannelRow(id: ChannelID(connection: connection, number: 1))
        row.unacked = 200
        row.prefetch = 250
        return row
    }

    private static var consumer: ConsumerRow {
        var row = ConsumerRow(
            id: ConsumerID(
                queue: EntityID(vhost: "/", name: "orders"), channel: channel.id, tag: "ctag", connection: connection))
        row.prefetch = 250
        return row
    }

    private static var exchange: ExchangeRow {
        var row = ExchangeRow(id: EntityID(vhost: "/", name: "events"))
        row.type = "topic"
        row.publishInRate = 3.5
        return row
    }
}
