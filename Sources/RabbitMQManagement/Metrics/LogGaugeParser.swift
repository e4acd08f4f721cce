import Names

/// Reads the families of logs. RabbitMQ 4.2 gave the metrics of members other names, and added forty that are skipped.
struct LogGaugeParser: MetricParser {
    private enum Metric {
        case commit, written, applied, snapshot, streamLag
    }

    private struct Key: Hashable {
        var vhost: Name
        var queue: Name
    }

    var lines = MetricLines()
    var samples = 0
    var undecodable = 0
    private let mostRows: Int
    private var members: [LogMemberGauge] = []
    private var places: [Key: Int] = [:]
    private var streamLags: [StreamLagGauge] = []
    /// The place of the member after the last one: each metric lists the queues in the same order.
    private var cursor = 0

    /// - Parameter mostRows: the maximum number of queues of each family; more are left out.
    init(mostRows: Int = 100_000) { self.mostRows = mostRows }

    mutating func takeLine(_ bytes: UnsafeRawBufferPointer) {
        guard let line = sample(bytes), let metric = Self.metric(of: line) else { return }
        var vhost: Range<Int>?
        var queue: Range<Int>?
        let isWellFormed = line.forEachLabel { name, value in
            if line.equals(name, "vhost") {
                vhost = value
            } else if line.equals(name, "queue") {
                queue = value
            }
        }
        guard isWellFormed else {
            undecodable += 1
            return
        }
        // A sum without labels, or the coordinator's own log.
        guard let vhost, let queue, let value = line.integer else { return }
        let key = Key(vhost: MetricLine.unescaped(bytes[vhost]), queue: MetricLine.unescaped(bytes[queue]))
        switch metric {
        case .streamLag:
            guard streamLags.count < mostRows else { return }
            streamLags.append(StreamLagGauge(vhost: key.vhost, queue: key.queue, messages: value))
        case .commit, .written, .applied, .snapshot: store(value, metric, key)
        }
    }

    private mutating func store(_ value: Int64, _ metric: Metric, _ key: Key) {
        guard let place = place(of: key) else { return }
        switch metric {
        case .commit: members[place].commitIndex = value
        case .written: members[place].writtenIndex = value
        case .applied: members[place].appliedIndex = value
        case .snapshot: members[place].snapshotIndex = value
        case .streamLag: break
        }
    }

    private mutating func place(of key: Key) -> Int? {
        if cursor >= members.count { cursor = 0 }
        if cursor < members.count, members[cursor].queue == key.queue, members[cursor].vhost == key.vhost {
            cursor += 1
            return cursor - 1
        }
        if let place = places[key] {
            cursor = place + 1
            return place
        }
        guard members.count < mostRows else { return nil }
        places[key] = members.count
        members.append(LogMemberGauge(vhost: key.vhost, queue: key.queue))
        cursor = members.count
        return members.count - 1
    }

    mutating func finish() -> LogGauges {
        finishLines()
        return LogGauges(members: members, streamLags: streamLags, undecodable: undecodable)
    }

    /// The names of RabbitMQ up to 4.1, and of later ones.
    private static let metrics: [(name: StaticString, metric: Metric)] = [
        ("rabbitmq_detailed_raft_log_commit_index", .commit), ("rabbitmq_detailed_raft_commit_index", .commit),
        ("rabbitmq_detailed_raft_log_last_written_index", .written),
        ("rabbitmq_detailed_raft_last_written_index", .written),
        ("rabbitmq_detailed_raft_log_last_applied_index", .applied), ("rabbitmq_detailed_raft_last_applied", .applied),
        ("rabbitmq_detailed_raft_log_snapshot_index", .snapshot), ("rabbitmq_detailed_raft_snapshot_index", .snapshot),
        ("rabbitmq_detailed_stream_consumer_max_offset_lag", .streamLag),
    ]

    private static func metric(of line: MetricLine) -> Metric? {
        metrics.first { line.equals(line.name, $0.name) }?.metric
    }
}
