import NIOCore
import Names
import Testing

@testable import AMQPWire

@Suite("Names on the wire go by their bytes")
struct NameBytesTests {
    static let composed: Name = "caf\u{e9}"
    static let decomposed: Name = "cafe\u{301}"
    static let invalid = Name(bytes: [0x61, 0xFF, 0xC3])

    @Test("A table has two keys that Swift's Strings take for one")
    func tableKeys() throws {
        var table: FieldTable = ["caf\u{e9}": 1]
        table["cafe\u{301}"] = 2
        #expect(table.count == 2)
        #expect(table["caf\u{e9}"]?.intValue == 1 && table[Self.decomposed]?.intValue == 2)
        table[Self.composed] = nil
        #expect(table.map(\.key) == [Self.decomposed])
        #expect(
            FieldTable([.init(key: Self.composed, value: 1)]) != FieldTable([.init(key: Self.decomposed, value: 1)]))
        #expect(FieldValue.string("caf\u{e9}") != FieldValue.string("cafe\u{301}"))
        #expect(BasicProperties(messageID: "caf\u{e9}") != BasicProperties(messageID: "cafe\u{301}"))
    }

    @Test("Keys, texts and names of any bytes come back as they were", arguments: [composed, decomposed, invalid])
    func roundTrip(name: Name) throws {
        let table = FieldTable([.init(key: name, value: .string(name))])
        let methods: [Method] = [
            .queueBind(QueueBind(queue: name, exchange: name, routingKey: name, arguments: table)),
            .exchangeBind(ExchangeBind(destination: name, source: name, routingKey: name)),
            .basicConsume(BasicConsume(queue: name, consumerTag: name)),
            .basicReturn(BasicReturn(replyCode: .noRoute, replyText: "NO_ROUTE", exchange: name, routingKey: name)),
            .connectionOpen(ConnectionOpen(virtualHost: name)),
        ]
        for method in methods {
            var payload = ByteBuffer()
            try method.writePayload(to: &payload)
            let read = try Method(payload: payload)
            #expect(read == method)
            var again = ByteBuffer()
            try read.writePayload(to: &again)
            #expect(again == payload)
        }
        var properties = BasicProperties(headers: table)
        (properties.messageID, properties.replyTo, properties.correlationID) = (name, name, name)
        var payload = ByteBuffer()
        try properties.write(to: &payload)
        var reader = PayloadReader(payload)
        let read = try BasicProperties(from: &reader)
        #expect(read == properties && read.messageID?.bytes == name.bytes)
    }

    @Test("A delivery that comes as a whole has its names by bytes, and knows them again", arguments: [true, false])
    func quick(isValid: Bool) throws {
        let key = isValid ? Self.decomposed : Self.invalid
        var bytes = ByteBuffer()
        for name in [key, key, Self.composed] {
            try bytes.writeContent(
                channel: 1,
                .basicDeliver(BasicDeliver(consumerTag: name, deliveryTag: 1, exchange: name, routingKey: name)),
                properties: BasicProperties(), body: ByteBuffer(string: "x"), frameMax: 0)
        }
        var decoder = FrameDecoder()
        decoder.append(bytes)
        var names: [DeliveryNames] = []
        while case .delivery(let delivery)? = decoder.nextFastPath() { names.append(delivery.names) }
        #expect(names.map(\.routingKey) == [key, key, Self.composed])
        #expect(names.map(\.consumerTag) == [key, key, Self.composed])
        try #require(names.count == 3)
        #expect(names[0] === names[1])
    }

    @Test("What is published last is like the next only where the bytes are the same")
    func template() {
        let template = PublishTemplate(
            channel: 1, BasicPublish(exchange: "e", routingKey: Self.composed), properties: BasicProperties())
        func fits(_ key: Name) -> Bool {
            template.fits(exchange: "e", routingKey: key, mandatory: false, properties: BasicProperties())
        }
        #expect(fits("caf\u{e9}") && !fits(Self.decomposed))
    }
}
