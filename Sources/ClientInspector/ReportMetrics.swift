import RabbitMQClient

/// A report as metrics for Prometheus.
///
/// The labels of a series are the connection's own name (`connection`: given by the application, the same after every
/// recovery), its number within the process (`id`, which distinguishes connections of the same name) and its virtual
/// host. Channels add their number, consumers their tag and queue. Closed connections and channels have no series
/// except their last error, which disappears when the registry removes them.
struct ReportMetrics {
    private typealias Labels = [(name: String, value: String)]
    private typealias Sample = PrometheusText.Sample

    private let report: ClientReport
    private let isWell: Bool
    /// The open connections with their labels.
    private let connections: [(report: ConnectionReport, labels: [(name: String, value: String)])]
    private let channels: [(report: ChannelReport, labels: [(name: String, value: String)])]

    /// - Parameter isWell: what `/health` reports about the broker, without the application's checks.
    init(_ report: ClientReport, isWell: Bool) {
        self.report = report
        self.isWell = isWell
        connections = report.connections.filter { $0.closedAt == nil }.map { ($0, Self.labels($0)) }
        channels = connections.flatMap { connection, labels in
            connection.channels.filter { $0.closedAt == nil }.map { channel in
                (channel, labels + [("channel", "\(channel.number)")])
            }
        }
    }

    var text: String {
        var text = PrometheusText()
        writeConnections(into: &text)
        writeChannels(into: &text)
        writeConsumers(into: &text)
        writePools(into: &text)
        writeErrors(into: &text)
        return text.text
    }

    private static func labels(_ connection: ConnectionReport) -> [(name: String, value: String)] {
        [
            ("connection", connection.clientName ?? connection.name), ("id", "\(connection.id)"),
            ("vhost", connection.virtualHost),
        ]
    }

    // MARK: Connections

    private func writeConnections(into text: inout PrometheusText) {
        text.write(
            "rabbitmq_client_healthy", .gauge,
            "Whether all connections can be used: what /health says without the application's own checks.",
            [Sample([], isWell)])
        text.write(
            "rabbitmq_client_connections", .gauge, "Connections by their state.",
            ConnectionReport.State.allCases.map { state in
                Sample([("state", state.rawValue)], report.connections.count { $0.state == state })
            })
        func write(
            _ name: String, _ kind: PrometheusText.Kind, _ help: String, _ value: (ConnectionReport) -> Double
        ) {
            text.write(
                "rabbitmq_client_connection_\(name)", kind, help,
                connections.map { Sample($0.labels, value($0.report)) })
        }
        write("up", .gauge, "Whether the connection is open, or open and blocked by the broker.") {
            $0.state == .open || $0.state == .blocked ? 1 : 0
        }
        write("blocked", .gauge, "Whether the broker has blocked the connection: a memory or disk alarm.") {
            $0.state == .blocked ? 1 : 0
        }
        write("opened_timestamp_seconds", .gauge, "When the connection was made, in seconds since 1970.") {
            $0.openedAt
        }
        write("channels", .gauge, "Open channels of the connection.") { connection in
            Double(connection.channels.count { $0.closedAt == nil })
        }
        write("recovering", .gauge, "Whether the connection is lost and being made again.") {
            $0.state == .recovering ? 1 : 0
        }
        write("recovery_attempt", .gauge, "The number of the attempt to connect again; 0 while none is needed.") {
            Double($0.recovery?.number ?? 0)
        }
        write("recoveries_total", .counter, "How many times the connection came back.") { Double($0.recoveries) }
        write("last_recovery_seconds", .gauge, "How long the latest recovery took, from the loss on.") {
            $0.lastRecovery?.seconds ?? 0
        }
        write("last_recovery_failures", .gauge, "What the latest recovery could not restore.") {
            Double($0.lastRecovery?.failures.count ?? 0)
        }
        writeTotals(into: &text)
        write("received_bytes_total", .counter, "Bytes received.") { Double($0.bytesIn) }
        write("sent_bytes_total", .counter, "Bytes sent.") { Double($0.bytesOut) }
        write("received_frames_total", .counter, "AMQP frames received.") { Double($0.framesIn) }
        write("sent_frames_total", .counter, "AMQP frames sent.") { Double($0.framesOut) }
    }

    /// The totals of all channels of a connection, including closed ones: sums that never decrease.
    private func writeTotals(into text: inout PrometheusText) {
        func write(_ name: String, _ help: String, _ value: (MessageCounts) -> UInt64) {
            text.write(
                "rabbitmq_client_connection_messages_\(name)_total", .counter, help,
                connections.map { Sample($0.labels, value($0.report.totals)) })
        }
        write("published", "Messages published on all channels of the connection, so far.") { $0.published }
        write("confirmed", "Messages that the broker confirmed.") { $0.confirmed }
        write("nacked", "Messages that the broker could not take.") { $0.nacked }
        write("returned", "Mandatory messages that reached no queue.") { $0.returned }
        write("indeterminate", "Messages of which nobody knows: the answer was lost.") { $0.indeterminate }
        write("delivered", "Messages delivered.") { $0.delivered }
        write("acked", "Deliveries settled.") { $0.acked }
        write("rejected", "Of them, rejected or given back.") { $0.rejected }
    }

