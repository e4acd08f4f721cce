import AMQPWire
import Faults
import NIOCore
import Names

// Misuses that RabbitMQ answers with a reply code on the connection, which it closes with all its channels.
extension FrameErrorFault: MisuseFault {
    /// A misuse answered with 501 FRAME_ERROR.
    var misuse: Misuse {
        Misuse(
            .frameError,
            .channel { peer async throws(RawPeerError) in
                var bytes = ByteBuffer()
                switch how {
                case .end: bytes.writeFrame(type: 8, channel: 0, payload: ByteBuffer(), end: 0xCF)
                case .size:
                    // The broker refuses the size in the frame header; the payload is not needed.
                    bytes.writeMultipleIntegers(FrameType.body.rawValue, UInt16(1), UInt32(0x7FFF_FFFF))
                    bytes.writeRepeatingByte(0, count: 64)
                case .type: bytes.writeFrame(type: 7, channel: 1, payload: ByteBuffer(string: "rabbittop"))
                case .method:
                    // A queue.declare whose name is longer than its frame.
                    bytes.writeFrame(type: 1, channel: 1, payload: method(50, 10, [0, 0, 200, 97, 98, 99]))
                }
                try await peer.send(bytes, within: peer.configuration.patience)
            })
    }
}

extension CommandInvalidFault: MisuseFault {
    /// A misuse answered with 503 COMMAND_INVALID.
    var misuse: Misuse {
        Misuse(
            .commandInvalid,
            .channel { peer async throws(RawPeerError) in
                switch how {
                case .exchangeType:
                    try await peer.send(
                        .exchangeDeclare(
                            ExchangeDeclare(exchange: "rabbittop.fault", type: "rabbittop", autoDelete: true)), on: 1)
                case .method: try await peer.send(.connectionOpen(ConnectionOpen(virtualHost: "/")), on: 1)
                }
            })
    }
}

extension ChannelErrorFault: MisuseFault {
    /// A misuse answered with 504 CHANNEL_ERROR.
    var misuse: Misuse {
        Misuse(
            .channelError,
            .channel { peer async throws(RawPeerError) in
                switch how {
                case .secondOpen: try await peer.send(.channelOpen, on: 1)
                case .channelZero: try await peer.send(.queueDeclare(QueueDeclare(passive: true)), on: 0)
                case .closed:
                    try await peer.send(.channelClose(ChannelClose(replyText: "closed by rabbittop")), on: 1)
                    try await peer.expect("channel.close-ok") { if case .channelCloseOk = $0 { () } else { nil } }
                    try await peer.send(.queueDeclare(QueueDeclare(passive: true)), on: 1)
                case .unopened: try await peer.send(.queueDeclare(QueueDeclare(passive: true)), on: 7)
                }
            })
    }
}

extension UnexpectedFrameFault: MisuseFault {
    /// A misuse answered with 505 UNEXPECTED_FRAME.
    var misuse: Misuse {
        Misuse(
            .unexpectedFrame,
            .channel { peer async throws(RawPeerError) in
                var bytes = ByteBuffer()
                do throws(WireError) {
                    switch how {
                    case .header: try bytes.writeFrame(channel: 1, ContentHeader(bodySize: 3))
                    case .body: bytes.writeBodyFrames(channel: 1, body: ByteBuffer(string: "abc"), frameMax: 0)
                    case .publishes:
                        // As two threads on one channel do: the second one's method comes between the first one's
                        // method and header.
                        for _ in 1...2 {
                            try bytes.writeFrame(channel: 1, .basicPublish(BasicPublish(routingKey: "rabbittop")))
                        }
                        for _ in 1...2 { try bytes.writeFrame(channel: 1, ContentHeader(bodySize: 0)) }
                    }
                } catch {
                    throw .wire(error)
                }
                try await peer.send(bytes, within: peer.configuration.patience)
            })
    }
}

extension NotAllowedFault: MisuseFault {
    /// A misuse answered with 530 NOT_ALLOWED.
    var misuse: Misuse {
        let stage: Misuse.Stage =
            switch how {
            case .consumerTag:
                .channel { peer async throws(RawPeerError) in
                    let consume = BasicConsume(queue: try await peer.declareOwnQueue(), consumerTag: "rabbittop")
                    try await peer.send(.basicConsume(consume), .basicConsume(consume), on: 1)
                }
            case .vhost: .login { $0.virtualHost = "rabbittop.missing" }
            }
        return Misuse(.notAllowed, stage)
    }
}

extension NotImplementedFault: MisuseFault {
    /// A misuse answered with 540 NOT_IMPLEMENTED.
    var misuse: Misuse {
        Misuse(
            .notImplemented,
            .channel { peer async throws(RawPeerError) in
                switch how {
                case .prefetchSize: try await peer.send(.basicQos(BasicQos(prefetchSize: 65_536)), on: 1)
                case .recover: try await peer.send(.basicRecover(BasicRecover(requeue: false)), on: 1)
                case .immediate: try await peer.publish(to: "", routingKey: "rabbittop", immediate: true)
                }
            })
    }
}

extension InternalErrorFault: MisuseFault {
    /// A misuse answered with 541 INTERNAL_ERROR: a connection.open without its arguments crashes the process that
    /// reads the connection, and no other.
    var misuse: Misuse {
        Misuse(
            .internalError,
            .connection { peer async throws(RawPeerError) in
                var bytes = ByteBuffer()
                bytes.writeFrame(type: 1, channel: 0, payload: method(10, 40, []))
                try await peer.send(bytes, within: peer.configuration.patience)
            })
    }
}

/// Returns a method's payload, valid or not.
private func method(_ classID: UInt16, _ methodID: UInt16, _ arguments: [UInt8]) -> ByteBuffer {
    var payload = ByteBuffer()
    payload.writeMultipleIntegers(classID, methodID)
    payload.writeBytes(arguments)
    return payload
}
