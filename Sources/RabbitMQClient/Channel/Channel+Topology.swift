import AMQPWire
import Names

// Queues, exchanges and bindings. Each operation throws `.refused` when the broker closes the channel in reply
// (`closeReason` has code, text and method), `.noAnswer` when another operation closed the channel first, `.timeout`
// after the connection's `operationTimeout`, `.channelClosed` when the channel was closed before, `.connectionClosed`
// with the connection, and `.invalidArgument` for a name over 255 bytes.
extension Channel {
    /// Creates a queue, or checks that one with these properties exists. With an empty name the broker chooses one.
    ///
    /// Throws `.refused` when the broker closes the channel in reply (`closeReason` has code, text and method),
    /// `.noAnswer` when another operation closed the channel first, `.timeout` after the connection's
    /// `operationTimeout`, `.channelClosed` or `.connectionClosed` when channel or connection are closed, `.cancelled`
    /// with the task, and `.invalidArgument` for a name over 255 bytes.
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

    /// Returns a queue's ready messages and consumers without creating the queue. The broker refuses with 404 if the
    /// queue does not exist and with 405 if it is another connection's exclusive queue. Throws as `declareQueue` does.
    public func declareQueuePassive(_ name: some NameConvertible) async throws(ClientError) -> QueueDeclared {
        try await core.call(.queueDeclare(QueueDeclare(queue: name.asName, passive: true))).queueDeclared()
    }

    /// Declares many queues passively with one write and returns the results in the order of the names. A refusal
    /// closes the channel: the refused declaration fails with `.refused`, those after it with `.noAnswer`.
    public func declareQueuesPassive(_ names: [some NameConvertible]) async -> [Result<QueueDeclared, ClientError>] {
        await core.call(names.map { .queueDeclare(QueueDeclare(queue: $0.asName, passive: true)) }).map { result in
            result.flatMap { reply in
                do throws(ClientError) { return .success(try reply.queueDeclared()) } catch { return .failure(error) }
            }
        }
    }

    /// Deletes a queue and returns the number of messages deleted with it. With `ifUnused` or `ifEmpty` the broker
    /// refuses (406) to delete a queue that has consumers or messages. Throws as `declareQueue` does.
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

    /// Deletes a queue's ready messages and returns their number. Throws as `declareQueue` does.
    @discardableResult
    public func purgeQueue(_ name: some NameConvertible) async throws(ClientError) -> UInt32 {
        let reply = try await core.call(.queuePurge(QueuePurge(queue: name.asName)))
        if case .queuePurgeOk(let ok) = reply.method { return ok.messageCount }
        throw reply.mismatch
    }

    /// Binds a queue to an exchange. Throws as `declareQueue` does.
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

    /// Removes a queue's binding with this exchange, routing key and arguments. Throws as `declareQueue` does.
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

    /// Creates an exchange, or checks that one with these properties exists. Throws as `declareQueue` does.
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

    /// Checks that an exchange exists. The broker refuses with 404 if it does not. Throws as `declareQueue` does.
    public func declareExchangePassive(_ name: some NameConvertible) async throws(ClientError) {
        _ = try await core.call(.exchangeDeclare(ExchangeDeclare(exchange: name.asName, passive: true)))
    }

    /// Deletes an exchange. With `ifUnused` the broker refuses (406) to delete one that has bindings. Throws as
    /// `declareQueue` does.
    public func deleteExchange(_ name: some NameConvertible, ifUnused: Bool = false) async throws(ClientError) {
        _ = try await core.call(.exchangeDelete(ExchangeDelete(exchange: name.asName, ifUnused: ifUnused)))
    }

    /// Binds an exchange to another: messages that `source` receives are routed to `destination` too (RabbitMQ:
    /// exchange to exchange bindings). Throws as `declareQueue` does.
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

    /// Removes an exchange's binding to another one. Throws as `declareQueue` does.
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
