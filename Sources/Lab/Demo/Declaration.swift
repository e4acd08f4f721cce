/// One thing to declare.
enum Declaration: Sendable, Hashable {
    case exchange(Topology.Exchange)
    case queue(Topology.Queue)
    case binding(Topology.Binding)
}

extension Topology.VirtualHost {
    /// What is in it, in an order in which it can be declared.
    var declarations: [Declaration] {
        exchanges.map(Declaration.exchange) + queues.map(Declaration.queue) + bindings.map(Declaration.binding)
    }
}
