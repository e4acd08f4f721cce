import Foundation
import HTTPTypes
import Hummingbird
import RabbitMQClient

/// Responds to `/health`, `/report` and `/metrics`.
struct InspectorResponder: HTTPResponder {
    typealias Context = BasicRequestContext

    let registry: ClientRegistry
    let checks: HealthChecks
    let rules: HealthRules
    /// Whether a request must name the loopback interface as its host: over TCP, where a browser could send it for a
    /// web page.
    let asksForHost: Bool

    static let index = """
        /health   200 when this process can talk to its broker, else 503; JSON says why
        /report   every connection, channel, consumer and pool, as JSON
        /metrics  the same in numbers, for Prometheus

        """

    func respond(to request: Request, context: Context) async throws -> Response {
        if asksForHost, let authority = request.head.authority, !Loopback.isMeant(by: authority) {
            return text("\(authority) is not this machine.\n", status: .misdirectedRequest)
        }
        guard request.method == .get || request.method == .head else {
            var response = text("Only GET and HEAD.\n", status: .methodNotAllowed)
            response.headers[.allow] = "GET, HEAD"
            return response
        }
        let response = try await answer(to: request.uri.path)
        guard request.method == .head else { return response }
        var head = response
        head.headers[.contentLength] = response.body.contentLength.map(String.init)
        return Response(status: head.status, headers: head.headers)
    }

    private func answer(to path: String) async throws -> Response {
        switch path {
        case "/health", "/health/":
            let results = await checks.results()
            let health = Health(registry.report(), rules: rules, checks: results)
            return try json(health, status: health.status == .ok ? .ok : .serviceUnavailable)
        case "/report", "/report/":
            return try json(registry.report())
        case "/metrics", "/metrics/":
            let report = registry.report()
            let isWell = Health(report, rules: rules).broker.status == .ok
            return text(ReportMetrics(report, isWell: isWell).text, type: PrometheusText.contentType)
        case "", "/": return text(Self.index)
        default: return text("There is nothing at this path. There is:\n\n" + Self.index, status: .notFound)
        }
    }

    private func json(_ value: some Encodable, status: HTTPResponse.Status = .ok) throws -> Response {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        var bytes = ByteBuffer(bytes: try encoder.encode(value))
        bytes.writeString("\n")
        return response(bytes, type: "application/json", status: status)
    }

    private func text(
        _ text: String, type: String = "text/plain; charset=utf-8", status: HTTPResponse.Status = .ok
    ) -> Response {
        response(ByteBuffer(string: text), type: type, status: status)
    }

    private func response(_ bytes: ByteBuffer, type: String, status: HTTPResponse.Status) -> Response {
        var headers = HTTPFields()
        headers[.contentType] = type
        headers[.cacheControl] = "no-store"
        headers[.xContentTypeOptions] = "nosniff"
        return Response(status: status, headers: headers, body: .init(byteBuffer: bytes))
    }
}
