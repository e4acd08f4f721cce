import Names
import RabbitMQManagement
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

    /// Returns the bindings without those of the queues that exist only because rabbittop watches the broker.
    func withoutOwn(_ bindings: [BindingInfo]) -> [BindingInfo] {
        guard !configuration.showsOwn else { return bindings }
        let ours = own.queues
        guard !ours.isEmpty else { return bindings }
        return bindings.filter { $0.vhost != ExchangeListener.vhost || !ours.contains($0.destination) }
    }

    /// Requests a queue's figures immediately, because an operation changed it.
    func askAnew(_ id: EntityID) {
        queues[id]?.at = -.infinity
        plan.hurry(at: clock.uptime()) { $0 == .live(vhost: id.vhost) || $0 == .rich }
        wakeSignal.ring()
    }

    /// Requests the rows of a view that is reached by its name immediately, because an operation changed them.
    func askViewAnew(_ view: NamedView) {
        plan.hurry(at: clock.uptime()) { $0 == .named(view) }
        wakeSignal.ring()
    }
}
