import Names
import TopCore

// What exists only because rabbittop watches the broker, and what is polled again because rabbittop changed it.
extension Poller {
    /// Whether a connection's contents are shown, and do not only exist because rabbittop watches the broker.
    func shows(_ connection: Name) -> Bool {
        configuration.showsOwn || !own.isWatching(connection.text)
    }

    /// Returns the depths without the queues that exist only because rabbittop consumes the broker's log and events.
    func withoutOwn(_ depths: [QueueDepth]) -> [QueueDepth] {
        guard !configuration.showsOwn else { return depths }
        let ours = own.queues
        guard !ours.isEmpty else { return depths }
        return depths.filter { $0.id.vhost != ExchangeListener.vhost || !ours.contains($0.id.name) }
    }

    /// Requests a queue's figures immediately, because an operation changed it.
    func askAnew(_ id: EntityID) {
        queues[id]?.at = -.infinity
        plan.hurry(at: clock.uptime()) { $0 == .live(vhost: id.vhost) || $0 == .rich }
        wakeSignal.ring()
    }
}
