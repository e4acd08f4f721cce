/// Several private nodes that form one RabbitMQ cluster, all on the loopback interface of this machine.
///
///     let cluster = try await BrokerCluster.start(count: 3)
///     try await cluster.nodes[2].kill()
///     await cluster.remove()
public struct BrokerCluster: Sendable {
    /// The nodes in the order of their names; the first one started first.
    public let nodes: [BrokerNode]

    private let ports: [BrokerNode.Ports]

    /// Starts the nodes, and returns when each is ready and knows all others.
    ///
    /// The first node starts alone and the others join it, by `classic_config` peer discovery
    /// (<https://www.rabbitmq.com/docs/cluster-formation>); they share the first one's port mapper and a cookie. A
    /// partition heals by itself once the nodes can connect again (`cluster_partition_handling = autoheal`).
    ///
    /// - Parameter options: the options of each node, except for folder, ports, cookie and name, which the cluster
    ///   sets.
    public static func start(
        count: Int = 3, _ options: BrokerNode.Options = .init()
    ) async throws(BrokerNodeError) -> BrokerCluster {
        var attempt = 1
        while true {
            do {
                return try await startOnce(count: max(1, count), options)
            } catch {
                guard attempt < 4, error.code == .portInUse else { throw error }
                attempt += 1
            }
        }
    }

    /// Kills all nodes, and removes their folders.
    public func remove() async {
        await withTaskGroup(of: Void.self) { group in
            for node in nodes { group.addTask { await node.remove() } }
        }
        for ports in ports { PortFinder.release(ports) }
    }

    private static func startOnce(
        count: Int, _ options: BrokerNode.Options
    ) async throws(BrokerNodeError) -> BrokerCluster {
        var ports: [BrokerNode.Ports] = []
        for _ in 0..<count {
            guard var free = PortFinder.find() else {
                for ports in ports { PortFinder.release(ports) }
                throw BrokerNodeError(
                    .notStarted, "No free ports were found on the loopback interface.",
                    advice: "Check what listens there: ss -ltn.")
            }
            if let first = ports.first { free.epmd = first.epmd }
            ports.append(free)
        }
        let stem = "rt" + BrokerFolder.randomHex(digits: 8)
        let cookie = options.cookie ?? BrokerFolder.randomHex(digits: 32)
        let settings = (0..<count).map { number in
            var own = options
            own.directory = nil
            own.ports = ports[number]
            own.cookie = cookie
            own.name = "\(stem)-\(number + 1)"
            own.configuration =
                [
                    "cluster_name = \(stem)",
                    "cluster_partition_handling = autoheal",
                    "cluster_formation.peer_discovery_backend = classic_config",
                ] + peers(ofNode: number + 1, stem: stem) + options.configuration
            return own
        }
        var nodes: [BrokerNode] = []
        do throws(BrokerNodeError) {
            nodes.append(try await BrokerNode.start(settings[0]))
            // One after the other: two nodes that join at the same time may both fail to get the first one's tables.
            for own in settings.dropFirst() { nodes.append(try await BrokerNode.start(own)) }
            let cluster = BrokerCluster(nodes: nodes, ports: ports)
            try await cluster.waitUntilWhole(deadline: options.deadline)
            return cluster
        } catch {
            await BrokerCluster(nodes: nodes, ports: ports).remove()
            throw error
        }
    }

    /// Returns the nodes that node `number` forms a cluster with: itself and the first one. RabbitMQ 4 does not boot
    /// with a list that contains a node twice.
    static func peers(ofNode number: Int, stem: String) -> [String] {
        let names = number == 1 ? ["\(stem)-1"] : ["\(stem)-1", "\(stem)-\(number)"]
        return names.enumerated().map { place, name in
            "cluster_formation.classic_config.nodes.\(place + 1) = \(name)@localhost"
        }
    }
}