    // MARK: Channels

    private func writeChannels(into text: inout PrometheusText) {
        func write(_ name: String, _ kind: PrometheusText.Kind, _ help: String, _ value: (ChannelReport) -> Double) {
            text.write(
                "rabbitmq_client_channel_\(name)", kind, help, channels.map { Sample($0.labels, value($0.report)) })
        }
        write("in_flight_requests", .gauge, "Operations that wait for their answer.") { Double($0.inFlight) }
        write("unconfirmed_messages", .gauge, "Messages published and not yet confirmed.") { Double($0.unconfirmed) }
        write("unacked_messages", .gauge, "Messages delivered and not yet settled.") { Double($0.unacked) }
        write("prefetch", .gauge, "The last prefetch asked for; 0 is unlimited.") { Double($0.prefetch) }
        write("consumers", .gauge, "Consumers on the channel.") { Double($0.consumers.count) }
        write("published_total", .counter, "Messages published.") { Double($0.published) }
        write("confirmed_total", .counter, "Messages that the broker confirmed.") { Double($0.confirmed) }
        write("nacked_total", .counter, "Messages that the broker could not take.") { Double($0.nacked) }
        write("returned_total", .counter, "Mandatory messages that reached no queue.") { Double($0.returned) }
        write("delivered_total", .counter, "Messages delivered.") { Double($0.delivered) }
        write("acked_total", .counter, "Deliveries settled.") { Double($0.acked) }
        write("rejected_total", .counter, "Of them, rejected or given back.") { Double($0.rejected) }
        write("indeterminate_total", .counter, "Messages of which nobody knows: the answer was lost.") {
            Double($0.indeterminate)
        }
    }

    // MARK: Consumers

    private func writeConsumers(into text: inout PrometheusText) {
        text.write(
            "rabbitmq_client_consumer_buffered_messages", .gauge,
            "Messages that were received for a consumer and that its application has not taken yet.",
            channels.flatMap { channel, labels in
                channel.consumers.map { consumer in
                    Sample(
                        labels + [("consumer", consumer.tag.text), ("queue", consumer.queue.text)], consumer.buffered)
                }
            })
    }

    // MARK: Pools

    private func writePools(into text: inout PrometheusText) {
        let owners = Dictionary(connections.map { ($0.report.id, $0.labels) }) { first, _ in first }
        let pools = report.pools.map { pool in
            (
                report: pool,
                labels: (owners[pool.connectionID] ?? []) + [("pool", pool.name), ("pool_id", "\(pool.id)")]
            )
        }
        func write(_ name: String, _ kind: PrometheusText.Kind, _ help: String, _ value: (PoolReport) -> Double) {
            text.write("rabbitmq_client_pool_\(name)", kind, help, pools.map { Sample($0.labels, value($0.report)) })
        }
        write("size", .gauge, "The most channels of the pool that are open at a time.") { Double($0.size) }
        write("open_channels", .gauge, "Open channels of the pool.") { Double($0.open) }
        write("in_use_channels", .gauge, "Channels given out and not back.") { Double($0.inUse) }
        write("idle_channels", .gauge, "Open channels that are free.") { Double($0.idle) }
        write("waiting_checkouts", .gauge, "Checkouts that wait for a channel.") { Double($0.waiting) }
        write("discarded_channels_total", .counter, "Channels thrown away, because they were closed or spoilt.") {
            Double($0.discarded)
        }
        write("checkout_timeouts_total", .counter, "Checkouts that found no channel in time.") { Double($0.timeouts) }
        write("longest_wait_seconds", .gauge, "The longest time that a checkout waited.") { $0.longestWait }
    }

    // MARK: Errors

    /// Each label set is written once, although a channel number may have closed several times: the latest error
    /// counts.
    private func writeErrors(into text: inout PrometheusText) {
        var latest: [(key: String, labels: [(name: String, value: String)], error: ErrorReport)] = []
        var places: [String: Int] = [:]
        func note(_ labels: [(name: String, value: String)], _ error: ErrorReport) {
            let key = labels.map(\.value).joined(separator: "\u{0}")
            guard let place = places[key] else {
                places[key] = latest.count
                latest.append((key, labels, error))
                return
            }
            if error.at >= latest[place].error.at { latest[place].error = error }
        }
        for connection in report.connections {
            let labels = Self.labels(connection)
            if let error = connection.lastError { note(labels + [("channel", "")], error) }
            for channel in connection.channels {
                if let error = channel.lastError { note(labels + [("channel", "\(channel.number)")], error) }
            }
        }
        text.write(
            "rabbitmq_client_last_error_info", .gauge,
            "The latest error of a connection (channel is empty) or channel: reply code, name, method and text.",
            latest.map { entry in
                Sample(
                    entry.labels + [
                        ("code", "\(entry.error.code)"), ("name", entry.error.name),
                        ("initiator", entry.error.initiator.rawValue), ("method", entry.error.method ?? ""),
                        ("text", entry.error.text),
                    ], 1)
            })
        text.write(
            "rabbitmq_client_last_error_timestamp_seconds", .gauge,
            "When the latest error of a connection or channel happened, in seconds since 1970.",
            latest.map { Sample($0.labels, $0.error.at) })
    }
}
