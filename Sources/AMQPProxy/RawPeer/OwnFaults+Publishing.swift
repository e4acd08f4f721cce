import AMQPWire
import Faults
import Foundation
import NIOConcurrencyHelpers
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
            note: "\(String(counted: count, "message")) of kind \(kind.rawValue) in '\(queue)', confirmed; "
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
            "the flood has stopped; \(String(counted: hits, "message")) that were published to '\(queue)' stay"
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

// Messages that are valid for the broker, and on which a consumer's decoder fails.
extension PoisonMessageFault.Kind {
    var properties: BasicProperties {
        switch self {
        case .json, .empty, .nested: BasicProperties(contentType: "application/json", contentEncoding: "utf-8")
        case .utf8: BasicProperties(contentType: "text/plain", contentEncoding: "utf-8")
        case .gzip: BasicProperties(contentType: "application/json", contentEncoding: "gzip")
        case .pickle: BasicProperties(contentType: "application/x-python-serialize", contentEncoding: "binary")
        case .headers:
            BasicProperties(
                contentType: "application/json", headers: Self.everyType, priority: 255, timestamp: UInt64.max)
        }
    }

    var body: ByteBuffer {
        switch self {
        case .json: ByteBuffer(string: #"{"order": 4711, "items": [{"sku": "A-1", "count": "#)
        case .utf8: ByteBuffer(bytes: [0x66, 0xC3, 0x28, 0xFF, 0xFE, 0xED, 0xA0, 0x80])
        case .empty: ByteBuffer()
        case .gzip: ByteBuffer(string: #"{"compressed": false}"#)
        case .nested: ByteBuffer(repeating: UInt8(ascii: "["), count: 100_000)
        case .headers: ByteBuffer(string: "{}")
        case .pickle: ByteBuffer(string: "this is no pickle")
        }
    }

    // Infinity is left out, because RabbitMQ's own reader crashes on it with 541.
    private static let everyType: FieldTable = [
        "bool": .bool(true), "int8": .int8(.min), "uint8": .uint8(.max), "int16": .int16(.min), "uint16": .uint16(.max),
        "int32": .int32(.min), "uint32": .uint32(.max), "int64": .int64(.min),
        "float": .float(.greatestFiniteMagnitude),
        "double": .double(-.greatestFiniteMagnitude), "decimal": .decimal(scale: 255, value: 1),
        "string": "\u{0}\u{202E}",
        "not utf-8": .string(Name(bytes: [0xFF, 0xFE])), "array": .array([.void, .array([]), .table([:])]),
        "timestamp": .timestamp(UInt64(Int64.max)), "table": .table(["": .void]), "void": .void,
        "bytes": .bytes([0, 1, 2]), "": "a header without a name",
    ]
}

/// Publishes one message repeatedly, in bursts, at a given rate per second. Waits for confirms only if too many are
/// outstanding.
struct PacedPublisher: Sendable {
    /// The frames of one publish.
    let message: ByteBuffer
    let queue: String
    let rate: Int
    let limit: Int

    /// The highest number of unconfirmed publishes.
    private static let mostOutstanding = 5_000
    /// The approximate size of a burst, in bytes.
    private static let burst = 1 << 18

    private struct Progress {
        var outstanding = OutstandingTags()
        var failure: RawPeerError?
    }

    /// Publishes until the limit is reached and the broker has confirmed everything.
    func run(_ peer: RawPeer, _ run: PeerRun) async throws {
        let progress = NIOLockedValueBox(Progress())
        // Ends with the peer's connection, and is awaited on each way out.
        let listener = Task {
            do {
                while true { try await listen(peer, progress) }
            } catch {
                progress.withLockedValue { $0.failure = error as? RawPeerError ?? .ended("\(error)") }
            }
        }
        do {
            try await publish(peer, run, progress)
        } catch {
            await peer.close()
            await listener.value
            throw progress.withLockedValue { $0.failure } ?? error
        }
        await peer.close()
        await listener.value
    }

    private func publish(_ peer: RawPeer, _ run: PeerRun, _ progress: NIOLockedValueBox<Progress>) async throws {
        let start = ContinuousClock.now
        let most = max(1, Self.burst / max(1, message.readableBytes))
        var published = 0
        while true {
            let state = progress.withLockedValue { $0 }
            if let failure = state.failure { throw failure }
            if published >= limit, state.outstanding.count == 0 { return }
            let seconds = (ContinuousClock.now - start) / .seconds(1)
            let due = Int(min(Double(limit), (seconds * Double(rate)).rounded(.up)))
            let count = min(due - published, Self.mostOutstanding - state.outstanding.count, most)
            guard count > 0 else {
                try await Task.sleep(for: .milliseconds(5))
                continue
            }
            var burst = ByteBuffer()
            burst.reserveCapacity(count * message.readableBytes)
            for _ in 0..<count { burst.writeImmutableBuffer(message) }
            progress.withLockedValue { progress in
                for tag in published..<published + count { progress.outstanding.add(UInt64(tag + 1)) }
            }
            try await peer.send(burst)
            published += count
            run.hit(UInt64(count))
        }
    }

    private func listen(_ peer: RawPeer, _ progress: NIOLockedValueBox<Progress>) async throws(RawPeerError) {
        switch try await peer.nextMethod().method {
        case .basicAck(let ack):
            progress.withLockedValue { _ = $0.outstanding.settle(ack.deliveryTag, multiple: ack.multiple) }
        case .basicNack(let nack):
            progress.withLockedValue { _ = $0.outstanding.settle(nack.deliveryTag, multiple: nack.multiple) }
        case .basicReturn: throw .ended("the queue '\(queue)' has gone")
        default: break
        }
    }
}
