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

/// A pool as it is often written: a stack to which channels are returned after use. It does not consider that a channel
/// can be closed meanwhile: a returned channel is handed out again unchecked.
actor NaivePool {
    private let size: Int
    private let open: @Sendable () async throws(ClientError) -> Channel
    private var idle: [Channel] = []
    private var opened = 0
    private var waiting: [CheckedContinuation<Result<Channel, ClientError>, Never>] = []

    init(size: Int, open: @escaping @Sendable () async throws(ClientError) -> Channel) {
        self.size = max(1, size)
        self.open = open
    }

    /// Returns a returned channel, or a new one while there are fewer than `size`; otherwise waits until one is
    /// returned.
    func take() async throws(ClientError) -> Channel {
        if let channel = idle.popLast() { return channel }
        if opened < size {
            opened += 1
            do throws(ClientError) {
                return try await open()
            } catch {
                opened -= 1
                // No channel will be returned to the waiting tasks.
                for waiter in waiting { waiter.resume(returning: .failure(error)) }
                waiting.removeAll()
                throw error
            }
        }
        return try await withCheckedContinuation { waiting.append($0) }.get()
    }

    func giveBack(_ channel: Channel) {
        if waiting.isEmpty {
            idle.append(channel)
        } else {
            waiting.removeFirst().resume(returning: .success(channel))
        }
    }
}
