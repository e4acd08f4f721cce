public import MessageRouting
public import Names
public import RabbitMQManagement

/// Asks once for the exchanges, queues and bindings of a broker.
public struct TopologyPoll: Sendable {
    private let client: ManagementClient
    private let lists: BrokerLists
    /// The most exchanges whose own details are asked for, which have the rates to their queues.
    private static let mostDetails = 50

    /// - Throws: `ManagementError` if a file named in the TLS settings cannot be read.
    public init(_ configuration: ManagementConfiguration) throws(ManagementError) {
        client = try ManagementClient(configuration: configuration)
        lists = BrokerLists(client: client, clock: .system)
    }

    /// Asks through the client of these lists.
    init(_ lists: BrokerLists) {
        client = lists.client
        self.lists = lists
    }

    /// Closes the connections to the management API.
    public func shutdown() async {
        await client.shutdown()
    }

    /// Returns the topologies of the vhosts, in order. What the broker does not tell about queues and policies is among
    /// the gaps of each.
    ///
    /// - Parameter vhost: the vhost to ask for; nil for all.
    /// - Throws: `ManagementError` if the exchanges or bindings cannot be listed.
    public func topologies(vhost: Name?) async throws(ManagementError) -> [Topology] {
        let exchanges = try await client.exchanges(.all, vhost: vhost).items
        let bindings = try await client.bindings(vhost: vhost).items
        var gaps: [String] = []
        var queues: [QueueInfo] = []
        var hasAllQueues = true
        do throws(ManagementError) {
            queues = try await lists.queues(vhost: vhost)
        } catch {
            hasAllQueues = false
            gaps.append("queues: \(error.whatHappened)")
        }
        let policies = try await policies(for: exchanges, vhost, &gaps)
        let rates = try await rates(of: exchanges)
        var parts: [Name: Parts] = [:]
        for row in exchanges {
            let policy = row.policy.flatMap { policies.found[PolicyID(vhost: row.vhost, name: $0)] }
            let missing = RoutingModel.Exchange.needsPolicy(row) ? policies.missing : nil
            parts[row.vhost, default: Parts()].exchanges.append(
                Topology.ExchangeNode(
                    RoutingModel.Exchange(row, policy: policy, missing: missing), rateIn: row.stats?.publishIn.rate,
                    rateOut: row.stats?.publishOut.rate))
        }
        for row in bindings { parts[row.vhost, default: Parts()].bindings.append(RoutingModel.Binding(row)) }
        for row in queues { parts[row.vhost, default: Parts()].queues.append(Topology.QueueNode(row)) }
        for (vhost, arrow, rate) in rates { parts[vhost, default: Parts()].rates[arrow] = rate }
        return parts.sorted { $0.key < $1.key }.map { vhost, parts in
            Topology(
                vhost: vhost, exchanges: parts.exchanges, queues: parts.queues, bindings: parts.bindings,
                rates: parts.rates, hasAllQueues: hasAllQueues, gaps: gaps)
        }
    }

    /// What belongs to one vhost.
    private struct Parts {
        var exchanges: [Topology.ExchangeNode] = []
        var queues: [Topology.QueueNode] = []
        var bindings: [RoutingModel.Binding] = []
        var rates: [Topology.Arrow: Double] = [:]
    }

    private struct PolicyID: Hashable {
        var vhost: Name
        var name: Name
    }

    /// Returns the policies, asked for only where an alternate exchange may depend on one, and why they are missing.
    private func policies(
        for exchanges: [ExchangeInfo], _ vhost: Name?, _ gaps: inout [String]
    ) async throws(ManagementError) -> (found: [PolicyID: PolicyInfo], missing: String?) {
        guard exchanges.contains(where: RoutingModel.Exchange.needsPolicy) else { return ([:], nil) }
        do throws(ManagementError) {
            let list = try await client.policies(vhost: vhost).items
            let pairs = list.map { (PolicyID(vhost: $0.vhost, name: $0.name), $0) }
            return (Dictionary(pairs) { first, _ in first }, nil)
        } catch {
            if case .unreachable = error.code { throw error }
            gaps.append("policies, which may set alternate exchanges: \(error.whatHappened)")
            return ([:], "its policy cannot be read")
        }
    }

    /// Returns the rates from exchanges to queues of the busiest exchanges. A broker that does not keep them has none.
    private func rates(
        of exchanges: [ExchangeInfo]
    ) async throws(ManagementError) -> [(vhost: Name, arrow: Topology.Arrow, rate: Double)] {
        let busy = exchanges.filter { ($0.stats?.publishIn.rate ?? 0) > 0 && !$0.name.isEmpty }
            .sorted { ($0.stats?.publishIn.rate ?? 0) > ($1.stats?.publishIn.rate ?? 0) }.prefix(Self.mostDetails)
        var rates: [(vhost: Name, arrow: Topology.Arrow, rate: Double)] = []
        for row in busy {
            let detail: ExchangeDetail
            do throws(ManagementError) {
                detail = try await client.exchange(vhost: row.vhost, name: row.name)
            } catch {
                if case .unreachable = error.code { throw error }
                // It may be gone by now; its rates are only missing.
                continue
            }
            for outgoing in detail.outgoing {
                guard let queue = outgoing.queue?.name, let rate = outgoing.stats?.publish.rate else { continue }
                rates.append((row.vhost, Topology.Arrow(exchange: row.name, queue: queue), rate))
            }
        }
        return rates
    }
}

extension Topology.QueueNode {
    /// Creates a queue from the API's row.
    init(_ row: QueueInfo) {
        self.init(
            RoutingModel.Queue(row), type: Name(row.type), messages: row.messages.value, consumers: row.consumers,
            rateIn: row.stats?.publish.rate, rateOut: row.stats?.deliverGet.rate,
            received: row.stats?.publish.value)
    }
}
