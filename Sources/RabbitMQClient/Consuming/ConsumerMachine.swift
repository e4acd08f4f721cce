import DequeModule

/// One consumer: what was delivered and not taken yet, whether somebody waits, and how it ends. Generic over what is
/// delivered so that tests use plain text.
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

    /// Without acknowledgements nothing can be given back: what is buffered is still handed out after the end.
    let noAck: Bool
    private(set) var state: State = .active
    private(set) var buffer: Deque<Item> = []
    private(set) var isAwaited = false

    init(noAck: Bool) {
        self.noAck = noAck
    }

    /// Items came: all go into the buffer, but for the first one in it when somebody waits, which is to be handed
    /// to who does. What stays in `items` is to be given back to the broker.
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

    /// What is there already; nil when nothing is, which is no answer to who asks.
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

    /// Who waited does so no more.
    mutating func stoppedWaiting() { isAwaited = false }

    /// The application ends it. Nil when it has ended or is ending already; else what is to be given back.
    mutating func cancelRequested() -> [Item]? {
        guard case .active = state else { return nil }
        state = .cancelling
        return noAck ? [] : takeAll()
    }

    /// The broker answered, or ended it, or the channel closed. `keepsBuffer` leaves what is buffered to the application.
    /// True when somebody waited and is to be told.
    mutating func ended(_ end: End, keepsBuffer: Bool) -> Bool {
        if case .ended = state { return false }
        state = .ended(state == .cancelling ? .finished : end)
        if !keepsBuffer && !noAck { buffer.removeAll() }
        defer { isAwaited = false }
        return isAwaited
    }

    /// The connection was lost and will come back; what is unsettled comes again then. False when nothing is to go on, as
    /// the application was ending it.
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
