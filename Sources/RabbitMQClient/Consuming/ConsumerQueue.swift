import AMQPWire
import DequeModule
import NIOConcurrencyHelpers
import NIOCore
import Names

/// The buffer between one consumer of the application and its channel.
final class ConsumerQueue: Sendable {
    private typealias DeliveryWaiter = Waiter<Result<Delivery?, ClientError>>

    private struct State {
        var machine: ConsumerMachine<Delivery>
        var waiter: DeliveryWaiter?
        /// Reading from the socket is paused because this consumer is behind.
        var pausesReading = false
        var queueName: Name
        var delivered: UInt64 = 0
        /// The size of the buffered deliveries, in bytes.
        var bytes = 0
        /// Whether `basic.consume` was sent.
        var isRequested = false
        /// Whether the broker has confirmed the consumer.
        var isEstablished = false
    }

    /// Reading pauses at this number of buffered deliveries where no prefetch bounds them, or where the broker exceeds
    /// a smaller prefetch, and resumes at half of it.
    static let bound = 1024
    /// The size of a delivery in addition to its body, in bytes.
    private static let overhead = 256

    /// The request that started the consumer, for recovery.
    let consume: BasicConsume
    let prefetch: UInt16
    let channel: ChannelCore
    private let mayPause: Bool
    private let byteBound: Int
    private let state: NIOLockedValueBox<State>

    init(_ consume: BasicConsume, queueName: Name, prefetch: UInt16, channel: ChannelCore) {
        self.consume = consume
        self.prefetch = prefetch
        self.channel = channel
        mayPause = consume.noAck || prefetch == 0 || channel.connection.configuration.boundsPrefetchedBytes
        byteBound = max(1, channel.connection.configuration.consumerBufferSize)
        state = NIOLockedValueBox(State(machine: ConsumerMachine(noAck: consume.noAck), queueName: queueName))
    }

    var tag: Name { consume.consumerTag }
    var noAck: Bool { consume.noAck }
    /// The queue that it consumes from. It changes when recovery gets another name for a queue that the broker named.
    var queueName: Name { state.withLockedValue { $0.queueName } }
    var isEstablished: Bool { state.withLockedValue { $0.isEstablished } }

    var isRequested: Bool { state.withLockedValue { $0.isRequested } }

    /// Whether the application has not ended the consumer.
    var isActive: Bool { state.withLockedValue { $0.machine.state == .active } }

    func requested() { state.withLockedValue { $0.isRequested = true } }
    func established() { state.withLockedValue { $0.isEstablished = true } }
    func queueRenamed(to name: Name) { state.withLockedValue { $0.queueName = name } }

    var report: ConsumerReport {
        state.withLockedValue { state in
            ConsumerReport(
                tag: tag,
                queue: state.queueName,
                noAck: noAck,
                prefetch: prefetch,
                buffered: state.machine.buffer.count,
                delivered: state.delivered
            )
        }
    }

    // MARK: The application's side

    nonisolated(nonsending) func next() async throws(ClientError) -> Delivery? {
        if Task.isCancelled {
            channel.cancelConsumer(self)
            return nil
        }
        if let delivery = takeNow() { return delivery }
        let result = await DeliveryWaiter.wait { waiter in
            take(waiter)
        } cancelled: { id in
            giveUp(id)
        }
        return try result.get()
    }

    private func takeNow() -> Delivery? {
        var resumes = false
        let item: Delivery? = state.withLockedValue { state in
            let item = state.machine.takeBuffered()
            if let item { taken(item, &state) }
            resumes = readingResumes(&state)
            return item
        }
        if resumes { channel.connection.resumeReading() }
        return item
    }

    private func taken(_ delivery: Delivery, _ state: inout State) {
        state.bytes = state.machine.buffer.isEmpty ? 0 : state.bytes - Self.size(delivery)
    }

    private static func size(_ delivery: Delivery) -> Int {
        delivery.body.readableBytes + overhead + (delivery.properties.headers?.footprint ?? 0)
    }

    /// The maximum number of buffered deliveries.
    private var bound: Int { noAck || prefetch == 0 ? Self.bound : max(Self.bound, Int(prefetch)) }

    private func readingResumes(_ state: inout State) -> Bool {
        guard state.pausesReading, state.machine.buffer.count <= bound / 2, state.bytes <= byteBound / 2 else {
            return false
        }
        state.pausesReading = false
        return true
    }

    private func take(_ waiter: DeliveryWaiter) -> Result<Delivery?, ClientError>? {
        var resumes = false
        let result: Result<Delivery?, ClientError>? = state.withLockedValue { state in
            if state.waiter != nil {
                return .failure(ClientError(.invalidArgument, "Two tasks wait on consumer '\(tag)' at once."))
            }
            switch state.machine.take() {
            case .item(let delivery):
                taken(delivery, &state)
                resumes = readingResumes(&state)
                return .success(delivery)
            case .end(.finished): return .success(nil)
            case .end(.failed(let error)): return .failure(error)
            case .wait:
                state.waiter = waiter
                return nil
            }
        }
        if resumes { channel.connection.resumeReading() }
        return result
    }

    /// The waiting task was cancelled, which cancels the consumer.
    private func giveUp(_ id: WaiterID) {
        let waiter: DeliveryWaiter? = state.withLockedValue { state in
            guard let waiter = state.waiter, waiter.id == id else { return nil }
            state.waiter = nil
            state.machine.stoppedWaiting()
            return waiter
        }
        channel.cancelConsumer(self)
        waiter?.resume(.success(nil))
    }

