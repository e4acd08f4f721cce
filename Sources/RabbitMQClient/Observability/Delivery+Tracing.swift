public import Tracing

extension Delivery {
    /// The trace context that the publisher sent with the message, if the connection's tracer knows its headers;
    /// otherwise the empty context. Without a tracer it is the context of the task.
    public var serviceContext: ServiceContext {
        guard let tracing = channel.connection.tracing else { return ServiceContext.current ?? .topLevel }
        return tracing.context(of: self)
    }

    /// Runs `body` in a span of the connection's tracer, `QUEUE process`, whose parent is the span of the publish.
    /// Spans started in `body`, and messages published in it, are children of that span. An error that `body` throws is
    /// recorded and rethrown.
    ///
    /// Without a tracer it only runs `body`. `body` must settle the delivery.
    public func withSpan<Value>(
        isolation: isolated (any Actor)? = #isolation, _ body: () async throws -> Value
    ) async throws -> Value {
        guard let tracing = channel.connection.tracing else { return try await body() }
        guard let span = tracing.startProcess(self) else {
            return try await ServiceContext.withValue(tracing.context(of: self)) { try await body() }
        }
        do {
            let value = try await ServiceContext.withValue(span.context) { try await body() }
            span.end()
            return value
        } catch {
            span.recordError(error)
            span.setStatus(SpanStatus(code: .error, message: "\(error)"))
            span.attributes["error.type"] = (error as? ClientError)?.code.rawValue ?? "\(type(of: error))"
            span.end()
            throw error
        }
    }
}
