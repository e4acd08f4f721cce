import AMQPWire
import Names

/// The deliveries of one consumer, in order.
///
/// The sequence ends when this client cancels the consumer. It throws when the broker cancels the consumer
/// (`.consumerCancelled`: its queue was deleted) or when channel or connection close.
///
/// When the iterating task is cancelled, or there is no reference to the consumer any more, the consumer is cancelled,
/// and messages that were prefetched and not taken return to the queue. Several tasks may take deliveries from one
/// consumer, but only one may wait at a time: a second one gets `.invalidArgument`.
public final class Consumer: AsyncSequence, Sendable {
    /// A delivered message.
    public typealias Element = Delivery
    /// The error type of the sequence.
    public typealias Failure = ClientError

    let queue: ConsumerQueue

    init(_ queue: ConsumerQueue) {
        self.queue = queue
    }

    deinit {
        queue.channel.cancelConsumer(queue)
    }

    /// The consumer tag, unique on its channel.
    public var tag: Name { queue.tag }
    /// The queue that it consumes from.
    public var queueName: Name { queue.queueName }

    /// Cancels the consumer and waits for the broker's reply. Messages that were prefetched and not taken return to the
    /// queue; deliveries taken before can still be settled. Does nothing if the consumer has already ended. Throws as
    /// `declareQueue` does.
    public func cancel() async throws(ClientError) {
        try await queue.channel.cancelConsumerAndWait(queue)
    }

    /// Returns an iterator over the consumer's deliveries.
    public func makeAsyncIterator() -> Iterator { Iterator(consumer: self) }

    /// An iterator over a consumer's deliveries. It holds a reference to the consumer.
    public struct Iterator: AsyncIteratorProtocol {
        let consumer: Consumer

        /// Waits for the next delivery and returns it; nil when this client has cancelled the consumer.
        public nonisolated(nonsending) mutating func next() async throws(ClientError) -> Delivery? {
            try await consumer.queue.next()
        }

        /// Waits for the next delivery and returns it; nil when this client has cancelled the consumer.
        public mutating func next(isolation actor: isolated (any Actor)?) async throws(ClientError) -> Delivery? {
            try await consumer.queue.next()
        }
    }
}
