import AMQPWire
import Testing

@testable import RabbitMQClient

@Suite("The record of what a connection declared")
struct TopologyRecordTests {
    private func record(_ steps: [(Method, Method)]) -> TopologyRecord {
        var record = TopologyRecord()
        for (method, reply) in steps { record.done(method, reply: reply, channel: 1) }
        return record
    }

    private func queue(_ name: Name, answer: Name? = nil, autoDelete: Bool = false) -> (Method, Method) {
        (
            .queueDeclare(QueueDeclare(queue: name, autoDelete: autoDelete)),
            .queueDeclareOk(QueueDeclareOk(queue: answer ?? name, messageCount: 0, consumerCount: 0))
        )
    }

    private func bind(_ queue: Name, _ exchange: Name, _ key: Name = "k") -> (Method, Method) {
        (.queueBind(QueueBind(queue: queue, exchange: exchange, routingKey: key)), .queueBindOk)
    }

    private func exchange(_ name: Name, autoDelete: Bool = false) -> (Method, Method) {
        (.exchangeDeclare(ExchangeDeclare(exchange: name, type: "topic", autoDelete: autoDelete)), .exchangeDeclareOk)
    }

    @Test("What is declared and bound is kept in order, once")
    func keepsInOrder() {
        let record = record([
            exchange("a"), exchange("b"), exchange("a"), queue("q"), queue("r"), bind("q", "a"), bind("q", "a"),
            bind("r", "b"),
        ])
        #expect(record.exchanges.map(\.exchange) == ["b", "a"])
        #expect(record.queues.map(\.declare.queue) == ["q", "r"])
        #expect(record.bindings.map(\.queue) == ["q", "r"])
    }

    @Test("Queues whose names differ in bytes alone are two, with bindings and consumers of their own")
    func goesByBytes() {
        let (composed, decomposed): (Name, Name) = ("caf\u{e9}", "cafe\u{301}")
        var record = record([
            exchange(composed), exchange(decomposed), queue(composed), queue(decomposed),
            bind(composed, composed, "k"), bind(decomposed, decomposed, "k"), bind(composed, composed, composed),
            bind(composed, composed, decomposed),
        ])
        #expect(record.exchanges.map(\.exchange) == [composed, decomposed])
        #expect(record.queues.map(\.declare.queue) == [composed, decomposed])
        #expect(record.bindings.count == 4)
        record.consumerStarted(.init(channel: 1, tag: composed), queue: composed)
        record.consumerStarted(.init(channel: 1, tag: decomposed), queue: decomposed)
        #expect(record.consumers.count == 2)
        record.done(
            .queueDelete(QueueDelete(queue: composed)), reply: .queueDeleteOk(QueueDeleteOk()), channel: 1)
        #expect(record.queues.map(\.declare.queue) == [decomposed])
        #expect(record.bindings.map(\.queue) == [decomposed])
        #expect(Set([TopologyEntity.queue(name: composed), .queue(name: decomposed)]).count == 2)
    }

    @Test("A passive declare makes nothing")
    func ignoresPassive() {
        let passive = QueueDeclare(queue: "q", passive: true)
        let ok = QueueDeclareOk(queue: "q", messageCount: 0, consumerCount: 0)
        #expect(record([(.queueDeclare(passive), .queueDeclareOk(ok))]).queues.isEmpty)
    }

    @Test("A deleted queue takes its bindings along, and an auto-delete exchange that had no other")
    func forgetsWithTheQueue() {
        let record = record([
            exchange("gone", autoDelete: true), exchange("stays", autoDelete: true), queue("q"), queue("r"),
            bind("q", "gone"), bind("q", "stays"), bind("r", "stays"),
            (.queueDelete(QueueDelete(queue: "q")), .queueDeleteOk(QueueDeleteOk(messageCount: 0))),
        ])
        #expect(record.queues.map(\.declare.queue) == ["r"])
        #expect(record.bindings.map(\.queue) == ["r"])
        #expect(record.exchanges.map(\.exchange) == ["stays"])
    }

    @Test("An auto-delete queue is forgotten with its last consumer")
    func forgetsAutoDeleteQueues() {
        var record = record([queue("q", autoDelete: true), queue("kept"), bind("q", "e")])
        let first = TopologyRecord.Consumer(channel: 1, tag: "1")
        let second = TopologyRecord.Consumer(channel: 2, tag: "2")
        record.consumerStarted(first, queue: "q")
        record.consumerStarted(second, queue: "q")
        record.consumerEnded(first)
        #expect(record.queues.count == 2)
        record.channelClosed(2)
        #expect(record.queues.map(\.declare.queue) == ["kept"])
        #expect(record.bindings.isEmpty)
    }

    @Test("A queue that the broker named is renamed in bindings and consumers, also when bound by an empty name")
    func renames() {
        var record = record([queue("", answer: "amq.gen-1"), bind("", "e")])
        record.consumerStarted(TopologyRecord.Consumer(channel: 1, tag: "t"), queue: record.queueName("", channel: 1))
        #expect(record.queues == [.init(declare: QueueDeclare(queue: "amq.gen-1"), isServerNamed: true)])
        record.renamed("amq.gen-1", to: "amq.gen-2")
        #expect(record.queues.map(\.declare.queue) == ["amq.gen-2"])
        #expect(record.bindings.map(\.queue) == ["amq.gen-2"])
        #expect(Array(record.consumers.values) == ["amq.gen-2"])
        #expect(record.queueName("", channel: 1) == "amq.gen-2")
    }

    @Test("An unbound exchange binding is forgotten")
    func forgetsExchangeBindings() {
        let bind = ExchangeBind(destination: "d", source: "s", routingKey: "k")
        let unbind = ExchangeUnbind(destination: "d", source: "s", routingKey: "k")
        let record = record([
            exchange("s", autoDelete: true), exchange("d"), (.exchangeBind(bind), .exchangeBindOk),
            (.exchangeUnbind(unbind), .exchangeUnbindOk),
        ])
        #expect(record.exchangeBindings.isEmpty)
        #expect(record.exchanges.map(\.exchange) == ["d"])
    }
}
