import NIOCore
import NIOHTTP1

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
