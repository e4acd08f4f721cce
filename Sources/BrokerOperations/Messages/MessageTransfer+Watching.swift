import Names
import RabbitMQClient

extension MessageTransfer {
    /// How long no delivery may come before the queue is asked whether it is empty, in seconds.
    private static let silence = 0.3
    /// How long no delivery may come although messages are ready, in seconds.
    private static let stallLimit = 10.0

    /// Ends the reader's wait for a delivery: when the transfer is stopped, when others have taken the rest, and when
    /// nothing comes although there are messages.
    func watch(_ source: SourceQueue) async {
        while !state.withLock({ $0.isOver }) {
            try? await clock.sleep(0.05)
            let (waits, isStopped) = state.withLock { state in
                (state.waitsSince.map { clock.uptime() - $0 } ?? 0, state.isStopped)
            }
            if isStopped {
                try? await source.cancel()
            } else if waits > Self.silence {
                await look(source, after: waits)
            }
        }
    }

    private func look(_ source: SourceQueue, after waits: Double) async {
        if plan.streamOffset != nil {
            if waits > 1 { try? await source.cancel() }
            return
        }
        let isOnTheWay = state.withLock { $0.onTheWay > 0 }
        guard !isOnTheWay, let ready = await source.readyNow() else { return }
        if ready == 0 {
            // The last delivery may have come meanwhile.
            guard state.withLock({ $0.waitsSince }) != nil else { return }
            try? await source.cancel()
        } else if waits > Self.stallLimit {
            state.withLock { state in
                state.failure =
                    state.failure
                    ?? TransferFailure(
                        "nothing was delivered for \(Int(Self.stallLimit)) s, although \(ready) messages are ready",
                        advice: "Another consumer may be the single active one of this queue: stop it first.")
            }
            try? await source.cancel()
        }
    }
}
