import DequeModule

/// The state of one consumer: deliveries that were not taken yet, whether a task waits, and how the consumer ends.
/// Generic over the delivered items so that tests can use plain text.
struct ConsumerMachine<Item> {
    /// How a consumer ends.
    enum End: Equatable {
        /// Cancelled by this client.
        case finished
        case failed(ClientError)
    }

    enum State: Equatable {
        case active
        /// `basic.cancel` was sent; deliveries may still arrive.
        case cancelling
        case ended(End)
    }

    enum TakeAction {
        case item(Item)
        case wait
        case end(End)
    }

    /// Without acknowledgements nothing can be requeued: buffered items are still returned after the end.
    let noAck: Bool
    private(set) var state: State = .active
    private(set) var buffer: Deque<Item> = []
    private(set) var isAwaited = false

    init(noAck: Bool) {
        self.noAck = noAck
    }

    /// Adds items to the buffer. If a task waits, the first item in the buffer is returned for it instead. Items that
    /// stay in `items` must be requeued.
    mutating func delivered(contentsOf items: inout Deque<Item>) -> Item? {
        switch state {
        case .active: break
        case .cancelling where noAck: break
        case .cancelling, .ended: return nil
        }
        if buffer.isEmpty {
            swap(&buffer, &items)
        } else {
            while let item = items.popFirst() { buffer.append(item) }
        }
        guard isAwaited, let item = buffer.popFirst() else { return nil }
        isAwaited = false
        return item
    }

    /// Returns a buffered item; nil if there is none, which is not the end.
    mutating func takeBuffered() -> Item? { buffer.popFirst() }

    mutating func take() -> TakeAction {
        if let item = buffer.popFirst() { return .item(item) }
        switch state {
        case .active:
            isAwaited = true
            return .wait
        case .cancelling:
            return .end(.finished)
        case .ended(let end):
            return .end(end)
        }
    }

    /// The task that waited does not wait any more.
    mutating func stoppedWaiting() { isAwaited = false }

    /// The application ends the consumer. Returns the items to requeue; nil if the consumer has ended or is ending.
    mutating func cancelRequested() -> [Item]? {
        guard case .active = state else { return nil }
        state = .cancelling
        return noAck ? [] : takeAll()
    }

    /// The broker replied, or ended the consumer, or the channel closed. `keepsBuffer` leaves buffered items to the
    /// application. Returns whether a task waits and must be resumed.
    mutating func ended(_ end: End, keepsBuffer: Bool) -> Bool {
        if case .ended = state { return false }
        state = .ended(state == .cancelling ? .finished : end)
        if !keepsBuffer && !noAck { buffer.removeAll() }
        defer { isAwaited = false }
        return isAwaited
    }

    /// The connection was lost and will recover; unsettled messages are then delivered again. Returns false if the
    /// consumer does not continue because the application was ending it.
    mutating func connectionLost() -> Bool {
        guard case .active = state else { return false }
        if !noAck { buffer.removeAll() }
        return true
    }

    private mutating func takeAll() -> [Item] {
        defer { buffer.removeAll() }
        return Array(buffer)
    }
}

extension ConsumerMachine: Sendable where Item: Sendable {}
