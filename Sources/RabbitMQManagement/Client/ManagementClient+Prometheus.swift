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
        _ = try await metrics(at: address, RequestPath("metrics"), QueueGaugeParser()) { $0.finish() }
        return .aggregatedOnly
    }
}
