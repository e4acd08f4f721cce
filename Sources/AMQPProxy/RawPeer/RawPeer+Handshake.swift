import AMQPWire
import NIOCore
import Names

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
