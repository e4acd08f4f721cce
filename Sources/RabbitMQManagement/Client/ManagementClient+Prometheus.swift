import NIOCore
import NIOHTTP1
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

    /// Returns what one node tells of its queues' logs: how far its members of quorum queues are, and the lag of stream
    /// consumers that are connected to it. The response is parsed as it arrives.
    ///
    /// - Parameters:
    ///   - address: the node's Prometheus endpoint.
    ///   - families: what to request; at least one family.
    public func logGauges(
        at address: ManagementAddress, _ families: Set<LogGauges.Family>
    ) async throws(ManagementError) -> LogGauges {
        let items = LogGauges.Family.allCases.filter(families.contains).map { ("family", Name($0.rawValue)) }
        return try await metrics(at: address, RequestPath("metrics", "detailed").adding(items), LogGaugeParser()) {
            $0.finish()
        }
    }

    /// Returns what one node has counted of messages that reached no queue, by exchange.
    ///
    /// - Parameter address: the node's Prometheus endpoint.
    public func unroutableGauges(at address: ManagementAddress) async throws(ManagementError) -> [UnroutableGauge] {
        let path = RequestPath("metrics", "detailed").adding([("family", "channel_exchange_metrics")])
        return try await metrics(at: address, path, UnroutableGaugeParser()) { $0.finish() }
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

extension ManagementClient {
    /// Passes a response of the Prometheus endpoint through a parser as it arrives.
    func metrics<Parser: MetricParser, Value>(
        at address: ManagementAddress, _ path: RequestPath, _ parser: Parser, _ finish: (inout Parser) -> Value
    ) async throws(ManagementError) -> Value {
        var request = OutgoingRequest(address: address, target: address.pathPrefix + path.pathAndQuery)
        request.accept = "text/plain"
        request.authenticates = configuration.authenticatesToPrometheus
        var answer: Answer<Parser>
        do {
            answer = try await success(request, into: parser)
        } catch {
            var error = error
            switch error.code {
            case .notFound, .methodNotAllowed:
                error.code = .notEnabled(reason: "\(path.path) is not served there")
            default: break
            }
            throw error
        }
        let value = finish(&answer.sink)
        if answer.sink.isForeign {
            let type = answer.headers.first(name: "Content-Type").flatMap { BrokerText.harmless($0, limit: 80) }
            throw ManagementError(
                .notJSON(contentType: type), request: request.summary, address: address.description)
        }
        return value
    }
}
