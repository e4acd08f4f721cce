import NIOConcurrencyHelpers
import NIOCore
import NIOPosix

/// A number of channels of one connection for tasks that need one for a moment.
///
/// Channels are opened when they are first needed, `size` at most. A task that finds none free waits in line, up to a
/// deadline. A channel is looked at when it is given out and when it comes back: one that was closed, by the broker, by
/// its last user or by anybody's hand, is thrown away and its place is free for another. So is one that did not come back
/// as it was: with a consumer, with deliveries that are not settled (they are requeued), with a prefetch for all of it
/// (`qos(isGlobal: true)`), or with transactions switched on. Where something is still under way when it comes back, a publish without confirm say, the
/// broker is asked for a word on that channel before anybody else gets it, as it may close it yet.
///
/// Confirms that a publish switched on stay on, and do no harm. A channel with transactions cannot have confirms: keep a
/// pool of its own for transactions, with a `prepare` that calls `selectTransactions`; what was not committed is rolled back
/// when the channel returns. A long-lived consumer wants a channel of its own and not one of a pool.
///
/// A task that holds a channel and asks the same pool for another may wait for itself: take one at a time.
public final class ChannelPool: Sendable {
    /// Sets up a channel that was just opened; when it throws, that channel is closed and who waited gets the error.
    public typealias Preparation = @Sendable (Channel) async throws(ClientError) -> Void

    struct State {
        var machine: PoolMachine
        var channels: [PoolMachine.PlaceID: PooledChannel] = [:]
        var waiters: [PoolMachine.CheckoutID: Waiter] = [:]
        var nextCheckout: PoolMachine.CheckoutID = 0
        var closers: [UInt64: UnsafeContinuation<Void, Never>] = [:]
        /// Thrown out, and perhaps not closed yet: until then they keep their numbers.
        var leaving: [Channel] = []
        var openFailures: UInt64 = 0
        var lastError: ErrorReport?

        mutating func makeCheckoutID() -> PoolMachine.CheckoutID {
            nextCheckout += 1
            return nextCheckout
        }
    }

    struct Waiter {
        var continuation: UnsafeContinuation<Result<ChannelLease, ClientError>, Never>
        var timer: Scheduled<Void>?
    }

    /// The name in reports.
    public let name: String
    /// The most channels open at a time.
    public let size: Int
    /// How long a checkout waits when it names no time of its own.
    public let checkoutTimeout: Duration
    public let connection: Connection

    let id: UInt64
    let prepare: Preparation?
    let state: NIOLockedValueBox<State>
    let timers = MultiThreadedEventLoopGroup.singleton.any()

    /// Makes a pool; no channel is opened yet. A connection with a registry shows it in `ClientReport.pools`.
    ///
    /// - Parameters:
    ///   - connection: what its channels are opened on.
    ///   - size: the most channels open at a time, one at least; the connection's `channel_max` bounds it too.
    ///   - name: for reports; nil numbers it.
    ///   - checkoutTimeout: how long a checkout waits when it names no time of its own.
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

    /// Runs `body` with a channel that nobody else uses meanwhile.
    ///
    /// Throws what `checkout` throws, and what `body` throws. The channel goes back in any case, and is of no concern to
    /// the next user when this one left it broken. Do not let it escape from `body`.
    public func withChannel<Value: Sendable>(
        timeout: Duration? = nil,
        _ body: (Channel) async throws -> Value
    ) async throws -> Value {
        let lease = try await checkout(timeout: timeout)
        defer { checkin(lease) }
        return try await body(lease.channel)
    }

    /// Takes a channel until it is given back with `checkin`, or until nobody refers to the lease any more.
    ///
    /// Waits in line when all are in use. Throws `.poolTimeout` when none came back in time, `.poolClosed`, `.cancelled`,
    /// and what opening and preparing a channel throws: `.connectionClosed`, `.timeout`, `.channelsExhausted` when
    /// `channel_max` is reached and no channel of this pool is in use that could come back.
    public func checkout(timeout: Duration? = nil) async throws(ClientError) -> ChannelLease {
        if Task.isCancelled { throw Self.cancelled }
        if let lease = takeIdle() { return lease }
        let now = NIODeadline.now()
        let deadline = now + TimeAmount(max(timeout ?? checkoutTimeout, .zero))
        let id = state.withLockedValue { $0.makeCheckoutID() }
        let result = await withTaskCancellationHandler {
            await withUnsafeContinuation { continuation in
                let actions = state.withLockedValue { state in
                    state.waiters[id] = Waiter(continuation: continuation)
                    return dropClosed(&state) + state.machine.checkoutRequested(id, now: now, deadline: deadline)
                }
                run(actions)
                startTimer(id, deadline)
                // A cancellation that came before the waiter was there found nobody.
                if Task.isCancelled { cancelWait(id) }
            }
        } onCancel: {
            cancelWait(id)
        }
        return try result.get()
    }

    /// Gives a channel back. A second time does nothing, also when somebody else has the channel by then.
    public func checkin(_ lease: ChannelLease) {
        if lease.pool === self { giveBack(lease.place, lease.checkout) }
    }

    // MARK: Ending

    /// Closes the pool: who waits gets `.poolClosed`, channels not in use are closed, those in use as they come back. After
    /// `timeout`, or when the task is cancelled, those still out are closed under their users.
    public func close(timeout: Duration = .seconds(5)) async {
        connection.core.registry?.removePool(id)
        run(state.withLockedValue { $0.machine.closeRequested() })
        await awaitEmpty(timeout: timeout)
        run(state.withLockedValue { $0.machine.closeForced() })
    }

    public var isClosed: Bool { state.withLockedValue { $0.machine.isClosed } }

    /// What it has done and is doing.
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
