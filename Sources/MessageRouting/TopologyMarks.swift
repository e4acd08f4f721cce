import Names

/// What is remarkable about the exchanges and queues of a topology.
public struct TopologyMarks: Sendable, Hashable {
    /// Something remarkable.
    public enum Mark: String, Sendable, Hashable, CaseIterable {
        /// Bindings or alternate exchanges lead back to it. RabbitMQ enters each exchange once, so nothing circles.
        case loop
        /// Dead letters may come back to it. RabbitMQ drops them unless they were rejected on the way.
        case deadLetterLoop = "dead-letter-loop"
        /// An exchange without bindings and without an alternate exchange: what is published to it is lost.
        case unbound
        /// A queue that no binding and no dead letter leads to, and into which nothing has come by its name.
        case unfed
        /// A queue without consumers.
        case undrained
        /// It is named as an alternate or dead-letter exchange, and does not exist.
        case missing
    }

    private var marks: [Topology.Node: Set<Mark>] = [:]

    /// Returns the marks of a node, in the order of their cases.
    public subscript(node: Topology.Node) -> [Mark] {
        guard let found = marks[node] else { return [] }
        return Mark.allCases.filter(found.contains)
    }

    /// The nodes that are named and not listed, in order. They do not exist, unless the queues are not known.
    public private(set) var unlisted: [Topology.Node] = []

    /// The nodes that are named and do not exist, in order.
    public var missing: [Topology.Node] { unlisted.filter { marks[$0]?.contains(.missing) == true } }

    /// Finds what is remarkable. The time is proportional to the number of exchanges, queues and bindings.
    public init(_ topology: Topology) {
        let links = TopologyLinks(topology)
        for node in links.loops(withDeadLetters: false) { add(.loop, node) }
        for node in links.loops(withDeadLetters: true) { add(.deadLetterLoop, node) }
        let fed = links.targets
        let sources = Set(topology.bindings.map(\.source))
        for node in topology.exchanges where !node.exchange.name.isEmpty {
            let hasWay = sources.contains(node.exchange.name) || node.exchange.alternate != .none
            if !hasWay { add(.unbound, .exchange(node.exchange.name)) }
        }
        for node in topology.queues {
            let name = node.queue.name
            // Messages that came in without a binding came by the queue's name, through the default exchange.
            let isFed = (node.rateIn ?? 0) > 0 || (node.received ?? 0) > 0 || (node.messages ?? 0) > 0
            if !fed.contains(.queue(name)), !isFed { add(.unfed, .queue(name)) }
            if node.consumers == 0 { add(.undrained, .queue(name)) }
        }
        unlisted = links.unlisted.sorted()
        for node in unlisted {
            if case .queue = node, !topology.hasAllQueues { continue }
            add(.missing, node)
        }
    }

    private mutating func add(_ mark: Mark, _ node: Topology.Node) { marks[node, default: []].insert(mark) }
}
