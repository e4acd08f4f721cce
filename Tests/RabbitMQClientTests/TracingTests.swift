import AMQPWire
import InMemoryTracing
import NIOCore
import NIOPosix
import Testing
import Tracing

@testable import RabbitMQClient

/// Spans and the context that travels in headers.
@Suite struct TracingTests {
    private static let script: ScriptedPeer.Script = { channel, method in
        switch method {
        case .confirmSelect: .method(channel, .confirmSelectOk)
        case .queueDeclare:
            .bytes(
                .frame(channel, .basicAck(BasicAck(deliveryTag: 1)))
                    + .frame(channel, .basicNack(BasicNack(deliveryTag: 2)))
                    + .frame(channel, .queueDeclareOk(QueueDeclareOk(queue: "q"))))
        case .basicConsume(let consume):
            .bytes(
                .frame(channel, .basicConsumeOk(BasicConsumeOk(consumerTag: consume.consumerTag)))
                    + .traced(channel, consume.consumerTag))
        default: nil
        }
    }

    private func message(exchange: Name = "orders", key: Name = "new") -> OutgoingMessage {
        OutgoingMessage(
            body: ByteBuffer(string: "hello"), exchange: exchange, routingKey: key,
            properties: BasicProperties(headers: ["shop": "north"], messageID: "m-1"), mandatory: false)
    }

