import AMQPWire
import NIOConcurrencyHelpers
import NIOCore
import NIOPosix
import NIOSSL
import Names

/// An AMQP 0-9-1 peer that logs in as a client does, and then sends any bytes: for misuse that a correct client does
/// not commit.
///
/// Every wait for the broker has a deadline. Frames that are not requested are kept up to a limit, at which the peer
/// stops reading. The connection ends by `close`, `reset` or the broker.
public final class RawPeer: Sendable {
    /// The configuration that the peer was connected with.
    public let configuration: RawPeerConfiguration
    /// The connection's name in RabbitMQ, `127.0.0.1:43210 -> 127.0.0.1:5672`, if no proxy is in between.
    public let connection: String
    let channel: any Channel
    let handler: NIOLoopBound<RawPeerHandler>

    private init(
        _ configuration: RawPeerConfiguration, channel: any Channel, handler: NIOLoopBound<RawPeerHandler>
    ) {
        self.configuration = configuration
        self.channel = channel
        self.handler = handler
        connection = "\(channel.localAddress?.place ?? "?") -> \(channel.remoteAddress?.place ?? "?")"
    }

    /// Connects and logs in.
    ///
    /// - Throws: `connectionClosed` if the broker refuses the login or the virtual host.
    public static func connect(
        _ configuration: RawPeerConfiguration, on group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton
    ) async throws(RawPeerError) -> RawPeer {
        let peer = try await socket(configuration, on: group)
        do {
            try await peer.logIn()
            return peer
        } catch {
            await peer.end()
            throw error
        }
    }

    private static func socket(
        _ configuration: RawPeerConfiguration, on group: any EventLoopGroup
    ) async throws(RawPeerError) -> RawPeer {
        let address = configuration.address
        let made = NIOLockedValueBox<NIOLoopBound<RawPeerHandler>?>(nil)
        var bootstrap = ClientBootstrap(group: group)
            .channelOption(.autoRead, value: false)
            .channelOption(.socketOption(.tcp_nodelay), value: 1)
            .connectTimeout(TimeAmount(configuration.patience))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let tls = address.tls {
                        try channel.pipeline.syncOperations.addHandler(
                            NIOSSLClientHandler(context: tls, serverHostname: address.host.asServerName))
                    }
                    let handler = RawPeerHandler()
                    try channel.pipeline.syncOperations.addHandler(handler)
                    made.withLockedValue { $0 = NIOLoopBound(handler, eventLoop: channel.eventLoop) }
                }
            }
        if let size = configuration.receiveBuffer {
            bootstrap = bootstrap.channelOption(.socketOption(.so_rcvbuf), value: SocketOptionValue(size))
        }
        do {
            let channel = try await bootstrap.connect(host: address.host, port: address.port).get()
            guard let handler = made.withLockedValue({ $0 }) else { throw ChannelError.ioOnClosedChannel }
            return RawPeer(configuration, channel: channel, handler: handler)
        } catch {
            throw .unreachable(ProxyServer.words(error))
        }
    }

    // MARK: Sending

    /// Sends bytes unchanged, and waits until the system has accepted them.
    ///
    /// - Parameter time: how long that may take; nil: as long as the connection lives.
    public func send(_ bytes: ByteBuffer, within time: Duration? = nil) async throws(RawPeerError) {
        let promise = channel.eventLoop.makePromise(of: Void.self)
        let (channel, handler) = (self.channel, self.handler)
        channel.eventLoop.execute {
            // Nothing is sent after `connection.close`, because the broker would ignore it.
            if let end = handler.value.end { return promise.fail(end) }
            channel.writeAndFlush(bytes, promise: promise)
        }
        if let time {
            let timer = channel.eventLoop.scheduleTask(in: TimeAmount(time)) {
                promise.fail(RawPeerError.silent("room in the socket's buffer"))
            }
            promise.futureResult.whenComplete { _ in timer.cancel() }
        }
        do {
            try await promise.futureResult.get()
        } catch {
            if let error = error as? RawPeerError { throw error }
            throw (try? await onLoop { $0.end }) ?? .ended("the socket is closed")
        }
    }

    /// Sends methods, each in a frame of its own.
    public func send(_ methods: Method..., on number: UInt16 = 0) async throws(RawPeerError) {
        var bytes = ByteBuffer()
        do {
            for method in methods { try bytes.writeFrame(channel: number, method) }
        } catch {
            throw .wire(error)
        }
        try await send(bytes, within: configuration.patience)
    }

    /// Discards headers and bodies of messages unread from now on.
    public func dropContent() async { _ = try? await onLoop { $0.keepsContent = false } }

    /// Stops reading: what the broker sends fills the socket buffers.
    public func stopReading() async { _ = try? await onLoop { $0.isReading = false } }

    // MARK: Receiving

    /// Returns the next frame that is not a heartbeat.
    ///
    /// - Parameter time: how long it may take; nil: as long as the connection lives.
    public func next(_ what: String = "a frame", within time: Duration? = nil) async throws(RawPeerError) -> RawFrame {
        let amount = time.map { TimeAmount($0) }
        let loop = channel.eventLoop
        let handler = self.handler
        do {
            return try await loop.flatSubmit { handler.value.next(what, within: amount, on: loop) }.get()
        } catch {
            throw (error as? RawPeerError) ?? .ended("the socket is closed")
        }
    }

    /// Returns the next method. A close by the broker is answered and thrown; frames of messages are skipped.
    public func nextMethod(
        _ what: String = "a method", within time: Duration? = nil
    ) async throws(RawPeerError) -> (channel: UInt16, method: Method) {
        let deadline = time.map { ContinuousClock.now + $0 }
        while true {
            let frame = try await next(what, within: deadline.map { max(.zero, ContinuousClock.now.duration(to: $0)) })
            guard frame.type == .method else { continue }
            let method: Method
            do {
                method = try Method(payload: frame.payload)
            } catch {
                throw .wire(error)
            }
            switch method {
            case .connectionClose(let close):
                try? await send(.connectionCloseOk)
                throw .connectionClosed(close)
            case .channelClose(let close):
                try? await send(.channelCloseOk, on: frame.channel)
                throw .channelClosed(frame.channel, close)
            default: return (frame.channel, method)
            }
        }
    }

    /// Waits for a certain method and skips all others.
    ///
    /// - Parameters:
    ///   - what: its name, for the error if it does not arrive.
    ///   - time: how long it may take; nil: the peer's usual limit.
    ///   - pick: returns the wanted value of the method, or nil for another method.
    public func expect<Value>(
        _ what: String, within time: Duration? = nil, _ pick: (Method) -> Value?
    ) async throws(RawPeerError) -> Value {
        let deadline = ContinuousClock.now + (time ?? configuration.patience)
        while true {
            let left = max(.zero, ContinuousClock.now.duration(to: deadline))
            let (_, method) = try await nextMethod(what, within: left)
            if let value = pick(method) { return value }
        }
    }

    // MARK: Ending

    /// Sends `connection.close`, waits for the answer, and closes the socket.
    ///
    /// - Returns: whether the broker answered in time.
    @discardableResult
    public func close(within time: Duration = .seconds(2)) async -> Bool {
        let loop = channel.eventLoop
        let handler = self.handler
        let answered = try? await loop.flatSubmit {
            handler.value.closeConnection(within: TimeAmount(time)) ?? loop.makeSucceededFuture(false)
        }.get()
        await end()
        return answered ?? false
    }

    /// Ends the connection with a TCP reset (SO_LINGER of 0), without an AMQP close.
    public func reset() async {
        if let options = channel as? any SocketOptionProvider {
            _ = options.setSoLinger(linger(l_onoff: 1, l_linger: 0))
        }
        await end()
    }

    /// Closes the socket without an AMQP close.
    public func end() async {
        _ = try? await onLoop { $0.giveUpAll() }
        channel.close(promise: nil)
        try? await channel.closeFuture.get()
    }

    /// Waits until the socket is closed; returns immediately when the task is cancelled.
    public func ended() async {
        let (end, continuation) = AsyncStream<Never>.makeStream()
        channel.closeFuture.whenComplete { _ in continuation.finish() }
        for await _ in end {}
    }

    /// Whether the socket is open.
    public var isOpen: Bool { channel.isActive }

    func onLoop<Value: Sendable>(_ body: @escaping @Sendable (RawPeerHandler) throws -> Value) async throws -> Value {
        let handler = self.handler
        return try await channel.eventLoop.submit { try body(handler.value) }.get()
    }
}

