import AMQPWire
import Names

/// The deliveries of one consumer, in order.
///
/// The sequence ends when this client cancels the consumer, and throws when the broker cancels it (`.consumerCancelled`:
/// its queue has gone) or when channel or connection close. When the iterating task is cancelled, or the consumer is no
/// longer referred to, it is cancelled and what was prefetched and not taken goes back to its queue. Several tasks may
/// take from one consumer, one at a time.
public final class Consumer: AsyncSequence, Sendable {
    public typealias Element = Delivery
    public typealias Failure = ClientError

    let queue: ConsumerQueue

    init(_ queue: ConsumerQueue) {
        self.queue = queue
    }

    deinit {
        queue.channel.cancelConsumer(queue)
    }

    /// The name the broker knows it by, unique on its channel.
    public var tag: Name { queue.tag }
    /// The queue it consumes from.
    public var queueName: Name { queue.queueName }

    /// Ends the consumer and waits for the broker's answer. What was prefetched and not taken goes back to its queue;
    /// deliveries taken before can still be settled. Does nothing when it has ended already.
    public func cancel() async throws(ClientError) {
        try await queue.channel.cancelConsumerAndWait(queue)
    }

    public func makeAsyncIterator() -> Iterator { Iterator(consumer: self) }

    public struct Iterator: AsyncIteratorProtocol {
        let consumer: Consumer

        public nonisolated(nonsending) mutating func next() async throws(ClientError) -> Delivery? {
            try await consumer.queue.next()
        }

        public mutating func next(isolation actor: isolated (any Actor)?) async throws(ClientError) -> Delivery? {
            try await consumer.queue.next()
        }
    }
}