    @Test func aPublishHasASpanAndCarriesItsContext() throws {
        let tracer = InMemoryTracer()
        let server = Endpoint(host: "rabbit", port: 5672)
        let tracing = try #require(MessageTracing(.tracer(tracer), server: server))
        var message = message()
        let parent = tracer.startAnySpan("order", context: .topLevel)
        let span = ServiceContext.withValue(parent.context) { tracing.startPublish(&message) }
        MessageTracing.end(span)
        let finished = try #require(tracer.finishedSpans.first)
        #expect(finished.operationName == "orders publish")
        #expect(finished.kind == .producer)
        #expect(finished.parentSpanID == parent.context.inMemorySpanContext?.spanID)
        #expect(finished.status == nil && finished.errors.isEmpty)
        let headers = try #require(message.properties.headers)
        #expect(headers["shop"] == "north", "the application's own stay")
        #expect(headers[InMemoryTracer.spanIDKey] == .string(finished.spanID))
        #expect(headers[InMemoryTracer.traceIDKey] == .string(finished.traceID))
        let expected: [String: SpanAttribute] = [
            "messaging.system": "rabbitmq", "messaging.operation.name": "publish", "messaging.operation.type": "send",
            "messaging.destination.name": "orders:new", "messaging.rabbitmq.destination.routing_key": "new",
            "messaging.message.id": "m-1", "messaging.message.body.size": 5, "server.address": "rabbit",
            "server.port": 5672,
        ]
        for (name, value) in expected { #expect(finished.attributes.get(name) == value, "\(name)") }
        var plain = self.message(exchange: "", key: "q")
        MessageTracing.end(tracing.startPublish(&plain))
        let last = try #require(tracer.finishedSpans.last)
        #expect(last.operationName == "q publish")
        #expect(last.attributes.get("messaging.destination.name") == "q")
    }

    @Test func spansOfRealPublishesEndWithTheirConfirm() async throws {
        let tracer = InMemoryTracer()
        try await ScriptedPeer.with(script: Self.script) { peer in
            let connection = try await peer.connect { $0.tracing = .tracer(tracer) }
            let channel = try await connection.openChannel()
            async let confirmed: Void = channel.publish([1], routingKey: "a")
            #expect(await eventually { tracer.activeSpans.count == 1 })
            async let refused = clientError { try await channel.publish([2], routingKey: "b") }
            #expect(await eventually { tracer.activeSpans.count == 2 })
            _ = try await channel.declareQueue("q")
            try await confirmed
            #expect(await refused?.code == .nacked)
            #expect(tracer.activeSpans.isEmpty)
            let spans = tracer.finishedSpans
            let failed = try #require(spans.first { $0.operationName == "b publish" })
            #expect(failed.status?.code == .error)
            #expect(failed.attributes.get("error.type") == "nacked")
            #expect((failed.errors.first?.error as? ClientError)?.code == .nacked)
            #expect(spans.first { $0.operationName == "a publish" }?.status == nil)
            await connection.close()
        }
    }

    @Test func aDeliveryIsProcessedInItsPublishersTrace() async throws {
        let tracer = InMemoryTracer()
        try await ScriptedPeer.with(script: Self.script) { peer in
            let connection = try await peer.connect { $0.tracing = .tracer(tracer) }
            let channel = try await connection.openChannel()
            let consumer = try await channel.consume("q", tag: "c")
            var iterator = consumer.makeAsyncIterator()
            let delivery = try #require(try await iterator.next())
            #expect(delivery.serviceContext.inMemorySpanContext?.spanID == "publisher-span")
            let inner = try await delivery.withSpan { ServiceContext.current?.inMemorySpanContext }
            let span = try #require(tracer.finishedSpans.first)
            #expect(span.operationName == "q process" && span.kind == .consumer)
            #expect(span.traceID == "publisher-trace" && span.parentSpanID == "publisher-span")
            #expect(inner?.spanID == span.spanID)
            #expect(span.attributes.get("messaging.destination.name") == "orders:new:q")
            #expect(span.attributes.get("messaging.operation.type") == "process")
            #expect(span.attributes.get("messaging.rabbitmq.message.delivery_tag") == 1)
            struct Spoilt: Error {}
            await #expect(throws: Spoilt.self) { try await delivery.withSpan { throw Spoilt() } }
            #expect(tracer.finishedSpans.last?.status?.code == .error)
            #expect(tracer.finishedSpans.last?.attributes.get("error.type") == "Spoilt")
            await connection.close()
        }
    }

    @Test func theBootstrappedTracerIsFoundAndOffIsOff() async throws {
        let tracer = InMemoryTracer()
        #expect(MessageTracing(.bootstrapped, server: nil) == nil)
        try await withTracer(tracer) {
            #expect(MessageTracing(.bootstrapped, server: nil)?.tracer != nil)
            #expect(MessageTracing(.off, server: nil) == nil)
            try await ScriptedPeer.with { peer in
                let traced = try await peer.connect()
                #expect(traced.core.tracing != nil)
                await traced.close()
                let untraced = try await peer.connect { $0.tracing = .off }
                #expect(untraced.core.tracing == nil)
                await untraced.close()
            }
        }
    }

    @Test func headersOfOtherClientsAreRead() {
        let extractor = HeaderExtractor()
        let properties = BasicProperties(
            headers: [
                "text": "00-1", "bytes": .bytes(Array("00-2".utf8)), "rubbish": .bytes([0xFF, 0xFE]),
                "number": .int32(3),
            ])
        #expect(extractor.extract(key: "text", from: properties) == "00-1")
        #expect(extractor.extract(key: "bytes", from: properties) == "00-2")
        #expect(extractor.extract(key: "rubbish", from: properties) == nil)
        #expect(extractor.extract(key: "number", from: properties) == nil)
        #expect(extractor.extract(key: "missing", from: BasicProperties()) == nil)
    }
}

extension ByteBuffer {
    /// A delivery with the context of a span in its headers.
    fileprivate static func traced(_ channel: UInt16, _ tag: Name) -> ByteBuffer {
        var buffer = ByteBuffer()
        let deliver = BasicDeliver(
            consumerTag: tag, deliveryTag: 1, redelivered: false, exchange: "orders", routingKey: "new")
        let headers: FieldTable = [
            InMemoryTracer.traceIDKey: "publisher-trace", InMemoryTracer.spanIDKey: "publisher-span",
        ]
        try? buffer.writeContent(
            channel: channel, .basicDeliver(deliver), properties: BasicProperties(headers: headers),
            body: ByteBuffer(string: "hello"), frameMax: 8192)
        return buffer
    }
}
