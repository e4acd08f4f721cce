import Names

/// The links between the nodes of a topology, by number, for finding loops.
struct TopologyLinks {
    private var nodes: [Topology.Node] = []
    private var numbers: [Topology.Node: Int] = [:]
    private var links: [[Int]] = []
    private var deadLetterLinks: [[Int]] = []
    /// The nodes that a binding, an alternate exchange or a dead letter leads to.
    private(set) var targets: Set<Topology.Node> = []
    /// The nodes that are named and not listed.
    private(set) var unlisted: Set<Topology.Node> = []

    init(_ topology: Topology) {
        for node in topology.exchanges { add(.exchange(node.exchange.name)) }
        for node in topology.queues { add(.queue(node.queue.name)) }
        let existing = nodes.count
        var byKey: [Name: [Name: [Topology.Node]]] = [:]
        let direct = Set(topology.exchanges.filter { $0.exchange.kind == .direct }.map(\.exchange.name))
        for binding in topology.bindings {
            let target = Topology.Node(binding.destination)
            link(.exchange(binding.source), target)
            if direct.contains(binding.source) {
                byKey[binding.source, default: [:]][binding.key, default: []].append(target)
            }
        }
        var alternates: [Name: Name] = [:]
        for node in topology.exchanges {
            guard let alternate = node.exchange.alternate.name else { continue }
            alternates[node.exchange.name] = alternate
            link(.exchange(node.exchange.name), .exchange(alternate))
        }
        for node in topology.queues {
            guard let exchange = node.queue.deadLetterExchange.name else { continue }
            let queue = Topology.Node.queue(node.queue.name)
            switch node.queue.deadLetterKey {
            case .name(let key) where exchange.isEmpty: linkDeadLetters(queue, [.queue(key)])
            case .name(let key) where direct.contains(exchange):
                let found = byKey[exchange]?[key] ?? alternates[exchange].map { [.exchange($0)] } ?? []
                linkDeadLetters(queue, found)
                targets.insert(.exchange(exchange))
            case .none where exchange.isEmpty, .unknown where exchange.isEmpty: break
            case .name, .none, .unknown: linkDeadLetters(queue, [.exchange(exchange)])
            }
        }
        unlisted = Set(nodes[existing...])
    }

    @discardableResult
    private mutating func add(_ node: Topology.Node) -> Int {
        if let number = numbers[node] { return number }
        numbers[node] = nodes.count
        nodes.append(node)
        links.append([])
        deadLetterLinks.append([])
        return nodes.count - 1
    }

    private mutating func link(_ from: Topology.Node, _ to: Topology.Node) {
        let (from, target) = (add(from), add(to))
        links[from].append(target)
        targets.insert(to)
    }

    private mutating func linkDeadLetters(_ queue: Topology.Node, _ found: [Topology.Node]) {
        let from = add(queue)
        for node in found {
            deadLetterLinks[from].append(add(node))
            targets.insert(node)
        }
    }

    /// Returns the nodes that a way leads back to. With dead letters, only those on a way that needs one.
    func loops(withDeadLetters: Bool) -> [Topology.Node] {
        let groups = strongGroups { number in
            withDeadLetters ? links[number] + deadLetterLinks[number] : links[number]
        }
        var result: [Topology.Node] = []
        var groupOf = Array(repeating: 0, count: nodes.count)
        for (index, group) in groups.enumerated() { for number in group { groupOf[number] = index } }
        for (index, group) in groups.enumerated() {
            let isLoop =
                withDeadLetters
                ? group.contains { number in deadLetterLinks[number].contains { groupOf[$0] == index } }
                : group.count > 1 || group.contains { links[$0].contains($0) }
            if isLoop { result += group.map { nodes[$0] } }
        }
        return result
    }

    /// Returns the groups of nodes in which each leads to each other: Tarjan's algorithm, without recursion.
    private func strongGroups(_ next: (Int) -> [Int]) -> [[Int]] {
        var groups: [[Int]] = []
        var order = Array(repeating: -1, count: nodes.count)
        var lowest = Array(repeating: 0, count: nodes.count)
        var isOpen = Array(repeating: false, count: nodes.count)
        var open: [Int] = []
        var count = 0
        var path: [(node: Int, next: [Int], place: Int)] = []
        func enter(_ node: Int) {
            order[node] = count
            lowest[node] = count
            count += 1
            open.append(node)
            isOpen[node] = true
            path.append((node, next(node), 0))
        }
        for start in nodes.indices where order[start] < 0 {
            enter(start)
            while let (node, targets, place) = path.last {
                if place < targets.count {
                    path[path.count - 1].place += 1
                    let target = targets[place]
                    if order[target] < 0 {
                        enter(target)
                    } else if isOpen[target] {
                        lowest[node] = min(lowest[node], order[target])
                    }
                    continue
                }
                path.removeLast()
                if let before = path.last { lowest[before.node] = min(lowest[before.node], lowest[node]) }
                guard lowest[node] == order[node] else { continue }
                var group: [Int] = []
                while let last = open.popLast() {
                    isOpen[last] = false
                    group.append(last)
                    if last == node { break }
                }
                groups.append(group)
            }
        }
        return groups
    }
}

extension Topology.Node {
    /// Creates the node that a binding leads to.
    public init(_ destination: RoutingModel.Destination) {
        switch destination {
        case .queue(let name): self = .queue(name)
        case .exchange(let name): self = .exchange(name)
        }
    }
}
