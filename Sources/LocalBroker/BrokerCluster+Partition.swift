extension BrokerCluster {
    /// Isolates one node from all others; each side continues without the other.
    ///
    /// The node gets another Erlang cookie for its peers, so that neither side can connect to the other, and drops its
    /// existing connections. `rabbitmqctl` still reaches all nodes.
    public func isolate(_ node: BrokerNode) async throws(BrokerNodeError) {
        let others = others(than: node)
        try await node.eval(
            """
            Others = [\(others.map { "'\($0.name)'" }.joined(separator: ","))], \
            [erlang:set_cookie(N, 'rabbittop-partition') || N <- Others], \
            [erlang:disconnect_node(N) || N <- Others], ok.
            """)
    }

    /// Lets an isolated node connect to the others again, and waits until the cluster is whole.
    public func heal(_ node: BrokerNode, deadline: Duration = .seconds(120)) async throws(BrokerNodeError) {
        let others = others(than: node)
        try await node.eval(
            """
            Others = [\(others.map { "'\($0.name)'" }.joined(separator: ","))], \
            [erlang:set_cookie(N, erlang:get_cookie()) || N <- Others], \
            [net_kernel:connect_node(N) || N <- Others], ok.
            """)
        try await waitUntilWhole(deadline: deadline)
    }

    /// Waits until each running node lists all other running nodes as running, and no partition is left.
    public func waitUntilWhole(deadline: Duration = .seconds(120)) async throws(BrokerNodeError) {
        let end = ContinuousClock.now + deadline
        while true {
            if try await isWhole() { return }
            if Task.isCancelled { throw BrokerNodeError(.cancelled, "The wait for the cluster was cancelled.") }
            if ContinuousClock.now >= end {
                throw BrokerNodeError(
                    .deadline, "The nodes were not one cluster after \(deadline).",
                    advice: "Check what their logs say about partitions.")
            }
            await Pause.uncancellable(.milliseconds(200))
        }
    }

    private func isWhole() async throws(BrokerNodeError) -> Bool {
        var running: [BrokerNode] = []
        for node in nodes where await node.status == .running { running.append(node) }
        let wanted = Set(running.map(\.name))
        for node in running {
            let answer: String
            do throws(BrokerNodeError) {
                answer = try await node.eval(
                    """
                    case rabbit:is_running() of false -> "down"; true -> \
                    lists:flatten(lists:join(" ", [atom_to_list(N) || N <- rabbit_nodes:all_running()]) \
                    ++ [" partitioned" || rabbit_node_monitor:partitions() =/= []]) end.
                    """)
            } catch {
                // A node does not answer while its application restarts to heal.
                guard error.code == .commandFailed else { throw error }
                return false
            }
            let words = answer.trimming("\"").split(separator: " ").map(String.init)
            guard Set(words) == wanted else { return false }
        }
        return true
    }

    private func others(than node: BrokerNode) -> [BrokerNode] { nodes.filter { $0.name != node.name } }
}

extension String {
    fileprivate func trimming(_ character: Character) -> Substring {
        var rest = self[...]
        while rest.first == character { rest = rest.dropFirst() }
        while rest.last == character { rest = rest.dropLast() }
        return rest
    }
}
