import NIOCore
public import Names

extension ManagementClient {
    /// Returns depths and consumers of the queues of one node. The response is parsed as it arrives.
    ///
    /// - Parameters:
    ///   - address: the node's Prometheus endpoint (usually port 15692).
    ///   - vhost: the vhost of the queues; nil for all.
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

    /// Returns samples of one or more families of `/metrics/detailed`, or of the whole of `/metrics` if none is named.
    /// Use it for a small number of samples: each becomes a value of its own.
    public func metricSamples(
        at address: ManagementAddress, families: [String] = [], vhost: Name? = nil
    ) async throws(ManagementError) -> [MetricSample] {
        var items = families.map { ("family", Name($0)) }
        if let vhost { items.append(("vhost", vhost)) }
        let path = families.isEmpty ? RequestPath("metrics") : RequestPath("metrics", "detailed").adding(items)
        return try await metrics(at: address, path, MetricSampleParser()) { $0.finish() }
    }

    /// Returns what the endpoint supports, determined by requests, not by its version.
    ///
    /// - Throws: ``ManagementError/Code/notEnabled(reason:)`` if the endpoint responds but has no metrics.
    public func prometheusSupport(at address: ManagementAddress) async throws(ManagementError) -> PrometheusSupport {
        do {
            let gauges = try await queueGauges(at: address)
            if gauges.hasDepths { return .detailed(hasConsumers: gauges.hasConsumers) }
        } catch  where error.isMissingEndpoint {
            // The request below determines what is available instead.
        }
        _ = try await metrics(at: address, RequestPath("metrics"), MetricSampleParser(limit: 1)) { $0.finish() }
        return .aggregatedOnly
    }
}
