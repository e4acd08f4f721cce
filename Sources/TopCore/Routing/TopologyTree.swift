import MessageRouting
import Names
import Screen

/// A topology as lines: each exchange with its bindings below it, and below those what they lead to. Every exchange is
/// unfolded once.
struct TopologyTree {
    private let topology: Topology
    private let marks: TopologyMarks
    private let queues: [Name: Topology.QueueNode]
    private let exchanges: [Name: Topology.ExchangeNode]
    private let bindings: [Name: [RoutingModel.Binding]]
    private var unfolded: Set<Name> = []
    /// The exchanges from the root to the place that is written.
    private var open: Set<Name> = []
    private var lines: [String] = []

    /// The deepest indentation; what is deeper stands there, too.
    private static let deepest = 40

    private enum Part {
        case exchange(Name, lead: String, depth: Int)
        case queue(Name, lead: String, depth: Int)
        case end(Name)
    }

    init(_ topology: Topology) {
        self.topology = topology
        marks = TopologyMarks(topology)
        queues = Dictionary(topology.queues.map { ($0.queue.name, $0) }) { first, _ in first }
        exchanges = Dictionary(topology.exchanges.map { ($0.exchange.name, $0) }) { first, _ in first }
        bindings = Dictionary(grouping: topology.bindings, by: \.source)
    }

    /// The lines, ending in a line feed.
    var text: String {
        var tree = self
        tree.write()
        return tree.lines.joined(separator: "\n") + "\n"
    }

    private mutating func write() {
        lines.append("vhost \(Text.visible(topology.vhost.text))")
        let named = topology.exchanges.map(\.exchange.name).filter { !$0.isEmpty }
        let isUnbound = { [marks] (name: Name) in marks[.exchange(name)].contains(.unbound) }
        let entered = Set(
            topology.bindings.compactMap { $0.destination.isQueue ? nil : $0.destination.name }
                + topology.exchanges.compactMap(\.exchange.alternate.name))
        // What nothing leads to comes first; what is left then is in loops.
        for name in named.filter({ !entered.contains($0) }) + named.filter(entered.contains)
        where !isUnbound(name) && !unfolded.contains(name) {
            unfold(.exchange(name, lead: "", depth: 1))
        }
        let unbound = named.filter { isUnbound($0) && !unfolded.contains($0) }
        if !unbound.isEmpty {
            lines.append("  Exchanges to which nothing is bound:")
            lines += unbound.map { "    " + described($0) }
        }
        let bound = Set(topology.bindings.compactMap { $0.destination.isQueue ? $0.destination.name : nil })
        let unboundQueues = topology.queues.map(\.queue.name).filter { !bound.contains($0) }
        if !unboundQueues.isEmpty {
            lines.append("  Queues without a binding, which the default exchange knows by their names:")
            lines += unboundQueues.map { "    " + describedQueue($0) }
        }
        if !marks.missing.isEmpty {
            lines.append("  Named, and not there:")
            lines += marks.missing.map { "    \($0.isQueue ? "queue" : "exchange") \(Text.visible($0.name.text))" }
        }
        lines += topology.gaps.map { "  Not known: \(Text.visible($0))" }
    }

    private mutating func unfold(_ root: Part) {
        var waiting = [root]
        while let part = waiting.popLast() {
            switch part {
            case .end(let name): open.remove(name)
            case .queue(let name, let lead, let depth): append(lead + describedQueue(name), depth)
            case .exchange(let name, let lead, let depth):
                guard !open.contains(name) else {
                    append("\(lead)\(Text.visible(name.text)), again: a loop", depth)
                    continue
                }
                guard exchanges[name] != nil, unfolded.insert(name).inserted else {
                    let why = exchanges[name] == nil ? "which does not exist" : "as above"
                    append("\(lead)\(Text.visible(name.text)), \(why)", depth)
                    continue
                }
                append(lead + described(name), depth)
                open.insert(name)
                waiting.append(.end(name))
                waiting += parts(below: name, depth + 1).reversed()
            }
        }
    }

    private func parts(below name: Name, _ depth: Int) -> [Part] {
        var parts = (bindings[name] ?? []).map { binding in
            let key = "[\(label(binding.key, binding.arguments))]"
            switch binding.destination {
            case .queue(let queue):
                let rate = topology.rates[Topology.Arrow(exchange: name, queue: queue)]
                return Part.queue(queue, lead: "\(key) \(Self.rate(rate))-> ", depth: depth)
            case .exchange(let other): return Part.exchange(other, lead: "\(key) -> ", depth: depth)
            }
        }
        if let alternate = exchanges[name]?.exchange.alternate.name {
            parts.append(.exchange(alternate, lead: "alternate -> ", depth: depth))
        }
        return parts
    }

    private mutating func append(_ text: String, _ depth: Int) {
        lines.append(String(repeating: "  ", count: min(depth, Self.deepest)) + text)
    }

    private func described(_ name: Name) -> String {
        guard let node = exchanges[name] else { return Text.visible(name.text) }
        var facts = [Text.visible(node.exchange.type.text)]
        if node.exchange.isInternal { facts.append("internal") }
        if let rate = node.rateIn { facts.append("in \(Self.perSecond(rate))") }
        if let rate = node.rateOut { facts.append("out \(Self.perSecond(rate))") }
        if case .unknown = node.exchange.alternate { facts.append("alternate exchange not known") }
        return "\(Text.visible(name.text)) (\(facts.joined(separator: ", ")))\(markWords(.exchange(name)))"
    }

    private func describedQueue(_ name: Name) -> String {
        guard let node = queues[name] else { return "queue \(Text.visible(name.text))" }
        var facts: [String] = []
        if let type = node.type { facts.append(Text.visible(type.text)) }
        facts.append(
            node.messages.map { RouteTrace.count(Int(clamping: $0), "message", "messages") } ?? "messages not known")
        facts.append(node.consumers.map { RouteTrace.count($0, "consumer", "consumers") } ?? "consumers not known")
        if let rate = node.rateOut { facts.append("out \(Self.perSecond(rate))") }
        if let exchange = node.queue.deadLetterExchange.name {
            let key = node.queue.deadLetterKey.name.map { " with key '\(Text.visible($0.text))'" } ?? ""
            facts.append("dead letters to \(RouteTrace.exchange(exchange))\(key)")
        }
        return "queue \(Text.visible(name.text)) (\(facts.joined(separator: ", ")))\(markWords(.queue(name)))"
    }

    private func markWords(_ node: Topology.Node) -> String {
        // How many consumers there are stands among the facts.
        let words = marks[node].filter { $0 != .undrained }.map(\.words)
        return words.isEmpty ? "" : "  ! " + words.joined(separator: "; ")
    }

    private static func rate(_ rate: Double?) -> String { rate.map { "\(perSecond($0)) " } ?? "" }

    private static func perSecond(_ rate: Double) -> String { "\(JSONText.number((rate * 10).rounded() / 10))/s" }
}
