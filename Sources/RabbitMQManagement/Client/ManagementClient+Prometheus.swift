import NIOCore
public import Names

extension ManagementClient {
    /// Depths and consumers of the queues of one node, read as a stream.
    ///
    /// - Parameters:
    ///   - address: the node's Prometheus endpoint (usually port 15692).
    ///   - vhost: only its queues, when given.
    public func queueGauges(
        at address: ManagementAddress, vhost: Name? = nil
    ) async throws(ManagementError) -> QueueGauges {
        var items: [(String, Name)] = [("family", "queue_coarse_metrics"), ("family", "queue_consumer_count")]
        if let vhost { items.append(("vhost", vhost)) }
        let gauges = try await metrics(
            at: address, RequestPath("metrics", "detailed").adding(items), QueueGaugeParser()
        ) {
            $0.finish()
        }
        return gauges
    }

    /// Samples of one or more families of `/metrics/detailed`, or of the whole of `/metrics` when none is named. Meant for
    /// few: every sample becomes a value of its own.
    public func metricSamples(
        at address: ManagementAddress, families: [String] = [], vhost: Name? = nil
    ) async throws(ManagementError) -> [MetricSample] {
        var items = families.map { ("family", Name($0)) }
        if let vhost { items.append(("vhost", vhost)) }
        let path = families.isEmpty ? RequestPath("metrics") : RequestPath("metrics", "detailed").adding(items)
        return try await metrics(at: address, path, MetricSampleParser()) { $0.finish() }
    }

    /// What the endpoint can do, found out by asking it, not by its version.
    ///
    /// - Throws: ``ManagementError/Code/notEnabled(reason:)`` where something answers but has no metrics.
    public func prometheusSupport(at address: ManagementAddress) async throws(ManagementError) -> PrometheusSupport {
        do {
            let gauges = try await queueGauges(at: address)
            if gauges.hasDepths { return .detailed(hasConsumers: gauges.hasConsumers) }
        } catch  where error.isMissingEndpoint {
            // Asked below for what is there instead.
        }
        _ = try await metrics(at: address, RequestPath("metrics"), MetricSampleParser(limit: 1)) { $0.finish() }
        return .aggregatedOnly
    }
}
