import AMQPWire

// Transactions and the channel's settings. Errors as in the topology operations.
extension Channel {
    /// Makes the channel transactional: what is published and settled on it takes effect with `commit`.
    public func selectTransactions() async throws(ClientError) {
        _ = try await core.call(.txSelect)
    }

    public func commit() async throws(ClientError) {
        _ = try await core.call(.txCommit)
    }

    /// Takes back what was published and settled since the last commit. Deliveries settled in it can be settled again.
    public func rollback() async throws(ClientError) {
        _ = try await core.call(.txRollback)
    }

    /// Limits how many deliveries may be unsettled: with `isGlobal` for all of the channel together, else for each consumer
    /// started from now on (RabbitMQ: consumer prefetch); `consume` sends its own `prefetch` over the latter. 0 is unlimited.
    public func qos(prefetch: UInt16, isGlobal: Bool = false) async throws(ClientError) {
        _ = try await core.call(.basicQos(BasicQos(prefetchCount: prefetch, isGlobal: isGlobal)))
    }

    /// Switches publisher confirms on. The first publish that asks for a confirm does the same.
    public func confirmSelect() async throws(ClientError) {
        _ = try await core.call(.confirmSelect(ConfirmSelect()))
    }

    /// Asks for all unsettled deliveries again, under new numbers; those at hand can no longer be settled.
    public func recover(requeue: Bool = true) async throws(ClientError) {
        _ = try await core.call(.basicRecover(BasicRecover(requeue: requeue)))
    }

    /// Asks the broker to pause or resume deliveries. RabbitMQ refuses `active: false` with 540: use `qos`.
    @discardableResult
    public func flow(active: Bool) async throws(ClientError) -> Bool {
        let reply = try await core.call(.channelFlow(ChannelFlow(active: active)))
        if case .channelFlowOk(let ok) = reply.method { return ok.active }
        throw reply.mismatch
    }
}
