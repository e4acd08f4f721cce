import AMQPWire
import NIOCore

// Carries out the actions of the pool's machine, outside the lock.
extension ChannelPool {
    static let cancelled = ClientError(.cancelled, "The wait for a channel of the pool was cancelled.")

    /// Returns a lease if a channel is idle.
    func takeIdle() -> ChannelLease? {
        var lease: ChannelLease?
        let actions = state.withLockedValue { state in
            let dropped = dropClosed(&state)
            guard state.machine.nextIdle != nil else { return dropped }
            let id = WaiterIDs.next()
            let handed = state.machine.checkoutRequested(id, now: .now(), deadline: .distantFuture)
            if case .hand(let place, _) = handed.first, let channel = state.channels[place]?.channel {
                lease = ChannelLease(channel: channel, pool: self, place: place, checkout: id)
            }
            return dropped
        }
        run(actions)
        return lease
    }

    /// Discards idle channels that were closed, until the next idle one is open.
    func dropClosed(_ state: inout State) -> [PoolMachine.Action] {
        var actions: [PoolMachine.Action] = []
        while let place = state.machine.nextIdle, state.channels[place].map({ !$0.channel.isOpen }) ?? true {
            actions += state.machine.foundClosed(place)
        }
        return actions
    }

    func giveBack(_ place: PoolMachine.PlaceID, _ checkout: PoolMachine.CheckoutID) {
        guard let pooled = state.withLockedValue({ $0.channels[place] }) else { return }
        let condition = pooled.condition()
        run(state.withLockedValue { $0.machine.returned(place, by: checkout, condition, now: .now()) })
    }

    func run(_ actions: [PoolMachine.Action]) {
        for action in actions {
            switch action {
            // Without a parent: the channel is the pool's, whoever asked for it may leave, and `checkin` does not wait.
            // Both end by the connection's deadlines.
            case .open(let place): Task { await open(place) }
            case .prove(let place): Task { await prove(place) }
            case .hand(let place, let id): hand(place, to: id)
            case .fail(let id, let failure): finish(id, .failure(Self.error(failure, self)))
            case .discard(let place):
                let pooled = state.withLockedValue { state in
                    let pooled = state.channels.removeValue(forKey: place)
                    state.leaving.removeAll { $0.closeReason != nil }
                    if let channel = pooled?.channel { state.leaving.append(channel) }
                    return pooled
                }
                pooled?.channel.abandon()
            case .finish:
                state.withLockedValue { $0.closers.takeAll() }.resume(())
            }
        }
    }

    private func hand(_ place: PoolMachine.PlaceID, to id: PoolMachine.CheckoutID) {
        guard let channel = state.withLockedValue({ $0.channels[place]?.channel }) else {
            // The pool was closed by force at this moment.
            return finish(id, .failure(Self.error(.poolClosed, self)))
        }
        // If there is no waiter any more, the lease is dropped, which returns the channel.
        finish(id, .success(ChannelLease(channel: channel, pool: self, place: place, checkout: id)))
    }

    private func finish(_ id: PoolMachine.CheckoutID, _ result: Result<ChannelLease, ClientError>) {
        state.withLockedValue { $0.waiters.removeValue(forKey: id) }?.resume(result)
    }

    private static func error(_ failure: PoolMachine.Failure, _ pool: ChannelPool) -> ClientError {
        switch failure {
        case .overdue(let waited):
            ClientError(
                .poolTimeout,
                "No channel of pool '\(pool.name)' was free for \(waited.nanoseconds / 1_000_000) ms; it has \(pool.size)."
            )
        case .cancelled: cancelled
        case .poolClosed: ClientError(.poolClosed, "Pool '\(pool.name)' is closed.")
        case .notOpened(let error): error
        }
    }

    // MARK: Channels

    private func open(_ place: PoolMachine.PlaceID) async {
        do throws(ClientError) {
            let channel = try await openChannel()
            do throws(ClientError) {
                try await prepare?(channel)
            } catch {
                channel.abandon()
                throw error
            }
            // A request without a waiter may already have closed it.
            if let reason = channel.closeReason { throw .closed(reason, MethodID.channelOpen) }
            let pooled = PooledChannel(channel)
            run(
                state.withLockedValue { state in
                    state.channels[place] = pooled
                    return state.machine.opened(place, now: .now())
                }
            )
        } catch {
            let isExhausted = error.code == .channelsExhausted
            let now = connection.core.wallClock()
            run(
                state.withLockedValue { state in
                    state.openFailures += 1
                    state.lastError = ErrorReport(error, at: now)
                    return state.machine.openFailed(place, error, isExhausted: isExhausted)
                })
        }
    }

    /// If the connection has no further channel number, waits until the discarded channels are closed and tries once
    /// more.
    private func openChannel() async throws(ClientError) -> Channel {
        do throws(ClientError) {
            return try await connection.openChannel()
        } catch {
            guard error.code == .channelsExhausted else { throw error }
            let leaving = state.withLockedValue { state in
                defer { state.leaving.removeAll() }
                return state.leaving
            }
            if leaving.isEmpty { throw error }
            for channel in leaving { _ = await channel.closed() }
            return try await connection.openChannel()
        }
    }

    /// The broker processes a channel in order: once it replies, no earlier request can close the channel any more.
    private func prove(_ place: PoolMachine.PlaceID) async {
        guard let pooled = state.withLockedValue({ $0.channels[place] }) else { return }
        let proved = await pooled.proved()
        run(
            state.withLockedValue { state in
                if let proved, state.channels[place] != nil { state.channels[place] = proved }
                return state.machine.proved(place, isClean: proved != nil, now: .now())
            }
        )
    }

    // MARK: Ending

    /// Returns when no channel is left, or at the timeout.
    func awaitEmpty(timeout: Duration) async {
        await Waiter.wait(until: .now() + TimeAmount(max(timeout, .zero)), on: timers) { waiter in
            state.withLockedValue { state -> Void? in
                guard state.machine.placeCount > 0 else { return () }
                state.closers.append(waiter)
                return nil
            }
        } givenUp: { [self] id, _ in
            state.withLockedValue { $0.closers.take(id) }?.resume(())
        }
    }
}
