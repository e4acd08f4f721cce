import AMQPWire
import NIOCore
import Names

extension Channel {
    /// Publishes a message and returns once the broker has taken responsibility for it.
    ///
    /// Switches publisher confirms on if they are not. A mandatory message carries its number in the header
    /// `x-publish-sequence`, so that its return is matched without doubt. Throws as `Confirmation.wait` does; and
    /// when nothing was sent `.channelClosed`, `.connectionClosed`, `.timeout` (no room in the socket, or a connection that did
    /// not come back, for `publishTimeout`), `.cancelled`, or `.invalidArgument` for what AMQP or a frame cannot carry.
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

    /// Publishes bytes; see the form for `ByteBuffer`.
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

    /// Publishes a message and returns as soon as it is on its way, with the confirmation to await later. Keep as many
    /// confirmations open as you can bear to publish again: a window of 1,000 costs little and is fast.
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

    /// Publishes a message and asks for no confirm. Waits only while the socket has no room, or the
    /// connection is coming back. Whether it arrives is not
    /// known; a mandatory message that comes back is told to the registry's events.
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

    /// With names that were delivered, which need not be UTF-8; see the form for text.
    public nonisolated(nonsending) func publish(
        _ body: ByteBuffer,
        exchange: Name = "",
        routingKey: Name,
        properties: BasicProperties = BasicProperties(),
        mandatory: Bool = false
    ) async throws(ClientError) {
        let message = OutgoingMessage(
            body: body,
            exchange: exchange,
            routingKey: routingKey,
            properties: properties,
            mandatory: mandatory
        )
        try await core.publishAndWait(message)
    }

    /// Publishes bytes, with names that were delivered, which need not be UTF-8; see the form for text.
    public nonisolated(nonsending) func publish(
        _ body: some Sequence<UInt8>,
        exchange: Name = "",
        routingKey: Name,
        properties: BasicProperties = BasicProperties(),
        mandatory: Bool = false
    ) async throws(ClientError) {
        try await publish(
            ByteBuffer(bytes: body),
            exchange: exchange,
            routingKey: routingKey,
            properties: properties,
            mandatory: mandatory
        )
    }

    /// With names that were delivered, which need not be UTF-8; see the form for text.
    public nonisolated(nonsending) func publishDeferred(
        _ body: ByteBuffer,
        exchange: Name = "",
        routingKey: Name,
        properties: BasicProperties = BasicProperties(),
        mandatory: Bool = false
    ) async throws(ClientError) -> Confirmation {
        let message = OutgoingMessage(
            body: body,
            exchange: exchange,
            routingKey: routingKey,
            properties: properties,
            mandatory: mandatory
        )
        return Confirmation(sequence: try await core.publishConfirmed(message), channel: core)
    }

    /// With names that were delivered, which need not be UTF-8; see the form for text.
    public nonisolated(nonsending) func publishUnconfirmed(
        _ body: ByteBuffer,
        exchange: Name = "",
        routingKey: Name,
        properties: BasicProperties = BasicProperties(),
        mandatory: Bool = false
    ) async throws(ClientError) {
        let message = OutgoingMessage(
            body: body,
            exchange: exchange,
            routingKey: routingKey,
            properties: properties,
            mandatory: mandatory
        )
        try await core.publishUnconfirmed(message)
    }
}

/// A message on its way to the broker.
struct OutgoingMessage {
    var body: ByteBuffer
    var exchange: Name
    var routingKey: Name
    var properties: BasicProperties
    var mandatory: Bool
}
