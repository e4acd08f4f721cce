import RabbitMQClient

/// The pool that the model service publishes through.
enum PredictionPool: Sendable {
    case naive(NaivePool)
    case validated(ChannelPool)

    /// - Parameter opened: called for every opened channel.
    init(
        _ kind: ClosedChannelInPool.PoolKind, size: Int, on connection: Connection,
        opened: @escaping @Sendable (Channel) -> Void
    ) {
        switch kind {
        case .naive:
            self = .naive(
                NaivePool(size: size) { () throws(ClientError) in
                    let channel = try await connection.openChannel()
                    opened(channel)
                    return channel
                })
        case .validated:
            self = .validated(
                ChannelPool(connection, size: size, name: "predictions") { channel throws(ClientError) in
                    opened(channel)
                })
        }
    }

    /// Runs the body with a channel of the pool.
    func withChannel<Value: Sendable>(
        _ body: (Channel) async -> Value
    ) async throws(ClientError) -> Value {
        switch self {
        case .naive(let pool):
            let channel = try await pool.take()
            let value = await body(channel)
            await pool.giveBack(channel)
            return value
        case .validated(let pool):
            let lease = try await pool.checkout()
            defer { lease.checkin() }
            return await body(lease.channel)
        }
    }

    /// The number of channels that it discarded because they were closed.
    var discarded: Int {
        switch self {
        case .naive: 0
        case .validated(let pool): Int(clamping: pool.report.discarded)
        }
    }

    func close() async {
        switch self {
        case .naive: break
        case .validated(let pool): await pool.close(timeout: .seconds(1))
        }
    }
}
