public import MessageRouting
import Names

/// The forms in which topologies are written.
public enum TopologyFormat: String, Sendable, CaseIterable {
    /// Lines for people, unfolded from exchange to exchange.
    case tree
    /// A directed graph for Graphviz.
    case dot
    /// A flow chart for Mermaid.
    case mermaid
    /// One object with everything.
    case json

    /// Returns topologies in this form, in the order of their vhosts, ending in a line feed.
    public func text(_ topologies: [Topology]) -> String {
        let topologies = topologies.sorted { $0.vhost < $1.vhost }
        return switch self {
        case .tree: topologies.map { TopologyTree($0).text }.joined()
        case .dot: TopologyDrawing(topologies).dot
        case .mermaid: TopologyDrawing(topologies).mermaid
        case .json: JSONText.object([("vhosts", JSONText.array(topologies.map(\.json)))]) + "\n"
        }
    }
}

extension Topology {
    /// The topology as a JSON object.
    fileprivate var json: String {
        let marks = TopologyMarks(self)
        func list(_ node: Node) -> String { JSONText.array(marks[node].map { JSONText.string($0.rawValue) }) }
        return JSONText.object([
            ("vhost", JSONText.string(vhost.text)),
            (
                "exchanges",
                JSONText.array(
                    exchanges.map { node in
                        JSONText.object([
                            ("name", JSONText.string(node.exchange.name.text)),
                            ("type", JSONText.string(node.exchange.type.text)),
                            ("internal", node.exchange.isInternal ? "true" : "false"),
                            ("alternate_exchange", JSONText.string(node.exchange.alternate.name?.text)),
                            ("publish_in_rate", node.rateIn.map(JSONText.number) ?? "null"),
                            ("publish_out_rate", node.rateOut.map(JSONText.number) ?? "null"),
                            ("marks", list(.exchange(node.exchange.name))),
                        ])
                    })
            ),
            (
                "queues",
                JSONText.array(
                    queues.map { node in
                        JSONText.object([
                            ("name", JSONText.string(node.queue.name.text)),
                            ("type", JSONText.string(node.type?.text)),
                            ("messages", node.messages.map { String($0) } ?? "null"),
                            ("consumers", node.consumers.map { String($0) } ?? "null"),
                            ("publish_rate", node.rateIn.map(JSONText.number) ?? "null"),
                            ("deliver_rate", node.rateOut.map(JSONText.number) ?? "null"),
                            ("dead_letter_exchange", JSONText.string(node.queue.deadLetterExchange.name?.text)),
                            ("dead_letter_routing_key", JSONText.string(node.queue.deadLetterKey.name?.text)),
                            ("marks", list(.queue(node.queue.name))),
                        ])
                    })
            ),
            (
                "bindings",
                JSONText.array(bindings.map { JSONText.object($0.members + [("rate", rate(of: $0))]) })
            ),
            (
                "missing",
                JSONText.array(
                    marks.missing.map { node in
                        JSONText.object([
                            ("name", JSONText.string(node.name.text)),
                            ("kind", node.isQueue ? "\"queue\"" : "\"exchange\""),
                        ])
                    })
            ),
            ("unknown", JSONText.array(gaps.map { JSONText.string($0) })),
        ])
    }

    private func rate(of binding: RoutingModel.Binding) -> String {
        guard case .queue(let queue) = binding.destination else { return "null" }
        return rates[Arrow(exchange: binding.source, queue: queue)].map(JSONText.number) ?? "null"
    }
}

extension Topology.Node {
    /// The name.
    var name: Name {
        switch self {
        case .exchange(let name), .queue(let name): name
        }
    }

    /// Whether it is a queue.
    var isQueue: Bool {
        switch self {
        case .queue: true
        case .exchange: false
        }
    }
}

extension TopologyMarks.Mark {
    /// The mark in words.
    var words: String {
        switch self {
        case .loop: "in a loop"
        case .deadLetterLoop: "dead letters may come back"
        case .unbound: "nothing is bound"
        case .unfed: "nothing leads here but its name"
        case .undrained: "no consumers"
        case .missing: "does not exist"
        }
    }
}
