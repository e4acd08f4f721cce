import AMQPWire
import DequeModule

/// Deliveries of one consumer, or confirms of one channel, that were read together. They are handed over under one
/// lock, and the waiting task is woken once.
struct InboundBatch {
    /// Nil while the batch is empty.
    private(set) var channel: ChannelCore?
    private var consumer: ConsumerQueue?
    private var epoch: UInt32 = 0
    private var names: DeliveryNames?
    private var deliveries: Deque<Delivery> = []
    private var acks: [BasicAck] = []

    /// Whether the delivery is for the same consumer as those in the batch.
    func continues(with delivery: FastPathDelivery, of channel: ChannelCore) -> Bool {
        guard self.channel === channel, acks.isEmpty, let names else { return false }
        return names === delivery.names || names.consumerTag == delivery.names.consumerTag
    }

    func continuesWithAck(of channel: ChannelCore) -> Bool { self.channel === channel && !acks.isEmpty }

    mutating func begin(_ delivery: FastPathDelivery, of channel: ChannelCore) {
        self.channel = channel
        names = delivery.names
        (consumer, epoch) = channel.consumer(delivery.names.consumerTag)
    }

    mutating func add(_ delivery: FastPathDelivery) {
        guard let channel else { return }
        deliveries.append(
            Delivery(
                body: delivery.body,
                properties: delivery.properties,
                deliveryTag: delivery.deliveryTag,
                names: delivery.names,
                channel: channel,
                epoch: epoch,
                redelivered: delivery.redelivered,
                noAck: consumer?.noAck ?? false
            )
        )
    }

    mutating func add(_ ack: BasicAck, of channel: ChannelCore) {
        self.channel = channel
        acks.append(ack)
    }

    /// Hands over the batch and empties it.
    mutating func handOver() -> ChannelCore.Verdict {
        guard let channel else { return .none }
        defer {
            self.channel = nil
            consumer = nil
            names = nil
        }
        if !acks.isEmpty {
            channel.confirmsReceived(acks)
            acks.removeAll(keepingCapacity: true)
            return .none
        }
        return channel.delivered(&deliveries, to: consumer, epoch: epoch)
    }
}
