import Metrics
import NIOCore

/// A connection's counters and timers in the metrics backend that was bootstrapped when the connection was created.
///
/// Channels count their messages themselves; the increments are reported with each tick of the connection's timer (a
/// second or less) and when a channel closes, so that a message has no further cost. The only dimension is the name
/// that the application gave the connection: a client that reconnects again and again does not create new series.
///
/// Confirm latency is sampled: each channel measures one message at a time, the first that is published after the
/// previous one was confirmed.
final class ClientMetrics: Sendable {
    private let connectionsOpened: Counter
    private let connectionsClosed: Counter
    private let connectionsRecovered: Counter
    private let channelsOpened: Counter
    private let channelsClosed: Counter
    private let published: Counter
    private let confirmed: Counter
    private let nacked: Counter
    private let returned: Counter
    private let indeterminate: Counter
    private let delivered: Counter
    private let acked: Counter
    private let rejected: Counter
    private let bytesReceived: Counter
    private let bytesSent: Counter
    private let connectTime: Metrics.Timer
    private let recoveryTime: Metrics.Timer
    private let requestTime: Metrics.Timer
    private let confirmTime: Metrics.Timer

    /// Returns nil if there is no backend: then nothing is counted twice and no time is measured.
    init?(_ factory: any MetricsFactory, connectionName: String?) {
        if factory is NOOPMetricsHandler { return nil }
        let dimensions = [("connection", connectionName ?? "")]
        func counter(_ name: String) -> Counter {
            Counter(label: "rabbitmq_client_\(name)_total", dimensions: dimensions, factory: factory)
        }
        func timer(_ name: String) -> Metrics.Timer {
            Metrics.Timer(label: "rabbitmq_client_\(name)_duration_seconds", dimensions: dimensions, factory: factory)
        }
        connectionsOpened = counter("connections_opened")
        connectionsClosed = counter("connections_closed")
        connectionsRecovered = counter("connections_recovered")
        channelsOpened = counter("channels_opened")
        channelsClosed = counter("channels_closed")
        published = counter("messages_published")
        confirmed = counter("messages_confirmed")
        nacked = counter("messages_nacked")
        returned = counter("messages_returned")
        indeterminate = counter("messages_indeterminate")
        delivered = counter("messages_delivered")
        acked = counter("messages_acked")
        rejected = counter("messages_rejected")
        bytesReceived = counter("received_bytes")
        bytesSent = counter("sent_bytes")
        connectTime = timer("connect")
        recoveryTime = timer("recovery")
        requestTime = timer("request")
        confirmTime = timer("confirm")
    }

    func connectionOpened(after duration: TimeAmount) {
        connectionsOpened.increment()
        connectTime.recordNanoseconds(duration.nanoseconds)
    }

    func connectionRecovered(after seconds: Double) {
        connectionsRecovered.increment()
        recoveryTime.recordSeconds(seconds)
    }

    func connectionClosed() { connectionsClosed.increment() }
    func channelOpened() { channelsOpened.increment() }
    func channelClosed() { channelsClosed.increment() }
    func requestAnswered(after duration: TimeAmount) { requestTime.recordNanoseconds(duration.nanoseconds) }
    func confirmed(after duration: TimeAmount) { confirmTime.recordNanoseconds(duration.nanoseconds) }

    /// Adds a channel's increments since the last report.
    func add(_ counts: MessageCounts) {
        func add(_ counter: Counter, _ amount: UInt64) {
            if amount > 0 { counter.increment(by: amount) }
        }
        add(published, counts.published)
        add(confirmed, counts.confirmed)
        add(nacked, counts.nacked)
        add(returned, counts.returned)
        add(indeterminate, counts.indeterminate)
        add(delivered, counts.delivered)
        add(acked, counts.acked &- counts.rejected)
        add(rejected, counts.rejected)
    }

    /// Adds the bytes of a connection's sockets since the last report.
    func add(bytesIn: UInt64, bytesOut: UInt64) {
        if bytesIn > 0 { bytesReceived.increment(by: bytesIn) }
        if bytesOut > 0 { bytesSent.increment(by: bytesOut) }
    }
}
