import AMQPWire
import NIOCore
import Names

extension Channel {
    /// Publishes a message and returns once the broker has confirmed it.
    ///
    /// Enables publisher confirms if they are not enabled. A mandatory message carries its sequence number in the
    /// header `x-publish-sequence`, by which a returned message is identified. Throws as `Confirmation.wait` does. When
    /// nothing was sent it throws `.channelClosed`, `.connectionClosed`, `.timeout` (no space in the socket, or a
    /// connection that did not recover, for `publishTimeout`), `.cancelled`, or `.invalidArgument` for values that AMQP
    /// or a frame cannot carry.
    public nonisolated(nonsending) func publish(
        _ body: ByteBuffer,
        exchange: String = "",
        routingKey: String,
        properties: BasicProperties = BasicProperties(),
        mandatory: Bool = false
    ) async throws(ClientError) {
        try await publish(
            body, exchange: Name(exchange), routingKey: Name(routingKey), properties: properties, mandatory: mandatory)
    }

    /// Publishes bytes; otherwise like the method with a `ByteBuffer`.
    public nonisolated(nonsending) func publish(
        _ body: some Sequence<UInt8>,
        exchange: String = "",
        routingKey: String,
        properties: BasicProperties = BasicProperties(),
        mandatory: Bool = false
    ) async throws(ClientError) {
        try await publish(
            ByteBuffer(bytes: body), exchange: Name(exchange), routingKey: Name(routingKey), properties: properties,
            mandatory: mandatory)
    }

    /// Publishes a message and returns its confirmation once it is written to the outbox, without waiting for the
    /// broker. Keep only as many confirmations open as you are willing to publish again: a window of 1,000 costs little
    /// and is fast. Throws only when nothing was sent, as `publish` does.
    public nonisolated(nonsending) func publishDeferred(
        _ body: ByteBuffer,
        exchange: String = "",
        routingKey: String,
        properties: BasicProperties = BasicProperties(),
        mandatory: Bool = false
    ) async throws(ClientError) -> Confirmation {
        try await publishDeferred(
            body, exchange: Name(exchange), routingKey: Name(routingKey), properties: properties, mandatory: mandatory)
    }

    /// Publishes a message without a confirm. Waits only while the socket has no space or the connection is recovering.
    /// Whether the message arrives is not known; a returned mandatory message is reported as an event of the registry.
    /// Throws only when nothing was sent, as `publish` does.
    public nonisolated(nonsending) func publishUnconfirmed(
        _ body: ByteBuffer,
        exchange: String = "",
        routingKey: String,
        properties: BasicProperties = BasicProperties(),
        mandatory: Bool = false
    ) async throws(ClientError) {
        try await publishUnconfirmed(
            body, exchange: Name(exchange), routingKey: Name(routingKey), properties: properties, mandatory: mandatory)
    }

    /// Publishes with names as bytes, which need not be UTF-8; otherwise like the method with text.
    public nonisolated(nonsending) func publish(
        _ body: ByteBuffer,
        exchange: Name = "",
        routingKey: Name,
        properties: BasicProperties = BasicProperties(),
        mandatory: Bool = false
    ) async throws(ClientError) {
        try await core.publishAndWait(OutgoingMessage(body, exchange, routingKey, properties, mandatory))
    }

    /// Publishes bytes, with names as bytes, which need not be UTF-8; otherwise like the method with text.
    public nonisolated(nonsending) func publish(
        _ body: some Sequence<UInt8>,
        exchange: Name = "",
        routingKey: Name,
        properties: BasicProperties = BasicProperties(),
        mandatory: Bool = false
    ) async throws(ClientError) {
        try await core.publishAndWait(
            OutgoingMessage(ByteBuffer(bytes: body), exchange, routingKey, properties, mandatory))
    }

    /// Publishes with names as bytes, which need not be UTF-8; otherwise like the method with text.
    public nonisolated(nonsending) func publishDeferred(
        _ body: ByteBuffer,
        exchange: Name = "",
        routingKey: Name,
        properties: BasicProperties = BasicProperties(),
        mandatory: Bool = false
    ) async throws(ClientError) -> Confirmation {
        let message = OutgoingMessage(body, exchange, routingKey, properties, mandatory)
        return Confirmation(sequence: try await core.publishConfirmed(message), channel: core)
    }

    /// Publishes with names as bytes, which need not be UTF-8; otherwise like the method with text.
    public nonisolated(nonsending) func publishUnconfirmed(
        _ body: ByteBuffer,
        exchange: Name = "",
        routingKey: Name,
        properties: BasicProperties = BasicProperties(),
        mandatory: Bool = false
    ) async throws(ClientError) {
        try await core.publishUnconfirmed(OutgoingMessage(body, exchange, routingKey, properties, mandatory))
    }
}

extension Channel {
    /// Publishes a mandatory message exactly as it is, without a header for its number, and returns its confirmation
    /// without waiting for the broker. A returned message is found by its content: of equal ones that are on their way
    /// the oldest counts as returned. For messages that are passed on. Throws only when nothing was sent, as `publish`
    /// does.
    package nonisolated(nonsending) func publishUnchanged(
        _ body: ByteBuffer, exchange: Name, routingKey: Name, properties: BasicProperties
    ) async throws(ClientError) -> Confirmation {
        var message = OutgoingMessage(body, exchange, routingKey, properties, true)
        message.isNumbered = false
        return Confirmation(sequence: try await core.publishConfirmed(message), channel: core)
    }
}

/// A message to be sent to the broker.
struct OutgoingMessage {
    var body: ByteBuffer
    var exchange: Name
    var routingKey: Name
    var properties: BasicProperties
    var mandatory: Bool
    /// Whether a mandatory message is sent with its number in a header, by which a return is assigned to it. Without,
    /// the return is assigned by its content.
    var isNumbered = true
}

extension OutgoingMessage {
    init(
        _ body: ByteBuffer, _ exchange: Name, _ routingKey: Name, _ properties: BasicProperties, _ mandatory: Bool
    ) {
        self.init(
            body: body, exchange: exchange, routingKey: routingKey, properties: properties, mandatory: mandatory)
    }
}
