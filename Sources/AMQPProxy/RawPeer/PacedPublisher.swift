import AMQPWire
import NIOConcurrencyHelpers
import NIOCore

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
