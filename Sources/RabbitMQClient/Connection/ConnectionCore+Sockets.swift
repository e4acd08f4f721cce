import AMQPWire
import NIOCore
import NIOPosix
internal import NIOSSL
import Names

// The sockets of a connection: opening one after the other, and handling the end of each.
extension ConnectionCore {
    /// Connects to the first endpoint that answers; nothing is restored yet. Throws the last endpoint's error. A
    /// permanent error is thrown only if it concerns all endpoints, as a wrong password does, or if every endpoint has
    /// one.
    func openSocket() async throws(ClientError) {
        var endpoints = configuration.endpoints
        if configuration.shufflesEndpoints { endpoints.shuffle() }
        var failure: ClientError?
        for endpoint in endpoints {
            do throws(ClientError) {
                return try await openSocket(endpoint)
            } catch {
                if failure == nil || failure?.isPermanent == true || !error.isPermanent { failure = error }
                switch error.code {
                case .accessRefused, .virtualHostRefused, .cancelled: throw error
                default: break
                }
            }
        }
        throw failure ?? ClientError(.invalidArgument, "There is no endpoint to connect to.")
    }

    private func openSocket(_ endpoint: Endpoint) async throws(ClientError) {
        if Task.isCancelled { throw Self.givenUp }
        let configuration = self.configuration
        let tls = try await configuration.makeTLSContext()
        let deadline = NIODeadline.now() + TimeAmount(configuration.connectTimeout)
        let isWanted = state.withLockedValue { state in
            guard !state.isGivenUp else { return false }
            state.machine = ConnectionMachine(proposal: proposal)
            state.opening = nil
            state.endpoint = endpoint
            state.socketNumber += 1
            state.name = "-> \(endpoint)"
            state.blockedReason = nil
            return true
        }
        guard isWanted else { throw Self.givenUp }
        outbox.reopen()
        let bootstrap = ClientBootstrap(group: eventLoop)
            .connectTimeout(TimeAmount(configuration.connectTimeout))
            .channelOption(.socketOption(.tcp_nodelay), value: 1)
            .channelOption(.writeBufferWaterMark, value: .init(low: 1 << 18, high: 1 << 20))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let tls {
                        let name = configuration.tlsServerName(for: endpoint)
                        let handler = try NIOSSLClientHandler(context: tls, serverHostname: name)
                        try channel.pipeline.syncOperations.addHandler(handler)
                    }
                    let handler = ConnectionHandler(self, handshakeDeadline: deadline)
                    try channel.pipeline.syncOperations.addHandler(handler)
                }
            }
        do {
            _ = try await bootstrap.connect(host: endpoint.host, port: endpoint.port).get()
        } catch {
            if isGivenUp { throw Self.givenUp }
            throw ClientError.connecting(to: endpoint, failed: error)
        }
        // The connection was given up while it connected, when there was nothing to close yet.
        if isGivenUp { await endSocket() }
        do throws(ClientError) {
            try await awaitOpen()
        } catch {
            await awaitSocketEnd()
            throw error
        }
    }

    private static let givenUp = ClientError(.cancelled, "The connection was given up before it was open.")

    var isGivenUp: Bool { state.withLockedValue { $0.isGivenUp } }

    func socketOpened() { state.withLockedValue { $0.hasSocket = true } }

    /// Ends the current socket, if there is one, and returns when it is closed.
    func endSocket() async {
        eventLoop.execute {
            self.handler.value?.closeRequested(code: 200, text: "Goodbye", timeout: .seconds(1))
        }
        await awaitSocketEnd()
    }

    /// The deadlines of handshake and close bound this wait; a cancellation does not end it.
    private func awaitSocketEnd() async {
        await Waiter.wait { waiter in
            state.withLockedValue { state -> Void? in
                guard state.hasSocket else { return () }
                state.socketWaiters.append(waiter)
                return nil
            }
        } cancelled: { _ in
        }
    }

    // MARK: The end of a socket

    /// Handles the loss of the socket: fails those who wait for a reply, and decides, once, whether channels and
    /// consumers wait for another socket.
    func socketLost(_ reason: CloseReason) {
        let now = wallClock()
        let (channels, secrets, recovers, begins) = state.withLockedValue { state in
            defer { state.secretWaiters.removeAll() }
            var recovers = false
            var begins = false
            switch state.phase {
            case .idle, .connecting, .closed: break
            case .recovering: recovers = !state.isGivenUp
            case .open:
                guard !state.isGivenUp else { break }
                let error = ClientError(.connectionClosed, "The connection was lost (\(reason)).", closeReason: reason)
                let action = state.recovery.failed(
                    error, policy: configuration.recovery, now: .now(), random: .random(in: 0...1))
                guard case .wait(let attempt, let delay) = action else { break }
                state.phase = .recovering(attempt: attempt, delay: delay, error: error)
                state.isSuspending = true
                state.loss = RecoveryReport(lostAt: now, reason: reason)
                state.lastError = ErrorReport(reason, at: now)
                recovers = true
                begins = true
            }
            return (Array(state.channels.values), state.secretWaiters, recovers, begins)
        }
        // A task that is resumed because of the loss may use another channel at once; that channel must be suspended by
        // then, not failing.
        let consequences = recovers ? channels.map { $0.connectionLost(reason) } : []
        if begins { state.withLockedValue { $0.isSuspending = false } }
        for run in consequences { run() }
        if !recovers { for channel in channels { channel.connectionClosed(reason) } }
        for secret in secrets { secret.waiter?.resume(.failure(.lost(reason))) }
        guard begins else { return }
        note(.connectionLost(reason))
        tellListeners()
    }

    /// Handles the end of the socket.
    func socketEnded(_ reason: CloseReason) {
        outbox.close()
        socketLost(reason)
        let (waiters, ends, recovers) = state.withLockedValue { state in
            state.hasSocket = false
            state.blockedReason = nil
            var recovers = false
            var ends = false
            switch state.phase {
            case .open: ends = true
            case .recovering: recovers = state.supervisor == nil
            case .idle, .connecting, .closed: break
            }
            return (state.socketWaiters.takeAll(), ends, recovers)
        }
        waiters.resume(())
        if ends { finishForGood(reason, reason.isOrderly ? nil : .lost(reason)) }
        if recovers { startRecovery() }
    }
}

extension SocketAddress {
    /// `address:port`, as the broker writes it.
    var text: String? {
        guard let ipAddress, let port else { return nil }
        return String(host: ipAddress, port: port)
    }
}

extension TimeAmount {
    static func / (amount: TimeAmount, divisor: Int64) -> TimeAmount { .nanoseconds(amount.nanoseconds / divisor) }
}
