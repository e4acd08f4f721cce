/// An entity to declare.
enum Declaration: Sendable, Hashable {
    case exchange(Topology.Exchange)
    case queue(Topology.Queue)
    case binding(Topology.Binding)
}

extension Topology.VirtualHost {
    /// The entities of the virtual host, in an order in which they can be declared.
    var declarations: [Declaration] {
        exchanges.map(Declaration.exchange) + queues.map(Declaration.queue) + bindings.map(Declaration.binding)
    }
}
