import AMQPWire
import Names

// Queues, exchanges and bindings. Each operation throws `.refused` when the broker answers it by closing the channel
// (`closeReason` has code, text and method), `.noAnswer` when another operation closed the channel first, `.timeout`
// after the connection's `operationTimeout`, `.channelClosed` when the channel was closed before, `.connectionClosed`
// with the connection, and `.invalidArgument` for a name over 255 bytes.
extension Channel {
    /// Makes a queue, or checks that one with these properties exists. An empty name lets the broker choose.
    public func declareQueue(
        _ name: some NameConvertible = "",
        durable: Bool = false,
        exclusive: Bool = false,
        autoDelete: Bool = false,
        arguments: FieldTable = [:]
    ) async throws(ClientError) -> QueueDeclared {
        let method = Method.queueDeclare(
            QueueDeclare(
                queue: name.asName,
                durable: durable,
                exclusive: exclusive,
                autoDelete: autoDelete,
                arguments: arguments
            )
        )
        return try await core.call(method).queueDeclared()
    }

    /// Asks for a queue's ready messages and consumers without making it. 404 when it is missing, 405 when it is another
    /// connection's exclusive queue.
    public func declareQueuePassive(_ name: some NameConvertible) async throws(ClientError) -> QueueDeclared {
        try await core.call(.queueDeclare(QueueDeclare(queue: name.asName, passive: true))).queueDeclared()
    }

    /// Asks for many queues with one write. The results are in the order of the names. When one is refused the channel
    /// closes: that one fails with `.refused`, those behind it with `.noAnswer`.
    public func declareQueuesPassive(_ names: [some NameConvertible]) async -> [Result<QueueDeclared, ClientError>] {
        await core.call(names.map { .queueDeclare(QueueDeclare(queue: $0.asName, passive: true)) }).map { result in
            result.flatMap { reply in
                do throws(ClientError) { return .success(try reply.queueDeclared()) } catch { return .failure(error) }
            }
        }
    }

    /// Deletes a queue; returns how many messages went with it.
    @discardableResult
    public func deleteQueue(
        _ name: some NameConvertible,
        ifUnused: Bool = false,
        ifEmpty: Bool = false
    ) async throws(ClientError) -> UInt32 {
        let reply = try await core.call(
            .queueDelete(QueueDelete(queue: name.asName, ifUnused: ifUnused, ifEmpty: ifEmpty))
        )
        if case .queueDeleteOk(let ok) = reply.method { return ok.messageCount }
        throw reply.mismatch
    }

    /// Drops a queue's ready messages; returns how many.
    @discardableResult
    public func purgeQueue(_ name: some NameConvertible) async throws(ClientError) -> UInt32 {
        let reply = try await core.call(.queuePurge(QueuePurge(queue: name.asName)))
        if case .queuePurgeOk(let ok) = reply.method { return ok.messageCount }
        throw reply.mismatch
    }

    public func bindQueue(
        _ queue: some NameConvertible,
        exchange: some NameConvertible,
        routingKey: some NameConvertible = "",
        arguments: FieldTable = [:]
    ) async throws(ClientError) {
        _ = try await core.call(
            .queueBind(
                QueueBind(
                    queue: queue.asName, exchange: exchange.asName, routingKey: routingKey.asName, arguments: arguments)
            )
        )
    }

    public func unbindQueue(
        _ queue: some NameConvertible,
        exchange: some NameConvertible,
        routingKey: some NameConvertible = "",
        arguments: FieldTable = [:]
    ) async throws(ClientError) {
        _ = try await core.call(
            .queueUnbind(
                QueueUnbind(
                    queue: queue.asName, exchange: exchange.asName, routingKey: routingKey.asName, arguments: arguments)
            )
        )
    }

    /// Makes an exchange, or checks that one with these properties exists.
    public func declareExchange(
        _ name: some NameConvertible,
        type: String = "direct",
        durable: Bool = false,
        autoDelete: Bool = false,
        isInternal: Bool = false,
        arguments: FieldTable = [:]
    ) async throws(ClientError) {
        _ = try await core.call(
            .exchangeDeclare(
                ExchangeDeclare(
                    exchange: name.asName,
                    type: Name(type),
                    durable: durable,
                    autoDelete: autoDelete,
                    isInternal: isInternal,
                    arguments: arguments
                )
            )
        )
    }

    /// Checks that an exchange exists; 404 when it does not.
    public func declareExchangePassive(_ name: some NameConvertible) async throws(ClientError) {
        _ = try await core.call(.exchangeDeclare(ExchangeDeclare(exchange: name.asName, passive: true)))
    }

    public func deleteExchange(_ name: some NameConvertible, ifUnused: Bool = false) async throws(ClientError) {
        _ = try await core.call(.exchangeDelete(ExchangeDelete(exchange: name.asName, ifUnused: ifUnused)))
    }

    /// Routes what `source` receives on to `destination` too.
    public func bindExchange(
        _ destination: some NameConvertible,
        source: some NameConvertible,
        routingKey: some NameConvertible = "",
        arguments: FieldTable = [:]
    ) async throws(ClientError) {
        let bind = ExchangeBind(
            destination: destination.asName, source: source.asName, routingKey: routingKey.asName, arguments: arguments)
        _ = try await core.call(.exchangeBind(bind))
    }

    public func unbindExchange(
        _ destination: some NameConvertible,
        source: some NameConvertible,
        routingKey: some NameConvertible = "",
        arguments: FieldTable = [:]
    ) async throws(ClientError) {
        let unbind = ExchangeUnbind(
            destination: destination.asName,
            source: source.asName,
            routingKey: routingKey.asName,
            arguments: arguments
        )
        _ = try await core.call(.exchangeUnbind(unbind))
    }
}

extension Reply {
    fileprivate func queueDeclared() throws(ClientError) -> QueueDeclared {
        guard case .queueDeclareOk(let ok) = method else { throw mismatch }
        return QueueDeclared(name: ok.queue, messageCount: ok.messageCount, consumerCount: ok.consumerCount)
    }
}
