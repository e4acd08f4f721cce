extension Delivery {
    /// What to do with a message whose processing failed.
    public enum FailurePolicy: Sendable {
        /// Back to its queue the first time; if it had been delivered before, as `reject`.
        case requeueOnce
        /// Back to its queue. Where it fails each time it comes again and again, unless the queue has a delivery limit
        /// (`QueueArguments.deliveryLimit`).
        case requeue
        /// To the queue's dead-letter exchange, or nowhere.
        case reject
        /// As this says: true requeues, false rejects.
        case decide(@Sendable (any Error, Delivery) -> Bool)
    }

    /// What became of a message.
    public struct Processed: Sendable {
        public enum Outcome: String, Sendable, Hashable, Codable {
            case acknowledged
            case requeued
            case rejected
            /// It was settled before, in the body say, or needs no settlement as its consumer has no acknowledgements.
            case settledBefore
            /// Nothing was sent: consumer, channel or connection ended meanwhile, and the broker knows that by itself.
            case stale
        }

        public let outcome: Outcome
        /// What the body threw; nil when it returned.
        public let error: (any Error)?
    }

    /// Runs `body` and settles the message by what came of it: acknowledged when it returns, requeued or rejected by
    /// `onFailure` when it throws. When the task was cancelled and the body throws, the message is requeued in any case.
    ///
    /// What the body throws does not leave this function, so that one message that cannot be processed does not end the loop
    /// over its consumer: look at the result to log it. A body may settle the message by itself, which is respected.
    /// Where channel or connection were lost meanwhile nothing is sent. A stream takes nothing back: there the message is
    /// acknowledged in any case.
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
        /// It looks like one of a stream, and its consumer has gone.
        case unknown
    }

    /// A header alone does not make a stream: a message of a stream that was published again carries it, too.
    private var origin: Origin {
        guard !consumerTag.isEmpty, streamOffset != nil else { return .queue }
        let consumer = channel.state.withLockedValue { $0.consumers[consumerTag] }
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
