extension Delivery {
    /// What to do with a message whose processing failed.
    public enum FailurePolicy: Sendable {
        /// Requeues the message on its first delivery; otherwise as `reject`.
        case requeueOnce
        /// Requeues the message. If it always fails it is redelivered without end, unless the queue has a delivery
        /// limit (`QueueArguments.deliveryLimit`).
        case requeue
        /// Rejects the message: it goes to the queue's dead-letter exchange, if there is one, or is discarded.
        case reject
        /// Requeues if the closure returns true, rejects if it returns false.
        case decide(@Sendable (any Error, Delivery) -> Bool)
    }

    /// The result of processing a message.
    public struct Processed: Sendable {
        /// How the message was settled.
        public enum Outcome: String, Sendable, Hashable, Codable {
            /// The message was acknowledged.
            case acknowledged
            /// The message was requeued.
            case requeued
            /// The message was rejected.
            case rejected
            /// The message had already been settled, for example by the body, or needs no settlement because its
            /// consumer has no acknowledgements.
            case settledBefore
            /// Nothing was sent: consumer, channel or connection ended in the meantime, so the broker requeues the
            /// message by itself.
            case stale
        }

        /// How the message was settled.
        public let outcome: Outcome
        /// The error that the body threw; nil if it returned.
        public let error: (any Error)?
    }

    /// Runs `body` and settles the message by its result: the message is acknowledged when `body` returns, and requeued
    /// or rejected by `onFailure` when it throws. If the task was cancelled and the body throws, the message is always
    /// requeued.
    ///
    /// Errors of the body are not rethrown, so that one message that cannot be processed does not end the loop over its
    /// consumer: use the result to log them. If the body settles the message itself, that settlement stands. If channel
    /// or connection were lost in the meantime nothing is sent. A stream cannot requeue: there the message is always
    /// acknowledged.
    @discardableResult
    public func process(
        onFailure: FailurePolicy = .requeueOnce,
        _ body: () async throws -> Void
    ) async -> Processed {
        do {
            try await withSpan { try await body() }
            return Processed(outcome: settle(.acknowledged), error: nil)
        } catch {
            let wanted: Processed.Outcome =
                switch origin {
                case .queue: requeues(error, onFailure) ? .requeued : .rejected
                case .stream: .acknowledged
                case .unknown: .stale
                }
            return Processed(outcome: settle(wanted), error: error)
        }
    }

    private func requeues(_ error: any Error, _ policy: FailurePolicy) -> Bool {
        if Task.isCancelled || error is CancellationError { return true }
        switch policy {
        case .requeueOnce: return !redelivered
        case .requeue: return true
        case .reject: return false
        case .decide(let requeues): return requeues(error, self)
        }
    }

    private enum Origin {
        case queue
        case stream
        /// The message seems to come from a stream, and its consumer has ended.
        case unknown
    }

    /// The header alone does not prove a stream: a message of a stream that was published again carries it too.
    private var origin: Origin {
        guard !consumerTag.isEmpty, streamOffset != nil else { return .queue }
        let consumer = channel.consumer(consumerTag).queue
        guard let consumer else { return .unknown }
        return consumer.readsStream ? .stream : .queue
    }

    private func settle(_ wanted: Processed.Outcome) -> Processed.Outcome {
        do throws(ClientError) {
            let settlement =
                switch wanted {
                case .acknowledged: try ack()
                case .requeued: try reject(requeue: true)
                case .rejected: try reject(requeue: false)
                case .settledBefore, .stale: Settlement.stale
                }
            return settlement == .stale ? .stale : wanted
        } catch {
            return error.code == .staleDelivery ? .stale : .settledBefore
        }
    }
}
