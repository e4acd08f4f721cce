import AMQPWire

// Transactions and the channel's settings. The errors are those of the topology operations.
extension Channel {
    /// Makes the channel transactional: messages published and deliveries settled on it take effect with `commit`.
    /// Throws as `declareQueue` does.
    public func selectTransactions() async throws(ClientError) {
        _ = try await core.call(.txSelect)
    }

    /// Commits the current transaction. Throws as `declareQueue` does.
    public func commit() async throws(ClientError) {
        _ = try await core.call(.txCommit)
    }

    /// Rolls back the current transaction: what was published and settled since the last commit has no effect.
    /// Deliveries settled in it can be settled again. Throws as `declareQueue` does.
    public func rollback() async throws(ClientError) {
        _ = try await core.call(.txRollback)
    }

    /// Limits the number of unsettled deliveries; 0 is unlimited. With `isGlobal` the limit applies to the whole
    /// channel, otherwise to each consumer started afterwards (RabbitMQ: consumer prefetch); `consume` replaces the
    /// latter with its own `prefetch`. Throws as `declareQueue` does.
    public func qos(prefetch: UInt16, isGlobal: Bool = false) async throws(ClientError) {
        _ = try await core.call(.basicQos(BasicQos(prefetchCount: prefetch, isGlobal: isGlobal)))
    }

    /// Enables publisher confirms. The first publish that needs a confirm does the same. Throws as `declareQueue` does.
    public func confirmSelect() async throws(ClientError) {
        _ = try await core.call(.confirmSelect(ConfirmSelect()))
    }

    /// Requests redelivery of all unsettled deliveries, with new delivery tags; the earlier deliveries can no longer be
    /// settled. Throws as `declareQueue` does.
    public func recover(requeue: Bool = true) async throws(ClientError) {
        _ = try await core.call(.basicRecover(BasicRecover(requeue: requeue)))
    }

    /// Asks the broker to pause or resume deliveries, and returns the state that the broker confirms. RabbitMQ refuses
    /// `active: false` with 540: use `qos` instead. Throws as `declareQueue` does.
    @discardableResult
    public func flow(active: Bool) async throws(ClientError) -> Bool {
        let reply = try await core.call(.channelFlow(ChannelFlow(active: active)))
        if case .channelFlowOk(let ok) = reply.method { return ok.active }
        throw reply.mismatch
    }
}
