import AMQPWire
import Names

// The operations of `Channel+Topology` with named arguments instead of field tables, and with the same errors.
extension Channel {
    /// Creates a queue of a type, or checks that one with these properties exists. With an empty name the broker
    /// chooses one. Throws as the method with a field table does.
    ///
    /// If `durable` is nil it is what the type needs: quorum queues and streams are durable, a classic queue is not.
    /// `type` takes precedence over a type in `arguments`.
    public func declareQueue(
        _ name: some NameConvertible = "",
        type: QueueType,
        durable: Bool? = nil,
        exclusive: Bool = false,
        autoDelete: Bool = false,
        arguments: QueueArguments = QueueArguments()
    ) async throws(ClientError) -> QueueDeclared {
        var arguments = arguments
        arguments.type = type
        return try await declareQueue(
            name,
            durable: durable ?? type.mustBeDurable,
            exclusive: exclusive,
            autoDelete: autoDelete,
            arguments: arguments.table
        )
    }

    /// Creates a queue, or checks that one with these properties exists. With an empty name the broker chooses one. If
    /// `durable` is nil it is what the type in `arguments` needs. Throws as the method with a field table does.
    public func declareQueue(
        _ name: some NameConvertible = "",
        durable: Bool? = nil,
        exclusive: Bool = false,
        autoDelete: Bool = false,
        arguments: QueueArguments
    ) async throws(ClientError) -> QueueDeclared {
        try await declareQueue(
            name,
            durable: durable ?? arguments.type?.mustBeDurable ?? false,
            exclusive: exclusive,
            autoDelete: autoDelete,
            arguments: arguments.table
        )
    }

    /// Creates an exchange of a type, or checks that one with these properties exists. Throws as `declareQueue` does.
    public func declareExchange(
        _ name: some NameConvertible,
        type: ExchangeType,
        durable: Bool = false,
        autoDelete: Bool = false,
        isInternal: Bool = false,
        arguments: ExchangeArguments = ExchangeArguments()
    ) async throws(ClientError) {
        try await declareExchange(
            name,
            type: type.name,
            durable: durable,
            autoDelete: autoDelete,
            isInternal: isInternal,
            arguments: arguments.table
        )
    }

    /// Binds a queue to a headers exchange. Throws as `declareQueue` does.
    public func bindQueue(
        _ queue: some NameConvertible,
        exchange: some NameConvertible,
        matching match: HeadersMatch
    ) async throws(ClientError) {
        try await bindQueue(queue, exchange: exchange, arguments: match.table)
    }

    /// Removes a queue's binding to a headers exchange. Throws as `declareQueue` does.
    public func unbindQueue(
        _ queue: some NameConvertible,
        exchange: some NameConvertible,
        matching match: HeadersMatch
    ) async throws(ClientError) {
        try await unbindQueue(queue, exchange: exchange, arguments: match.table)
    }

    /// Binds an exchange to the headers exchange `source`: matching messages are routed to `destination` too. Throws as
    /// `declareQueue` does.
    public func bindExchange(
        _ destination: some NameConvertible,
        source: some NameConvertible,
        matching match: HeadersMatch
    ) async throws(ClientError) {
        try await bindExchange(destination, source: source, arguments: match.table)
    }

    /// Removes an exchange's binding to the headers exchange `source`. Throws as `declareQueue` does.
    public func unbindExchange(
        _ destination: some NameConvertible,
        source: some NameConvertible,
        matching match: HeadersMatch
    ) async throws(ClientError) {
        try await unbindExchange(destination, source: source, arguments: match.table)
    }
}