extension RawPeer {
    /// The client properties. Their capabilities make the broker send notifications that it would omit otherwise.
    private var clientProperties: FieldTable {
        [
            "connection_name": .string(configuration.name), "product": "rabbittop raw peer", "platform": "Swift",
            "capabilities": [
                "publisher_confirms": true, "exchange_exchange_bindings": true, "basic.nack": true,
                "consumer_cancel_notify": true, "authentication_failure_close": true,
            ],
        ]
    }

    /// The largest frame that is accepted, in bytes: RabbitMQ's own proposal.
    private static let largestFrame: UInt32 = 131_072

    /// Performs the handshake (AMQP 0-9-1, section 2.2.4) with SASL PLAIN.
    func logIn() async throws(RawPeerError) {
        var header = ByteBuffer()
        header.writeProtocolHeader()
        try await send(header, within: configuration.patience)
        try await expect("connection.start") { if case .connectionStart = $0 { () } else { nil } }
        let response = [0] + Array(configuration.username.utf8) + [0] + Array(configuration.password.utf8)
        try await send(
            .connectionStartOk(ConnectionStartOk(clientProperties: clientProperties, response: response)))
        let tune: ConnectionTune = try await expect("connection.tune") {
            if case .connectionTune(let tune) = $0 { tune } else { nil }
        }
        let frameMax = tune.frameMax == 0 ? Self.largestFrame : min(tune.frameMax, Self.largestFrame)
        _ = try? await onLoop { $0.agree(onFrameMax: frameMax) }
        try await send(
            .connectionTuneOk(
                ConnectionTuneOk(
                    channelMax: tune.channelMax, frameMax: frameMax, heartbeat: configuration.heartbeat)),
            .connectionOpen(ConnectionOpen(virtualHost: Name(configuration.virtualHost))))
        try await expect("connection.open-ok") { if case .connectionOpenOk = $0 { () } else { nil } }
        guard configuration.sendsHeartbeats, configuration.heartbeat > 0 else { return }
        let interval = TimeAmount.milliseconds(500 * Int64(configuration.heartbeat))
        _ = try? await onLoop { $0.beat(every: interval) }
    }

    /// Opens a channel.
    public func openChannel(_ number: UInt16 = 1) async throws(RawPeerError) {
        try await send(.channelOpen, on: number)
        try await expect("channel.open-ok") { if case .channelOpenOk = $0 { () } else { nil } }
    }
}
