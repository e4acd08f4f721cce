import AMQPWire
import Faults
import NIOCore
import Names

// Misbehaving consumers. The messages they hold are requeued when they end.

/// A fault that consumes from a queue.
protocol ConsumingFault: PeerFault {
    var queue: String { get }
    /// The highest number of messages it holds; 0: no limit.
    var prefetch: Int { get }
}

extension HoardUnackedFault: ConsumingFault {
    /// Consumes without acknowledging.
    func carryOut(by faults: OwnFaults, _ order: FaultOrder) async throws -> FaultInjection {
        let queue = queue
        let peer = try await faults.consumer(self, order)
        let run = PeerRun.start(peer) { peer, run in
            while true { _ = try await OwnFaults.nextDelivery(peer, run) }
        }
        let most = prefetch == 0 ? "all it gets" : "at most \(prefetch) messages"
        return run.injection("\(OwnFaults.name(order)) consumes from '\(queue)', holds \(most), and acks nothing") {
            hits, end in
            "the \(String(counted: hits, "unacked message")) went back to '\(queue)'\(OwnFaults.before(end))"
        }
    }
}

extension RequeueLoopFault: ConsumingFault {
    /// Consumes, and requeues each message immediately.
    func carryOut(by faults: OwnFaults, _ order: FaultOrder) async throws -> FaultInjection {
        let (queue, rate, how) = (queue, rate, how)
        let peer = try await faults.consumer(self, order)
        let run = PeerRun.start(peer) { peer, run in
            var pace = Pace(perSecond: rate)
            while true {
                let tag = try await OwnFaults.nextDelivery(peer, run)
                try await pace.wait()
                switch how {
                case .reject: try await peer.send(.basicReject(BasicReject(deliveryTag: tag, requeue: true)), on: 1)
                case .nack: try await peer.send(.basicNack(BasicNack(deliveryTag: tag)), on: 1)
                }
            }
        }
        return run.injection(
            "\(OwnFaults.name(order)) requeues messages of '\(queue)' with basic.\(how.rawValue), at most \(rate) in a second"
        ) { hits, end in
            "\(String(counted: hits, "delivery", "deliveries")) of '\(queue)' went back to it\(OwnFaults.before(end))"
        }
    }
}

extension SlowConsumerFault: ConsumingFault {
    /// Consumes, and settles each message late.
    func carryOut(by faults: OwnFaults, _ order: FaultOrder) async throws -> FaultInjection {
        let (queue, settle) = (queue, settle)
        let peer = try await faults.consumer(self, order)
        let delay = Duration.milliseconds(delayMilliseconds)
        let run = PeerRun.start(peer) { peer, run in
            while true {
                let tag = try await OwnFaults.nextDelivery(peer, run)
                try await Task.sleep(for: delay)
                switch settle {
                case .ack: try await peer.send(.basicAck(BasicAck(deliveryTag: tag)), on: 1)
                case .requeue: try await peer.send(.basicNack(BasicNack(deliveryTag: tag)), on: 1)
                }
            }
        }
        return run.injection(
            "\(OwnFaults.name(order)) consumes from '\(queue)' and \(settle.rawValue)s each message after \(delayMilliseconds) ms"
        ) { hits, end in
            "it took \(String(counted: hits, "delivery", "deliveries")) of '\(queue)'; "
                + (settle == .ack ? "what it had acked is gone, the rest went back" : "all went back")
                + OwnFaults.before(end)
        }
    }
}

extension StopReadingFault: ConsumingFault {
    /// Consumes, and stops reading its socket.
    func carryOut(by faults: OwnFaults, _ order: FaultOrder) async throws -> FaultInjection {
        let queue = queue
        // A small receive buffer is filled by few messages; heartbeats are still sent, so that only the missing reads
        // are wrong.
        let peer = try await faults.consumer(self, order) {
            $0.receiveBuffer = 4_096
            $0.heartbeat = 30
        }
        await peer.stopReading()
        let run = PeerRun.start(peer) { peer, _ in
            await peer.ended()
            throw RawPeerError.ended("the broker ended the socket")
        }
        return run.injection(
            "\(OwnFaults.name(order)) consumes from '\(queue)' and reads its socket no more", abruptly: true
        ) { _, end in
            "its socket is closed, and what was sent to it went back to '\(queue)'\(OwnFaults.before(end))"
        }
    }
}

extension OwnFaults {
    /// Connects a peer that consumes from the queue, and waits for the broker's consume-ok.
    func consumer(
        _ fault: some ConsumingFault, _ order: FaultOrder, _ change: (inout RawPeerConfiguration) -> Void = { _ in }
    ) async throws(RawPeerError) -> RawPeer {
        let peer = try await connect(order, change)
        do {
            await peer.dropContent()
            let prefetch = UInt16(clamping: fault.prefetch)
            if prefetch > 0 {
                try await peer.send(.basicQos(BasicQos(prefetchCount: prefetch)), on: 1)
                try await peer.expect("basic.qos-ok") { if case .basicQosOk = $0 { () } else { nil } }
            }
            try await peer.send(
                .basicConsume(BasicConsume(queue: Name(fault.queue), consumerTag: Name(Self.name(order)))),
                on: 1)
            try await peer.expect("basic.consume-ok") { if case .basicConsumeOk = $0 { () } else { nil } }
            return peer
        } catch {
            await peer.close()
            throw error
        }
    }

    /// Waits for the next delivery and returns its tag; the delivery is counted.
    static func nextDelivery(_ peer: RawPeer, _ run: PeerRun) async throws(RawPeerError) -> UInt64 {
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

    /// Returns why it had ended before it was undone, as the end of a sentence.
    static func before(_ end: String?) -> String { end.map { "; it had ended by itself: \($0)" } ?? "" }
}
