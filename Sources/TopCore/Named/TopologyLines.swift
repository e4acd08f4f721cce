import MessageRouting
import Names
import Screen

/// Makes the lines of the Topology view from topologies and from what is unfolded.
struct TopologyLines {
    /// The most lines that are made.
    static let most = 20_000
    /// The deepest path that is followed.
    private static let deepest = 30

    private let topology: Topology
    private let marks: TopologyMarks
    private let queues: [Name: Topology.QueueNode]
    private let exchanges: [Name: Topology.ExchangeNode]
    private let bindings: [Name: [RoutingModel.Binding]]
    private let toggled: Set<NamedRowID>
    private(set) var rows: [TopologyRow]

    /// A line with what has led to it.
    private struct Step {
        var node: Topology.Node
        var way: TopologyRow.Way
        var rate: Double?
        var path: [Name]
        var behind: Set<Topology.Node>
        var depth: Int
    }

    /// Returns the lines of several vhosts.
    ///
    /// - Parameter marks: what is remarkable in each of them, in the same order; worked out here where it is missing.
    static func rows(
        of topologies: [Topology], marks: [TopologyMarks] = [], toggled: Set<NamedRowID>
    ) -> [TopologyRow] {
        var rows: [TopologyRow] = []
        for (index, topology) in topologies.enumerated() {
            // Every vhost has the standard exchanges; one with nothing else is not worth a line.
            let isUsed =
                !topology.queues.isEmpty || !topology.bindings.isEmpty || topologies.count == 1
                || topology.exchanges.contains { !$0.exchange.name.hasPrefix("amq.") && !$0.exchange.name.isEmpty }
            guard isUsed, rows.count < most else { continue }
            let known = marks.indices.contains(index) ? marks[index] : TopologyMarks(topology)
            var lines = TopologyLines(topology, known, toggled, after: rows)
            // Not two copies of all lines while more are added.
            rows = []
            lines.write()
            rows = lines.rows
        }
        return rows
    }

    private init(
        _ topology: Topology, _ marks: TopologyMarks, _ toggled: Set<NamedRowID>, after rows: [TopologyRow]
    ) {
        self.topology = topology
        self.toggled = toggled
        self.rows = rows
        self.marks = marks
        queues = Dictionary(topology.queues.map { ($0.queue.name, $0) }) { first, _ in first }
        exchanges = Dictionary(topology.exchanges.map { ($0.exchange.name, $0) }) { first, _ in first }
        bindings = Dictionary(grouping: topology.bindings, by: \.source)
    }

    private mutating func write() {
        var root = TopologyRow(
            vhost: topology.vhost, kind: .vhost, name: topology.vhost, path: "", place: rows.count, depth: 0, way: .root
        )
        let roots = self.roots
        root.hasMore = !roots.isEmpty
        root.isUnfolded = isUnfolded(root)
        root.marks = topology.gaps.map { "not known: \($0)" }
        rows.append(root)
        guard root.isUnfolded else { return }
        var waiting = Array(roots.reversed())
        while let step = waiting.popLast(), rows.count < Self.most {
            waiting += unfold(step).reversed()
        }
    }

    /// What nothing leads to: exchanges that are used, those in loops, and queues without a binding.
    private var roots: [Step] {
        let named = topology.exchanges.map(\.exchange.name).filter { name in
            // The standard exchanges are in the way unless they are used.
            !name.isEmpty && !(name.hasPrefix("amq.") && marks[.exchange(name)].contains(.unbound))
        }
        let entered = Set(
            topology.bindings.compactMap { $0.destination.isQueue ? nil : $0.destination.name }
                + topology.exchanges.compactMap(\.exchange.alternate.name))
        let first = named.filter { !entered.contains($0) || marks[.exchange($0)].contains(.loop) }
        let bound = Set(topology.bindings.compactMap { $0.destination.isQueue ? $0.destination.name : nil })
        let unbound = topology.queues.map(\.queue.name).filter { !bound.contains($0) }
        return (first.map(Topology.Node.exchange) + unbound.map(Topology.Node.queue)).map {
            Step(node: $0, way: .root, rate: nil, path: [], behind: [], depth: 1)
        }
    }

