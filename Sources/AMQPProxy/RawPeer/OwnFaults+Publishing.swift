import AMQPWire
import Faults
import Foundation
import NIOCore
import Names

// Misbehaving publishers.
extension NoRouteFault: PeerFault {
    /// Publishes a mandatory message to a queue that cannot exist: the message is returned, and the channel stays open.
    func carryOut(by faults: OwnFaults, _ order: FaultOrder) async throws -> FaultInjection {
        try await faults.withPeer(order) { peer in
            let key = "rabbittop.missing.\(UUID().uuidString.lowercased())"
            let bytes = try OwnFaults.message(to: key, BasicProperties(), ByteBuffer(string: "returned"))
            try await peer.send(bytes, within: faults.patience)
            let returned: BasicReturn = try await peer.expect("basic.return") {
                if case .basicReturn(let returned) = $0 { returned } else { nil }
            }
            guard returned.replyCode == .noRoute else {
                throw FaultError(
                    "The message came back with \(returned.replyCode), not with 312 NO_ROUTE.",
                    advice: "Look into the broker's log.")
            }
            return FaultInjection(
                note: "\(RawPeerError.words(returned.replyCode, returned.replyText)): a message for "
                    + "'\(returned.routingKey)' came back to channel 1 of \(OwnFaults.name(order)), which stayed open")
        }
    }
}

extension PoisonMessageFault: PeerFault {
    /// Publishes messages on which a consumer's decoder fails.
    func carryOut(by faults: OwnFaults, _ order: FaultOrder) async throws -> FaultInjection {
        let id = "rabbittop-poison-\(UUID().uuidString.prefix(8).lowercased())"
        try await faults.withPeer(order) { peer in
            try await peer.send(.confirmSelect(ConfirmSelect()), on: 1)
            try await peer.expect("confirm.select-ok") { if case .confirmSelectOk = $0 { () } else { nil } }
            for _ in 0..<count {
                var properties = kind.properties
                properties.messageID = Name(id)
                properties.appID = "rabbittop"
                properties.isPersistent = isPersistent
                let bytes = try OwnFaults.message(to: queue, properties, kind.body)
                try await peer.send(bytes, within: faults.patience)
                let outcome: Result<Void, FaultError> = try await peer.expect("the publish's confirm") {
                    switch $0 {
                    case .basicAck: .success(())
                    case .basicReturn: .failure(OwnFaults.noQueue(queue))
                    case .basicNack:
                        .failure(
                            FaultError(
                                "'\(queue)' refused the message: basic.nack.", advice: "Look at its overflow policy."))
                    default: nil
                    }
                }
                try outcome.get()
            }
        }
        return FaultInjection(
            note: "\(OwnFaults.count(UInt64(count), "message")) of kind \(kind.rawValue) in '\(queue)', confirmed; "
                + "message_id \(id)")
    }
}

extension FloodFault: PeerFault {
    /// Publishes at the ordered rate until the limit is reached.
    func carryOut(by faults: OwnFaults, _ order: FaultOrder) async throws -> FaultInjection {
        let (queue, rate, limit) = (queue, rate, limit)
        let peer = try await faults.connect(order)
        do {
            try await peer.send(
                .queueDeclare(QueueDeclare(queue: Name(queue), passive: true)), .confirmSelect(ConfirmSelect()), on: 1)
            try await peer.expect("confirm.select-ok") { if case .confirmSelectOk = $0 { () } else { nil } }
            await peer.dropContent()
        } catch {
            await peer.close()
            throw error
        }
        var properties = BasicProperties(contentType: "text/plain", appID: "rabbittop")
        properties.isPersistent = isPersistent
        let body = ByteBuffer(repeating: UInt8(ascii: "x"), count: size)
        let message = try OwnFaults.message(to: queue, properties, body)
        let run = PeerRun.start(peer) { peer, run in
            try await PacedPublisher(message: message, queue: queue, rate: rate, limit: limit).run(peer, run)
        }
        return run.injection(
            "\(OwnFaults.name(order)) publishes \(rate) messages of \(size) bytes in a second to '\(queue)', "
                + "\(limit) at most"
        ) { hits, end in
            "the flood has stopped; \(OwnFaults.count(hits, "message")) that were published to '\(queue)' stay"
                + OwnFaults.before(end)
        }
    }
}

extension OwnFaults {
    static func noQueue(_ queue: String) -> FaultError {
        FaultError("There is no queue '\(queue)': 312 NO_ROUTE.", advice: "Check its name and its virtual host.")
    }

    /// Returns the frames of a mandatory publish to a queue through the default exchange on channel 1. Bodies are split
    /// so that no frame exceeds the frame_max of any broker.
    static func message(
        to queue: String, _ properties: BasicProperties, _ body: ByteBuffer
    ) throws(RawPeerError) -> ByteBuffer {
        var bytes = ByteBuffer()
        do {
            try bytes.writeContent(
                channel: 1, .basicPublish(BasicPublish(routingKey: Name(queue), mandatory: true)),
                properties: properties,
                body: body, frameMax: 4_096)
        } catch {
            throw .wire(error)
        }
        return bytes
    }
}
