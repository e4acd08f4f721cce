import AMQPWire
import Names

extension Channel {
    /// Serves requests from a queue until the task is cancelled.
    ///
    /// Up to `prefetch` requests are handled concurrently. The reply that `handler` returns is sent to the request's
    /// `replyTo` with its correlation id, and the request is acknowledged once the broker has confirmed the reply. If
    /// `handler` returns nil, or the request has no `replyTo`, it is only acknowledged. If the handler throws, the
    /// request is settled by `onFailure` and the caller gets no reply: return a reply that describes the error if
    /// callers need one. A reply to a caller that no longer exists is dropped; that is not a failure.
    ///
    /// Throws when the consumer ends: the queue was deleted (`.consumerCancelled`), or channel or connection closed. A
    /// request may be handled twice if the connection was lost and recovered.
    public func serve(
        _ queue: some NameConvertible,
        prefetch: UInt16 = 10,
        onFailure: Delivery.FailurePolicy = .requeueOnce,
        _ handler: @escaping @Sendable (Delivery) async throws -> RPCReply?
    ) async throws(ClientError) {
        let consumer = try await consume(queue, prefetch: max(1, prefetch))
        let ended: ClientError? = await withDiscardingTaskGroup { group in
            do throws(ClientError) {
                for try await request in consumer {
                    group.addTask {
                        await request.process(onFailure: onFailure) {
                            try await self.answer(request, handler(request))
                        }
                    }
                }
                return nil
            } catch {
                return error
            }
        }
        if let ended { throw ended }
    }

    private func answer(_ request: Delivery, _ reply: RPCReply?) async throws(ClientError) {
        guard let reply, let replyTo = request.properties.replyTo else { return }
        var properties = reply.properties
        properties.correlationID = request.properties.correlationID
        try await publish(reply.body, routingKey: replyTo, properties: properties)
    }
}
