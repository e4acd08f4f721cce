import AMQPWire
import Foundation
import NIOCore
import Names

// What RabbitMQ answers with a reply code on the channel, which it closes.
extension Misuse {
    /// 403
    static func accessRefused(_ how: String) -> Misuse {
        let stage: Stage =
            switch how {
            case "login": .login { $0.password += " is not it" }
            case "publish":
                // An internal exchange: no client may publish to it.
                .channel { peer async throws(RawPeerError) in
                    try await peer.publish(to: "amq.rabbitmq.trace", routingKey: "rabbittop")
                }
            default:
                // Names that begin with amq. are the broker's own.
                .channel { peer async throws(RawPeerError) in
                    try await peer.send(
                        .exchangeDeclare(ExchangeDeclare(exchange: "amq.rabbittop", autoDelete: true)), on: 1)
                }
            }
        return Misuse(.accessRefused, stage)
    }

    /// 404
    static func notFound(_ how: String, name: String) -> Misuse {
        Misuse(
            .notFound,
            .channel { peer async throws(RawPeerError) in
                switch how {
                case "consume": try await peer.send(.basicConsume(BasicConsume(queue: Name(name))), on: 1)
                case "publish": try await peer.publish(to: Name(name), routingKey: "rabbittop")
                default: try await peer.send(.queueDeclare(QueueDeclare(queue: Name(name), passive: true)), on: 1)
                }
            })
    }

    /// 405: another connection's exclusive queue.
    static let resourceLocked = Misuse(
        .resourceLocked,
        .both { owner, other async throws(RawPeerError) in
            let queue = try await owner.declareOwnQueue()
            try await other.send(.queueDeclare(QueueDeclare(queue: queue, passive: true)), on: 1)
        })

    /// 406
    static func preconditionFailed(_ how: String, size: Int) -> Misuse {
        Misuse(
            .preconditionFailed,
            .channel { peer async throws(RawPeerError) in
                switch how {
                case "redeclare":
                    // Names that the broker has made may not be declared again: one of our own.
                    let queue: Name = "rabbittop.fault.\(UUID().uuidString.lowercased())"
                    try await peer.send(
                        .queueDeclare(QueueDeclare(queue: queue, exclusive: true)),
                        .queueDeclare(QueueDeclare(queue: queue, exclusive: true, autoDelete: true)), on: 1)
                case "confirm-in-transaction":
                    try await peer.send(.txSelect, .confirmSelect(ConfirmSelect()), on: 1)
                case "message-too-large": try await peer.publishZeros(size)
                default: try await peer.send(.basicAck(BasicAck(deliveryTag: 987_654_321)), on: 1)
                }
            })
    }
}

extension RawPeer {
    /// An exclusive queue with a name of the broker's: it goes with the connection.
    func declareOwnQueue() async throws(RawPeerError) -> Name {
        try await send(.queueDeclare(QueueDeclare(exclusive: true)), on: 1)
        return try await expect("queue.declare-ok") { if case .queueDeclareOk(let ok) = $0 { ok.queue } else { nil } }
    }

    /// Publishes an empty message on channel 1.
    func publish(to exchange: Name, routingKey: Name, immediate: Bool = false) async throws(RawPeerError) {
        var bytes = ByteBuffer()
        do {
            try bytes.writeContent(
                channel: 1,
                .basicPublish(BasicPublish(exchange: exchange, routingKey: routingKey, immediate: immediate)),
                properties: BasicProperties(), body: ByteBuffer(), frameMax: 0)
        } catch {
            throw .wire(error)
        }
        try await send(bytes, within: configuration.patience)
    }

    /// Publishes a message of so many zeros on channel 1, to a queue that is not there. They are not gathered: a frame is
    /// sent again and again.
    func publishZeros(_ size: Int) async throws(RawPeerError) {
        var bytes = ByteBuffer()
        do {
            try bytes.writeFrame(channel: 1, .basicPublish(BasicPublish(routingKey: "rabbittop")))
            try bytes.writeFrame(channel: 1, ContentHeader(bodySize: UInt64(size)))
        } catch {
            throw .wire(error)
        }
        try await send(bytes, within: configuration.patience)
        let part = 65_536
        func frame(_ size: Int) -> ByteBuffer {
            var frame = ByteBuffer()
            frame.writeFrame(
                type: FrameType.body.rawValue, channel: 1, payload: ByteBuffer(repeating: 0, count: size))
            return frame
        }
        let whole = frame(part)
        for _ in 0..<(size / part) { try await send(whole, within: configuration.patience) }
        if size % part > 0 { try await send(frame(size % part), within: configuration.patience) }
    }
}
