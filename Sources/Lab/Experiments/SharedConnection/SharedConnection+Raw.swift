import AMQPProxy
import AMQPWire
import NIOCore
import Names
import RabbitMQClient

extension SharedConnection {
    /// What keeps the frames of a publish together.
    enum Guard {
        case nothing, lock, channels
    }

    /// Publishes with frames written one by one, like a client that is not thread-safe.
    func publishRaw(to route: OrderRoute, keeping guardian: Guard) async throws(LabError) -> Double {
        let peer = try await rawPeer()
        do throws(RawPeerError) {
            for number in 1...(guardian == .channels ? producers : 1) { try await peer.openChannel(UInt16(number)) }
        } catch {
            await peer.end()
            throw LabError(.failed, "The producers could not open their channels: \(error).")
        }
        // Only a producer that dies waits for it, because the broker sends the reason only once.
        let listener = Task { await Self.end(of: peer) }
        let begun = ContinuousClock.now
        let dead = await withTaskCancellationHandler {
            await publishRaw(to: route, over: peer, keeping: guardian, listener)
        } onCancel: {
            // A publish that waits for a broker that does not read is ended only with its connection.
            Task { await peer.end() }
        }
        listener.cancel()
        context.recorder.detail("producers_died", .integer(dead))
        return Double(context.recorder.counts.published) / max((ContinuousClock.now - begun) / .seconds(1), 1e-3)
    }

    /// Runs the producers.
    ///
    /// - Returns: how many of them died.
    private func publishRaw(
        to route: OrderRoute, over peer: RawPeer, keeping guardian: Guard, _ listener: Task<RawPeerError?, Never>
    ) async -> Int {
        let lock = guardian == .lock ? FairLock() : nil
        let dead = await withTaskGroup(of: Bool.self) { group in
            for producer in 0..<producers {
                let publish = RawPublish(
                    channel: guardian == .channels ? UInt16(producer + 1) : 1, exchange: route.exchange, size: size)
                group.addTask {
                    let name = "producer \(producer)"
                    await join(producer)
                    do throws(RawPeerError) {
                        for number in 0..<messages where !Task.isCancelled {
                            let id = "\(producer)-\(number)"
                            let frames = try publish.frames(id)
                            context.recorder.published(id)
                            if let lock {
                                try await lock.send(frames, over: peer)
                            } else {
                                for frame in frames { try await peer.send(frame) }
                            }
                        }
                        return false
                    } catch {
                        context.recorder.error(await listener.value ?? error, application: name)
                        return true
                    }
                }
            }
            return await group.reduce(into: 0) { if $1 { $0 += 1 } }
        }
        // The close is answered after everything before it has been processed.
        if dead == 0, !Task.isCancelled { await peer.close(within: .seconds(30)) } else { await peer.end() }
        return dead
    }

    /// Returns why the broker ended the connection; nil if it did not.
    private static func end(of peer: RawPeer) async -> RawPeerError? {
        while true {
            do throws(RawPeerError) {
                _ = try await peer.nextMethod()
            } catch {
                // After the broker's close it would ignore further frames. A close by this side still waits for its
                // answer.
                if case .ended = error { return error }
                await peer.end()
                return error
            }
        }
    }

    private func rawPeer() async throws(LabError) -> RawPeer {
        let broker = context.broker.configuration
        do {
            var configuration = RawPeerConfiguration(
                address: RawPeerAddress(host: broker.host, port: broker.port, tls: try broker.tls?.makeContext()),
                username: broker.username, password: broker.password, name: "lab producers")
            configuration.virtualHost = broker.virtualHost
            return try await RawPeer.connect(configuration, on: context.group)
        } catch {
            throw LabError(.unreachable, "The producers could not connect: \(error).")
        }
    }
}

/// The separate frames of a publish.
private struct RawPublish: Sendable {
    let channel: UInt16
    let exchange: String
    let size: Int

    func frames(_ id: String) throws(RawPeerError) -> [ByteBuffer] {
        var method = ByteBuffer()
        var header = ByteBuffer()
        var body = ByteBuffer()
        do {
            try method.writeFrame(
                channel: channel,
                .basicPublish(BasicPublish(exchange: Name(exchange), routingKey: Name(OrderRoute.routingKey))))
            var properties = BasicProperties(messageID: id)
            properties.isPersistent = false
            let content = ByteBuffer(string: OrderBody.text(id, size: size))
            try header.writeFrame(
                channel: channel, ContentHeader(bodySize: UInt64(content.readableBytes), properties: properties))
            body.writeBodyFrames(channel: channel, body: content, frameMax: 0)
        } catch {
            throw .wire(error)
        }
        return [method, header, body]
    }
}

extension FairLock {
    fileprivate func send(_ frames: [ByteBuffer], over peer: RawPeer) async throws(RawPeerError) {
        let failure = await withLock { () async -> RawPeerError? in
            do throws(RawPeerError) {
                for frame in frames { try await peer.send(frame) }
                return nil
            } catch {
                return error
            }
        }
        if let failure { throw failure }
    }
}

/// The content of a message: its id, and dots up to the required size.
enum OrderBody {
    static func text(_ id: String, size: Int) -> String {
        id + String(repeating: ".", count: max(0, size - id.utf8.count))
    }
}
