import AMQPWire
import Names
import Tracing

/// The tracing of a connection: starts the spans of its messages and transfers their context through the headers.
///
/// Names are those of OpenTelemetry's semantic conventions for messaging and RabbitMQ:
/// <https://opentelemetry.io/docs/specs/semconv/messaging/rabbitmq/>.
struct MessageTracing: Sendable {
    let instrument: any Instrument
    /// Nil if the instrument only propagates context and creates no spans.
    let tracer: (any Tracer)?
    private let server: Endpoint?

    /// Returns nil if there is no instrument.
    init?(_ policy: TracingPolicy, server: Endpoint?) {
        guard let instrument = policy.instrument else { return nil }
        self.instrument = instrument
        self.server = server
        if case .bootstrapped = policy {
            let tracer = InstrumentationSystem.tracer
            self.tracer = tracer is NoOpTracer ? nil : tracer
        } else {
            tracer = instrument as? any Tracer
        }
    }

    // MARK: Publishing

    /// Starts a message's span and writes its context into the headers, or the task's context if there are no spans.
    func startPublish(_ message: inout OutgoingMessage) -> (any Span)? {
        let parent = ServiceContext.current ?? .topLevel
        guard let tracer else {
            instrument.inject(parent, into: &message.properties, using: HeaderInjector())
            return nil
        }
        let destination = Self.destination(message.exchange, message.routingKey)
        let span = tracer.startAnySpan("\(destination) publish", context: parent, ofKind: .producer)
        instrument.inject(span.context, into: &message.properties, using: HeaderInjector())
        guard span.isRecording else { return span }
        let (exchange, routingKey) = (message.exchange, message.routingKey)
        let size = message.body.readableBytes
        let properties = message.properties
        span.updateAttributes { attributes in
            describe(&attributes, exchange: exchange, routingKey: routingKey, queue: nil, properties, size: size)
            attributes["messaging.operation.name"] = "publish"
            attributes["messaging.operation.type"] = "send"
        }
        return span
    }

    /// Ends the span of a publish.
    static func end(_ span: (any Span)?, _ error: ClientError? = nil) {
        guard let span else { return }
        if let error {
            span.recordError(error)
            span.setStatus(SpanStatus(code: .error, message: error.message))
            span.attributes["error.type"] = error.code.rawValue
        }
        span.end()
    }

    // MARK: Consuming

    /// Returns the context that came with a message.
    func context(of delivery: Delivery) -> ServiceContext {
        var context = ServiceContext.topLevel
        instrument.extract(delivery.properties, into: &context, using: HeaderExtractor())
        return context
    }

    /// Starts the span of processing a message.
    func startProcess(_ delivery: Delivery) -> (any Span)? {
        guard let tracer else { return nil }
        let queue = delivery.channel.queueName(ofConsumer: delivery.consumerTag)
        let destination = queue ?? Self.destination(delivery.exchange, delivery.routingKey)
        let span = tracer.startAnySpan("\(destination) process", context: context(of: delivery), ofKind: .consumer)
        guard span.isRecording else { return span }
        span.updateAttributes { attributes in
            describe(
                &attributes, exchange: delivery.exchange, routingKey: delivery.routingKey, queue: queue,
                delivery.properties, size: delivery.body.readableBytes)
            attributes["messaging.operation.name"] = "process"
            attributes["messaging.operation.type"] = "process"
            attributes["messaging.rabbitmq.message.delivery_tag"] = Int64(clamping: delivery.deliveryTag)
        }
        return span
    }

    // MARK: Attributes

    private static func destination(_ exchange: Name, _ routingKey: Name) -> Name {
        exchange.isEmpty ? (routingKey.isEmpty ? "amq.default" : routingKey) : exchange
    }

    private func describe(
        _ attributes: inout SpanAttributes, exchange: Name, routingKey: Name, queue: Name?,
        _ properties: BasicProperties, size: Int
    ) {
        let parts = [exchange, routingKey, queue == routingKey ? nil : queue].compactMap {
            $0?.isEmpty == false ? $0 : nil
        }
        attributes["messaging.system"] = "rabbitmq"
        attributes["messaging.destination.name"] = parts.isEmpty ? "amq.default" : parts.joined(separator: ":")
        if !routingKey.isEmpty { attributes["messaging.rabbitmq.destination.routing_key"] = routingKey.text }
        attributes["messaging.message.body.size"] = size
        if let id = properties.messageID { attributes["messaging.message.id"] = id.text }
        if let id = properties.correlationID { attributes["messaging.message.conversation_id"] = id.text }
        if let server {
            attributes["server.address"] = server.host
            attributes["server.port"] = server.port
        }
        attributes["network.protocol.name"] = "amqp"
        attributes["network.protocol.version"] = "0.9.1"
    }
}
