import AMQPWire
import Faults
import NIOCore
import Names

// Misbehaving consumers. The messages they hold are requeued when they end.
extension OwnFaults {
    /// Consumes without acknowledging.
    func hoard(_ order: FaultOrder) async throws -> FaultInjection {
        let queue = order.text(.queue)
        let peer = try await consumer(order)
        let run = PeerRun.start(peer) { peer, run in
            while true { _ = try await Self.nextDelivery(peer, run) }
        }
        let prefetch = order.integer(.prefetch)
        let most = prefetch == 0 ? "all it gets" : "at most \(prefetch) messages"
        return run.injection("\(Self.name(order)) consumes from '\(queue)', holds \(most), and acks nothing") {
            hits, end in
            "the \(Self.count(hits, "unacked message")) went back to '\(queue)'\(Self.before(end))"
        }
    }

    /// Consumes, and requeues each message immediately.
    func requeue(_ order: FaultOrder) async throws -> FaultInjection {
        let queue = order.text(.queue)
        let peer = try await consumer(order)
        let rate = order.integer(.rate)
        let rejects = order.text(.how) == "reject"
        let run = PeerRun.start(peer) { peer, run in
            var pace = Pace(perSecond: rate)
            while true {
                let tag = try await Self.nextDelivery(peer, run)
                try await pace.wait()
                try await peer.send(
                    rejects
                        ? .basicReject(BasicReject(deliveryTag: tag, requeue: true))
                        : .basicNack(BasicNack(deliveryTag: tag)), on: 1)
            }
        }
        let how = rejects ? "basic.reject" : "basic.nack"
        return run.injection(
            "\(Self.name(order)) requeues messages of '\(queue)' with \(how), at most \(rate) in a second"
        ) {
            hits, end in
            "\(Self.count(hits, "delivery", "deliveries")) of '\(queue)' went back to it\(Self.before(end))"
        }
    }

    /// Consumes, and acknowledges each message late.
    func consumeSlowly(_ order: FaultOrder) async throws -> FaultInjection {
        let queue = order.text(.queue)
        let peer = try await consumer(order)
        let delay = Duration.milliseconds(order.integer(.delayMilliseconds))
        let acks = order.text(.settle) == "ack"
        let run = PeerRun.start(peer) { peer, run in
            while true {
                let tag = try await Self.nextDelivery(peer, run)
                try await Task.sleep(for: delay)
                try await peer.send(
                    acks ? .basicAck(BasicAck(deliveryTag: tag)) : .basicNack(BasicNack(deliveryTag: tag)), on: 1)
            }
        }
        let settles = acks ? "acks" : "requeues"
        return run.injection(
            "\(Self.name(order)) consumes from '\(queue)' and \(settles) each message after \(order.integer(.delayMilliseconds)) ms"
        ) { hits, end in
            "it took \(Self.count(hits, "delivery", "deliveries")) of '\(queue)'; "
                + (acks ? "what it had acked is gone, the rest went back" : "all went back") + Self.before(end)
        }
    }

    /// Consumes, and stops reading its socket.
    func stopReading(_ order: FaultOrder) async throws -> FaultInjection {
        let queue = order.text(.queue)
        // A small receive buffer is filled by few messages; heartbeats are still sent, so that only the missing reads
        // are wrong.
        let peer = try await consumer(order) {
            $0.receiveBuffer = 4_096
            $0.heartbeat = 30
        }
        await peer.stopReading()
        let run = PeerRun.start(peer) { peer, _ in
            await peer.ended()
            throw RawPeerError.ended("the broker ended the socket")
        }
        return run.injection(
            "\(Self.name(order)) consumes from '\(queue)' and reads its socket no more", abruptly: true
        ) { _, end in
            "its socket is closed, and what was sent to it went back to '\(queue)'\(Self.before(end))"
        }
    }

    /// Connects a peer that consumes from the queue, and waits for the broker's consume-ok.
    func consumer(
        _ order: FaultOrder, _ change: (inout RawPeerConfiguration) -> Void = { _ in }
    ) async throws(RawPeerError) -> RawPeer {
        let peer = try await connect(order, change)
        do {
            await peer.dropContent()
            let prefetch = UInt16(clamping: order.integer(.prefetch))
            if prefetch > 0 {
                try await peer.send(.basicQos(BasicQos(prefetchCount: prefetch)), on: 1)
                try await peer.expect("basic.qos-ok") { if case .basicQosOk = $0 { () } else { nil } }
            }
            try await peer.send(
                .basicConsume(BasicConsume(queue: Name(order.text(.queue)), consumerTag: Name(Self.name(order)))),
                on: 1)
            try await peer.expect("basic.consume-ok") { if case .basicConsumeOk = $0 { () } else { nil } }
            return peer
        } catch {
            await peer.close()
            throw error
        }
    }

    /// Waits for the next delivery and returns its tag; the delivery is counted.
    private static func nextDelivery(_ peer: RawPeer, _ run: PeerRun) async throws(RawPeerError) -> UInt64 {
        while true {
            switch try await peer.nextMethod().method {
            case .basicDeliver(let deliver):
                run.hit()
                return deliver.deliveryTag
            case .basicCancel: throw .ended("the broker cancelled its consumer: the queue has gone")
            default: break
            }
        }
    }

    // MARK: Words

    static func count(_ count: UInt64, _ one: String, _ many: String? = nil) -> String {
        "\(count) \(count == 1 ? one : many ?? one + "s")"
    }

    /// Returns why it had ended before it was undone, as the end of a sentence.
    static func before(_ end: String?) -> String { end.map { "; it had ended by itself: \($0)" } ?? "" }
}