    // MARK: The channel's side

    /// Adds deliveries; those that will not be taken stay in `deliveries`. Runs on the event loop.
    func delivered(_ deliveries: inout Deque<Delivery>) {
        var pauses = false
        var handed: (item: Delivery, waiter: DeliveryWaiter)?
        state.withLockedValue { state in
            // A broker that keeps delivering after the cancel of a consumer without acknowledgements must not fill the
            // memory.
            if state.machine.state == .cancelling, noAck, isOverfull(state) { return deliveries.removeAll() }
            state.delivered += UInt64(deliveries.count)
            state.bytes += deliveries.reduce(0) { $0 + Self.size($1) }
            if let item = state.machine.delivered(contentsOf: &deliveries), let waiter = state.waiter {
                handed = (item, waiter)
                state.waiter = nil
                taken(item, &state)
            }
            // Deliveries that are not taken are requeued.
            for delivery in deliveries { state.bytes -= Self.size(delivery) }
            pauses = readingPauses(&state)
        }
        if pauses { channel.connection.pauseReading() }
        if let handed { handed.waiter.resume(.success(handed.item)) }
    }

    private func readingPauses(_ state: inout State) -> Bool {
        // A consumer that was ended only waits for the broker's reply, which follows the deliveries already sent.
        guard case .active = state.machine.state else { return false }
        guard !state.pausesReading, isFull(state) else { return false }
        state.pausesReading = true
        return true
    }

    private func isFull(_ state: State) -> Bool {
        let count = state.machine.buffer.count
        if mayPause { return count >= bound || state.bytes >= byteBound }
        // The prefetch bounds them, as long as the broker observes it.
        return count > Int(prefetch) && (count > bound || state.bytes >= byteBound)
    }

    private func isOverfull(_ state: State) -> Bool {
        state.machine.buffer.count >= 64 * Self.bound || state.bytes >= 2 * byteBound
    }

    /// The application no longer needs the consumer. Returns the deliveries to requeue, or nil if it has ended or is
    /// ending.
    func cancelRequested() -> [Delivery]? {
        var resumes = false
        let items: [Delivery]? = state.withLockedValue { state in
            let items = state.machine.cancelRequested()
            if state.machine.buffer.isEmpty { state.bytes = 0 }
            if items != nil, state.pausesReading {
                state.pausesReading = false
                resumes = true
            }
            return items
        }
        if resumes { channel.connection.resumeReading() }
        return items
    }

    /// The connection or the channel was lost and will recover. Returns false if the consumer does not continue then;
    /// one that was not requested yet is requested then.
    ///
    /// - Parameter isSocketOpen: whether only the channel is lost, so that a pause of the socket has to end.
    func lost(isSocketOpen: Bool) -> Bool {
        var resumes = false
        let continues = state.withLockedValue { state in
            resumes = state.pausesReading && isSocketOpen
            state.pausesReading = false
            defer { if state.machine.buffer.isEmpty { state.bytes = 0 } }
            return (state.isEstablished || !state.isRequested) && state.machine.connectionLost()
        }
        if resumes { channel.connection.resumeReading() }
        return continues
    }

    func ended(_ end: ConsumerMachine<Delivery>.End, keepsBuffer: Bool) {
        var resumes = false
        let waiter: DeliveryWaiter? = state.withLockedValue { state in
            if state.pausesReading {
                state.pausesReading = false
                resumes = true
            }
            guard state.machine.ended(end, keepsBuffer: keepsBuffer), let waiter = state.waiter else { return nil }
            state.waiter = nil
            return waiter
        }
        if resumes { channel.connection.resumeReading() }
        guard let waiter else { return }
        switch end {
        case .finished: waiter.resume(.success(nil))
        case .failed(let error): waiter.resume(.failure(error))
        }
    }

    /// Unsettled deliveries returned to their queue with the channel; those without acknowledgement stay in the buffer.
    func channelClosed(_ reason: CloseReason) {
        ended(reason.isOrderly ? .finished : .failed(.consumerLost(reason)), keepsBuffer: false)
    }
}

extension ConsumerQueue {
    /// The pseudo-queue for replies without a reply queue (RabbitMQ documentation: Direct Reply-to).
    static let directReplyTo: Name = "amq.rabbitmq.reply-to"

    var takesDirectReplies: Bool { consume.queue == Self.directReplyTo }

    /// Whether the consumer reads a stream, as far as the client can know: it has an offset, or the queue was declared
    /// as a stream on this connection. The broker does not report it.
    var readsStream: Bool {
        if consume.arguments["x-stream-offset"] != nil { return true }
        let name = queueName
        return channel.connection.state.withLockedValue { state in
            state.topology.queues.contains {
                $0.declare.queue == name
                    && $0.declare.arguments["x-queue-type"]?.nameValue == Name(QueueType.stream.rawValue)
            }
        }
    }
}

extension ClientError {
    fileprivate static func consumerLost(_ reason: CloseReason) -> ClientError {
        ClientError(
            reason.scope == .channel ? .channelClosed : .connectionClosed,
            "The consumer ended with its \(reason.scope.rawValue) (\(reason)).",
            closeReason: reason
        )
    }
}
