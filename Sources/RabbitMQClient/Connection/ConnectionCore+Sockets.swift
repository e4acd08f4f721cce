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
            guard !state.machine.isGivenUp else { return false }
            state.socket.begin(endpoint)
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

    /// Returns when the handshake is complete. Throws why it failed.
    private func awaitOpen() async throws(ClientError) {
        let result: Result<Void, ClientError> = await Waiter.wait { waiter in
            state.withLockedValue { $0.socket.awaitOpening(waiter) }
        } cancelled: { _ in
            // The end of the socket resumes the waiter.
            eventLoop.execute {
                self.handler.value?.closeRequested(code: 200, text: "No longer wanted", timeout: .zero)
            }
        }
        try result.get()
    }

    func finishOpening(_ result: Result<Void, ClientError>) {
        state.withLockedValue { $0.socket.finishOpening(result) }?.resume(result)
    }

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
            state.withLockedValue { $0.socket.awaitEnd(waiter) }
        } cancelled: { _ in
        }
    }

    // MARK: The end of a socket

    /// Handles the loss of the socket: fails those who wait for a reply, and decides, once, whether channels and
    /// consumers wait for another socket.
    func socketLost(_ reason: CloseReason) {
        let now = wallClock()
        let (channels, secrets, action) = state.withLockedValue { state in
            let action = state.machine.socketLost(reason, at: now, now: .now(), random: .random(in: 0...1))
            if action == .suspendChannels(isNew: true) { state.record.lastError = ErrorReport(reason, at: now) }
            return (state.channels.all, state.socket.takeSecrets(), action)
        }
        // A task that is resumed because of the loss may use another channel at once; that channel must be suspended by
        // then, not failing.
        switch action {
        case .closeChannels: for channel in channels { channel.connectionClosed(reason) }
        case .suspendChannels(let isNew):
            let consequences = channels.map { $0.connectionLost(reason) }
            if isNew { state.withLockedValue { $0.machine.channelsSuspended() } }
            for run in consequences { run() }
        }
        secrets.resume(.failure(.lost(reason)))
        guard action == .suspendChannels(isNew: true) else { return }
        note(.connectionLost(reason))
        tellListeners()
    }

    /// Handles the end of the socket.
    func socketEnded(_ reason: CloseReason) {
        outbox.close()
        socketLost(reason)
        let (waiters, action) = state.withLockedValue { ($0.socket.ended(), $0.machine.socketEnded(reason)) }
        waiters.resume(())
        carryOut(action)
    }

    /// Carries out what the end of a socket, or a requested close, leads to.
    func carryOut(_ action: ConnectionMachine.EndAction) {
        switch action {
        case .none: break
        case .startRecovery(let delay): startRecovery(after: delay)
        case .close(let end): finish(end)
        }
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
