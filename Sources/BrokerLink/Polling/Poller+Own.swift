import Names
import TopCore

// What is there only because we watch, and what is asked anew because we changed it.
extension Poller {
    /// Whether what is on a connection is shown beside all others', or is only there because we watch.
    func shows(_ connection: Name) -> Bool {
        configuration.showsOwn || !own.isWatching(connection.text)
    }

    /// Without the queues that are there only because we listen to the broker's log and events.
    func withoutOwn(_ depths: [QueueDepth]) -> [QueueDepth] {
        guard !configuration.showsOwn else { return depths }
        let ours = own.queues
        guard !ours.isEmpty else { return depths }
        return depths.filter { $0.id.vhost != ExchangeListener.vhost || !ours.contains($0.id.name) }
    }

    /// Something was done to a queue: it is asked for at once.
    func askAnew(_ id: EntityID) {
        queues[id]?.at = -.infinity
        plan.hurry(at: Uptime.now) { $0 == .live(vhost: id.vhost) || $0 == .rich }
        wakeSignal.ring()
    }
}
