import NIOConcurrencyHelpers
import NIOCore
import NIOPosix

/// A pool of channels of one connection, for tasks that need a channel for a short time.
///
/// Channels are opened when they are first needed, up to `size`. A task that finds no free channel waits, in order, up
/// to a deadline.
///
/// A channel is checked when it is given out and when it returns. It is discarded, and its place is free for another,
/// if it was closed by the broker, by its last user or otherwise, or if its state has changed: it has a consumer,
/// unsettled deliveries (which are requeued), a channel-wide prefetch (`qos(isGlobal: true)`), or transactions. If an
/// operation is still in progress when it returns, such as a publish without confirm, the pool first sends the broker a
/// request on that channel and waits for the reply, because the broker may still close the channel.
///
/// Publisher confirms that were enabled stay enabled, which does no harm. A channel with transactions cannot have
/// confirms: use a separate pool for transactions, with a `prepare` that calls `selectTransactions`; uncommitted work
/// is rolled back when the channel returns. A long-lived consumer needs a channel of its own, not one of a pool.
///
/// A task that holds a channel and requests another of the same pool may wait for itself: take one at a time.
public final class ChannelPool: Sendable {
    /// Sets up a newly opened channel. If it throws, the channel is closed and the waiting task gets the error.
    public typealias Preparation = @Sendable (Channel) async throws(ClientError) -> Void

    struct State {
        var machine: PoolMachine
        var channels: [PoolMachine.PlaceID: PooledChannel] = [:]
        var waiters: [PoolMachine.CheckoutID: Waiter<Result<ChannelLease, ClientError>>] = [:]
        var closers = WaiterList<Void>()
        /// Discarded channels that may not be closed yet: until then they keep their numbers.
        var leaving: [Channel] = []
        var openFailures: UInt64 = 0
        var lastError: ErrorReport?
    }

    /// The pool's name in reports.
    public let name: String
    /// The maximum number of open channels.
    public let size: Int
    /// How long a checkout without a timeout of its own waits.
    public let checkoutTimeout: Duration
    /// The connection of the pool's channels.
    public let connection: Connection

    let id: UInt64
    let prepare: Preparation?
    let state: NIOLockedValueBox<State>
    let timers = MultiThreadedEventLoopGroup.singleton.any()

    /// Creates a pool without opening a channel. A connection with a registry lists the pool in `ClientReport.pools`.
    ///
    /// - Parameters:
    ///   - connection: the connection on which channels are opened.
    ///   - size: the maximum number of open channels, at least one; the connection's `channel_max` limits it too.
    ///   - name: the name in reports; nil generates a numbered one.
    ///   - checkoutTimeout: how long a checkout without a timeout of its own waits.
    ///   - prepare: sets up every new channel, such as
    ///     `{ channel throws(ClientError) in try await channel.confirmSelect() }`.
    public init(
        _ connection: Connection,
        size: Int = 8,
        name: String? = nil,
        checkoutTimeout: Duration = .seconds(15),
        prepare: Preparation? = nil
    ) {
        id = ClientRegistry.makePoolID()
        self.connection = connection
        self.size = max(1, size)
        self.name = name ?? "pool-\(id)"
        self.checkoutTimeout = checkoutTimeout
        self.prepare = prepare
        state = NIOLockedValueBox(State(machine: PoolMachine(size: size)))
        connection.core.registry?.addPool(id) { [weak self] in self?.report }
    }

    deinit {
        connection.core.registry?.removePool(id)
        for pooled in state.withLockedValue({ $0.channels.values }) { pooled.channel.abandon() }
    }

    // MARK: Using a channel

    /// Runs `body` with a channel that no other task uses at the same time.
    ///
    /// Throws the errors of `checkout` and of `body`. The channel returns to the pool in any case; if it was left
    /// closed or changed, the next user gets another one. Do not let the channel escape from `body`.
    public func withChannel<Value: Sendable>(
        timeout: Duration? = nil,
        _ body: (Channel) async throws -> Value
    ) async throws -> Value {
        let lease = try await checkout(timeout: timeout)
        defer { checkin(lease) }
        return try await body(lease.channel)
    }

    /// Takes a channel until it is returned with `checkin`, or until there is no reference to the lease any more.
    ///
    /// Waits in order when all channels are in use. Throws `.poolTimeout` when none was returned in time,
    /// `.poolClosed`, `.cancelled`, and the errors of opening and preparing a channel: `.connectionClosed`, `.timeout`,
    /// and `.channelsExhausted` when `channel_max` is reached and no channel of this pool is in use that could be
    /// returned.
    public func checkout(timeout: Duration? = nil) async throws(ClientError) -> ChannelLease {
        if Task.isCancelled { throw Self.cancelled }
        if let lease = takeIdle() { return lease }
        let now = NIODeadline.now()
        let deadline = now + TimeAmount(max(timeout ?? checkoutTimeout, .zero))
        let result: Result<ChannelLease, ClientError> = await Waiter.wait(until: deadline, on: timers) { waiter in
            let actions = state.withLockedValue { state in
                state.waiters[waiter.id] = waiter
                return dropClosed(&state) + state.machine.checkoutRequested(waiter.id, now: now, deadline: deadline)
            }
            run(actions)
            return nil
        } givenUp: { [self] id, why in
            run(
                state.withLockedValue { state in
                    switch why {
                    case .cancelled: state.machine.checkoutCancelled(id)
                    case .overdue: state.machine.timePassed(.now())
                    }
                })
        }
        return try result.get()
    }

    /// Returns a channel. A second call does nothing, also if another task has the channel by then.
    public func checkin(_ lease: ChannelLease) {
        if lease.pool === self { giveBack(lease.place, lease.checkout) }
    }

    // MARK: Ending

    /// Closes the pool: waiting tasks get `.poolClosed`, idle channels are closed, those in use are closed when they
    /// return. After `timeout`, or when the task is cancelled, channels still in use are closed too.
    public func close(timeout: Duration = .seconds(5)) async {
        connection.core.registry?.removePool(id)
        run(state.withLockedValue { $0.machine.closeRequested() })
        await awaitEmpty(timeout: timeout)
        run(state.withLockedValue { $0.machine.closeForced() })
    }

    /// Whether the pool is closed.
    public var isClosed: Bool { state.withLockedValue { $0.machine.isClosed } }

    /// A report of what the pool has done and is doing.
    public var report: PoolReport {
        state.withLockedValue { state in
            let open = state.channels.values.count { $0.channel.isOpen }
            return PoolReport(
                id: id,
                connectionID: connection.id,
                name: name,
                channels: state.channels.values.map(\.channel.core.id).sorted(),
                size: size,
                open: open,
                inUse: state.machine.inUseCount,
                idle: state.machine.idlePlaces.count { state.channels[$0]?.channel.isOpen ?? false },
                waiting: state.machine.waitingCount,
                discarded: state.machine.discarded,
                timeouts: state.machine.timeouts,
                longestWait: Double(state.machine.longestWait.nanoseconds) / 1e9,
                openFailures: state.openFailures,
                lastError: state.lastError
            )
        }
    }
}
