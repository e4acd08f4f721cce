import AMQPWire
import Names

/// What one connection has declared and consumes from, in order, so that it can be restored (RabbitMQ: Java client,
/// automatic recovery). Auto-delete entities are removed when the last entity that used them is, as the broker does.
struct TopologyRecord: Equatable {
    struct Queue: Equatable {
        var declare: QueueDeclare
        /// The broker chose the name and will choose another one.
        var isServerNamed: Bool
    }

    struct Consumer: Hashable {
        /// The channel's `ChannelCore.id`.
        var channel: UInt64
        var tag: Name
    }

    private(set) var exchanges: [ExchangeDeclare] = []
    private(set) var queues: [Queue] = []
    private(set) var bindings: [QueueBind] = []
    private(set) var exchangeBindings: [ExchangeBind] = []
    /// The queue of each consumer.
    private(set) var consumers: [Consumer: Name] = [:]
    /// The queue that each channel declared last, which an empty name in a later request stands for.
    private var lastQueues: [UInt64: Name] = [:]

    /// Records a request of a channel that the broker carried out.
    mutating func done(_ method: Method, reply: Method, channel: UInt64) {
        switch (method, reply) {
        case (.queueDeclare(let declare), .queueDeclareOk(let ok)):
            lastQueues[channel] = ok.queue
            if !declare.passive { declared(declare, name: ok.queue) }
        case (.queueDelete(let delete), _): forgetQueue(named(delete.queue, channel))
        case (.queueBind(var bind), _):
            bind.queue = named(bind.queue, channel)
            if !bindings.contains(bind) { bindings.append(bind) }
        case (.queueUnbind(let unbind), _):
            let queue = named(unbind.queue, channel)
            bindings.removeAll {
                $0.queue == queue && $0.exchange == unbind.exchange && $0.routingKey == unbind.routingKey
                    && $0.arguments == unbind.arguments
            }
            forgetIfUnused(exchange: unbind.exchange)
        case (.exchangeDeclare(let declare), _):
            guard !declare.passive, !declare.exchange.isEmpty else { return }
            exchanges.removeAll { $0.exchange == declare.exchange }
            exchanges.append(declare)
        case (.exchangeDelete(let delete), _): forgetExchange(delete.exchange)
        case (.exchangeBind(let bind), _):
            if !exchangeBindings.contains(bind) { exchangeBindings.append(bind) }
        case (.exchangeUnbind(let unbind), _):
            exchangeBindings.removeAll {
                $0.destination == unbind.destination && $0.source == unbind.source
                    && $0.routingKey == unbind.routingKey && $0.arguments == unbind.arguments
            }
            forgetIfUnused(exchange: unbind.source)
        default: break
        }
    }

    private func named(_ queue: Name, _ channel: UInt64) -> Name {
        queue.isEmpty ? lastQueues[channel] ?? "" : queue
    }

    private mutating func declared(_ declare: QueueDeclare, name: Name) {
        let isServerNamed = declare.queue.isEmpty
        var declare = declare
        declare.queue = name
        // The same queue, declared by its name: the broker still chooses the name on recovery.
        if let index = queues.firstIndex(where: { $0.declare.queue == name }) {
            queues[index].declare = declare
        } else {
            queues.append(Queue(declare: declare, isServerNamed: isServerNamed))
        }
    }

    // MARK: Consumers

    mutating func consumerStarted(_ consumer: Consumer, queue: Name) { consumers[consumer] = queue }

    /// Returns the name, or for an empty name that of the queue that the channel declared last.
    func queueName(_ name: Name, channel: UInt64) -> Name { named(name, channel) }

    /// Removes a consumer, and its auto-delete queue if it was the last one.
    mutating func consumerEnded(_ consumer: Consumer) {
        guard let queue = consumers.removeValue(forKey: consumer), !consumers.values.contains(queue) else { return }
        if queues.contains(where: { $0.declare.queue == queue && $0.declare.autoDelete }) { forgetQueue(queue) }
    }

    /// Removes the consumers of a closed channel.
    mutating func channelClosed(_ channel: UInt64) {
        lastQueues[channel] = nil
        for consumer in consumers.keys where consumer.channel == channel { consumerEnded(consumer) }
    }

    // MARK: Forgetting

    mutating func forgetQueue(_ name: Name) {
        queues.removeAll { $0.declare.queue == name }
        let sources = Set(bindings.lazy.filter { $0.queue == name }.map(\.exchange))
        bindings.removeAll { $0.queue == name }
        for source in sources { forgetIfUnused(exchange: source) }
    }

    private mutating func forgetExchange(_ name: Name) {
        exchanges.removeAll { $0.exchange == name }
        bindings.removeAll { $0.exchange == name }
        let sources = Set(exchangeBindings.lazy.filter { $0.destination == name }.map(\.source))
        exchangeBindings.removeAll { $0.source == name || $0.destination == name }
        for source in sources { forgetIfUnused(exchange: source) }
    }

    /// Removes an auto-delete exchange that is no longer the source of any binding.
    private mutating func forgetIfUnused(exchange name: Name) {
        guard exchanges.contains(where: { $0.exchange == name && $0.autoDelete }),
            !bindings.contains(where: { $0.exchange == name }),
            !exchangeBindings.contains(where: { $0.source == name })
        else { return }
        forgetExchange(name)
    }

    // MARK: Renaming

    /// Gives a queue whose name the broker chose its new name, also in its bindings and consumers.
    mutating func renamed(_ queue: Name, to name: Name) {
        for index in queues.indices where queues[index].declare.queue == queue { queues[index].declare.queue = name }
        for index in bindings.indices where bindings[index].queue == queue { bindings[index].queue = name }
        for (consumer, consumed) in consumers where consumed == queue { consumers[consumer] = name }
        for (channel, last) in lastQueues where last == queue { lastQueues[channel] = name }
    }
}

extension TopologyEntity {
    init(_ declare: ExchangeDeclare) { self = .exchange(name: declare.exchange) }
    init(_ queue: TopologyRecord.Queue) { self = .queue(name: queue.declare.queue) }
    init(_ bind: QueueBind) {
        self = .binding(queue: bind.queue, exchange: bind.exchange, routingKey: bind.routingKey)
    }
    init(_ bind: ExchangeBind) {
        self = .exchangeBinding(destination: bind.destination, source: bind.source, routingKey: bind.routingKey)
    }
}
