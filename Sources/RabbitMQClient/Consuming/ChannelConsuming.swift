import AMQPWire
import Names

/// What one channel receives: its consumers, and the deliveries that are not settled.
struct ChannelConsuming {
    /// Each loss of the connection ends an epoch, with all of its delivery tags.
    private(set) var epoch: UInt32 = 0
    var deliveries = DeliveryWindow()
    private(set) var consumers: [Name: ConsumerQueue] = [:]
    private var lastNumber = 0

    /// Returns a number for the next consumer's tag.
    mutating func makeNumber() -> Int {
        lastNumber += 1
        return lastNumber
    }

    /// Returns false if the tag is in use.
    mutating func add(_ consumer: ConsumerQueue) -> Bool {
        guard consumers[consumer.tag] == nil else { return false }
        consumers[consumer.tag] = consumer
        return true
    }

    mutating func remove(_ tag: Name) -> ConsumerQueue? { consumers.removeValue(forKey: tag) }

    /// Removes the consumer unless another has its tag by now.
    mutating func remove(_ consumer: ConsumerQueue) {
        if has(consumer) { consumers[consumer.tag] = nil }
    }

    func has(_ consumer: ConsumerQueue) -> Bool { consumers[consumer.tag] === consumer }

    /// The broker no longer has the channel, and recovery will open it again. Removes and returns the consumers that do
    /// not go on then, because the application was ending them.
    mutating func epochEnded(isSocketOpen: Bool) -> [ConsumerQueue] {
        epoch += 1
        deliveries = DeliveryWindow()
        let ended = consumers.values.filter { !$0.lost(isSocketOpen: isSocketOpen) }
        for consumer in ended { consumers[consumer.tag] = nil }
        return ended
    }

    /// The channel is closed. Returns its consumers.
    mutating func channelClosed() -> [ConsumerQueue] {
        // The broker has requeued them.
        deliveries = DeliveryWindow()
        defer { consumers.removeAll() }
        return Array(consumers.values)
    }
}
