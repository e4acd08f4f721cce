public import Tracing

extension Delivery {
    /// The trace context that its publisher sent with it, as far as the connection's tracer knows its headers; the empty
    /// one where there is none, and without a tracer that of the task.
    public var serviceContext: ServiceContext {
        guard let tracing = channel.connection.tracing else { return ServiceContext.current ?? .topLevel }
        return tracing.context(of: self)
    }

    /// Runs `body` in a span of the connection's tracer, `QUEUE process`, whose parent is the span that published the
    /// message; what is traced in it, and what it publishes, hangs on that span. An error that it throws is recorded.
    ///
    /// Without a tracer it runs `body` and nothing else. Settling the delivery is left to `body`.
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
