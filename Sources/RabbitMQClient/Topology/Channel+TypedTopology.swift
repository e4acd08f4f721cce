import AMQPWire
import Names

// The operations of `Channel+Topology` with arguments by name instead of field tables. Errors as there.
extension Channel {
    /// Makes a queue of a type, or checks that one with these properties exists. An empty name lets the broker choose.
    ///
    /// `durable` nil takes what the type needs: quorum queues and streams are durable, a classic queue is not. `arguments`
    /// may name a type too; the one given here wins.
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

    /// Makes a queue, or checks that one with these properties exists. An empty name lets the broker choose. `durable` nil
    /// takes what the type named in `arguments` needs.
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

    /// Makes an exchange of a type, or checks that one with these properties exists.
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

    /// Binds a queue to a headers exchange.
    public func bindQueue(
        _ queue: some NameConvertible,
        exchange: some NameConvertible,
        matching match: HeadersMatch
    ) async throws(ClientError) {
        try await bindQueue(queue, exchange: exchange, arguments: match.table)
    }

    public func unbindQueue(
        _ queue: some NameConvertible,
        exchange: some NameConvertible,
        matching match: HeadersMatch
    ) async throws(ClientError) {
        try await unbindQueue(queue, exchange: exchange, arguments: match.table)
    }

    /// Routes what the headers exchange `source` receives, and what fits, on to `destination` too.
    public func bindExchange(
        _ destination: some NameConvertible,
        source: some NameConvertible,
        matching match: HeadersMatch
    ) async throws(ClientError) {
        try await bindExchange(destination, source: source, arguments: match.table)
    }

    public func unbindExchange(
        _ destination: some NameConvertible,
        source: some NameConvertible,
        matching match: HeadersMatch
    ) async throws(ClientError) {
        try await unbindExchange(destination, source: source, arguments: match.table)
    }
}