    /// Adds the line of a step, and returns the steps below it that are shown.
    private mutating func unfold(_ step: Step) -> [Step] {
        let isExchange = if case .exchange = step.node { true } else { false }
        var row = TopologyRow(
            vhost: topology.vhost, kind: isExchange ? .exchange : .queue, name: step.node.name,
            path: Name(joining: step.path + [Name("\(step.way)"), isExchange ? "exchange" : "queue"]),
            place: rows.count, depth: step.depth, way: step.way)
        row.wayRate = step.rate
        row.marks = marks[step.node].map(\.words)
        row.isLoop = step.behind.contains(step.node)
        if isExchange {
            row.rateIn = exchanges[step.node.name]?.rateIn
            row.rateOut = exchanges[step.node.name]?.rateOut
        } else if let queue = queues[step.node.name] {
            row.rateIn = queue.rateIn
            row.rateOut = queue.rateOut
            row.messages = queue.messages.map { Int(clamping: $0) }
            row.consumers = queue.consumers
        }
        let below = row.isLoop || step.depth >= Self.deepest ? [] : steps(below: step)
        row.hasMore = !below.isEmpty
        row.isUnfolded = row.hasMore && isUnfolded(row)
        rows.append(row)
        return row.isUnfolded ? below : []
    }

    private func steps(below step: Step) -> [Step] {
        // All of them share these: an exchange may have thousands of bindings.
        let path = step.path + [step.node.name, Name("\(step.way)")]
        let behind = step.behind.union([step.node])
        func next(_ node: Topology.Node, _ way: TopologyRow.Way, rate: Double? = nil) -> Step {
            Step(node: node, way: way, rate: rate, path: path, behind: behind, depth: step.depth + 1)
        }
        switch step.node {
        case .exchange(let name):
            var steps = (bindings[name] ?? []).map { binding in
                let way = TopologyRow.Way.binding(Name(label(binding.key, binding.arguments)))
                switch binding.destination {
                case .queue(let queue):
                    let rate = topology.rates[Topology.Arrow(exchange: name, queue: queue)]
                    return next(.queue(queue), way, rate: rate)
                case .exchange(let other): return next(.exchange(other), way)
                }
            }
            if let alternate = exchanges[name]?.exchange.alternate.name {
                steps.append(next(.exchange(alternate), .alternate))
            }
            return steps
        case .queue(let name):
            guard let queue = queues[name]?.queue, let exchange = queue.deadLetterExchange.name else { return [] }
            guard exchange.isEmpty else { return [next(.exchange(exchange), .deadLetters)] }
            // The default exchange passes them on to the queue of their key.
            return queue.deadLetterKey.name.map { [next(.queue($0), .deadLetters)] } ?? []
        }
    }

    /// The vhost and what nothing leads to are unfolded to begin with.
    private func isUnfolded(_ row: TopologyRow) -> Bool { (row.depth <= 1) != toggled.contains(row.id) }
}

extension State {
    /// Unfolds or folds the selected line of the Topology view; returns whether that changed anything.
    ///
    /// - Parameter unfolds: whether it is to be unfolded; `nil` for the other state than it has.
    mutating func fold(_ unfolds: Bool?) -> Bool {
        guard let row = named.topology.selected, row.hasMore, unfolds != row.isUnfolded else { return false }
        named.toggle(row.id, now: now)
        return true
    }

    /// Shows other columns of the table; in the topology the selected line is folded or unfolded first.
    mutating func scrollColumns(_ step: Int) {
        if view == .named(.topology), fold(step > 0) { return }
        apply(.columns(step, limit: scrollLimits.columns), to: view)
    }
}
