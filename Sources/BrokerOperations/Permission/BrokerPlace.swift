public import BrokerMonitor
public import Faults
import RabbitMQClient
import RabbitMQManagement

/// Where the broker that faults would affect runs.
public enum BrokerPlace: Sendable, Hashable {
    /// On this machine.
    case thisMachine
    /// On another machine, or unknown, with the evidence: `it is the node rabbit@web-7`.
    case elsewhere(String)

    /// Why faults are refused there unless they are permitted explicitly.
    public var refusal: FaultError? {
        guard case .elsewhere(let what) = self else { return nil }
        return FaultError(
            "Faults are permitted on a broker of this machine only: \(what).",
            advice: "Give --allow-faults to permit it.", kind: .notPermitted)
    }
}

/// Locates a broker by the addresses of its hosts, and by the names that it reports. A tunnel ends at an address of
/// this machine, but the broker behind it reports another machine's name.
public struct BrokerLocator: Sendable {
    private let configuration: BrokerConfiguration
    private let asksManagement: Bool
    private let addresses: @Sendable (String) async -> [IPAddress]
    private let machine: @Sendable () async -> ThisMachine

    /// - Parameter asksManagement: false if only AMQP is used, at the given address.
    public init(_ configuration: BrokerConfiguration, asksManagement: Bool = true) {
        self.init(
            configuration, asksManagement: asksManagement, addresses: { await HostLookup.addresses(of: $0) },
            machine: { await .current() })
    }

    init(
        _ configuration: BrokerConfiguration, asksManagement: Bool = true,
        addresses: @escaping @Sendable (String) async -> [IPAddress],
        machine: @escaping @Sendable () async -> ThisMachine
    ) {
        var configuration = configuration
        configuration.management.timeout = min(configuration.management.timeout, .seconds(5))
        self.configuration = configuration
        self.asksManagement = asksManagement
        self.addresses = addresses
        self.machine = machine
    }

    /// Returns where faults of an injection point would take effect.
    ///
    /// - Throws: `FaultError` if the broker does not answer.
    public func place(for injectionPoint: FaultDescription.InjectionPoint) async throws(FaultError) -> BrokerPlace {
        let machine = await machine()
        if case .elsewhere(let what) = await placeByAddress() { return .elsewhere(what) }
        let speaksAMQP = injectionPoint != .broker && configuration.amqp != nil
        guard asksManagement else { return try await placeByAMQP(machine, cluster: nil) }
        let overview: Overview
        do throws(FaultError) {
            overview = try await asFault { () throws(ManagementError) in try await self.overview() }
        } catch {
            // Faults on rabbittop's own connections do not need the management API.
            guard speaksAMQP else { throw error }
            return try await placeByAMQP(machine, cluster: nil)
        }
        let place = Self.place(of: overview, machine)
        guard place == .thisMachine, speaksAMQP else { return place }
        return try await placeByAMQP(machine, cluster: overview.clusterName)
    }

    /// Returns the place judged only by the addresses of the hosts, without a request to the broker.
    public func placeByAddress() async -> BrokerPlace {
        let hosts = (asksManagement ? [configuration.management.address.host] : []) + [configuration.amqp?.host]
        for case let host? in hosts {
            let place = Self.place(ofHost: host, await addresses(host))
            guard place == .thisMachine else { return place }
        }
        return .thisMachine
    }

    /// Returns where a connection to a host leads, judged by all of its addresses.
    public static func place(ofHost host: String) async -> BrokerPlace {
        place(ofHost: host, await HostLookup.addresses(of: host))
    }

    static func place(ofHost host: String, _ addresses: [IPAddress]) -> BrokerPlace {
        guard !addresses.isEmpty else { return .elsewhere("there is no address for \(host)") }
        // Other machines can reach a network address, too; only the loopback interface is private to this machine.
        guard let foreign = addresses.first(where: { !$0.isLoopback }) else { return .thisMachine }
        return .elsewhere(
            IPAddress(host) == nil ? "\(host) leads to \(foreign)" : "\(host) is not of the loopback interface")
    }

    // MARK: What the broker says of itself

    private func overview() async throws(ManagementError) -> Overview {
        let client = try ManagementClient(configuration: configuration.management)
        do throws(ManagementError) {
            let overview = try await client.overview()
            await client.shutdown()
            return overview
        } catch {
            await client.shutdown()
            throw error
        }
    }

    /// Returns the place judged by the names of the nodes: the one that answered, and the others in its cluster.
    static func place(of overview: Overview, _ machine: ThisMachine) -> BrokerPlace {
        guard let node = overview.node else { return place(ofCluster: overview.clusterName, machine) }
        for name in [node] + overview.listeners.compactMap(\.node) {
            guard let host = host(of: name.text), machine.isNamed(host) else {
                return .elsewhere("it is the node \(name)")
            }
        }
        return .thisMachine
    }

    /// Returns the place judged by the cluster's name, which the broker sends before the login. Unless it was
    /// configured, it is the name of the first node.
    static func place(ofCluster name: String?, _ machine: ThisMachine) -> BrokerPlace {
        guard let name else { return .elsewhere("the broker does not say which it is") }
        guard let host = host(of: name), machine.isNamed(host) else { return .elsewhere("it is the cluster \(name)") }
        return .thisMachine
    }

    /// Returns a function that judges a broker only by the name of its cluster, as a proxy sees it.
    public static func clusterRefusal() async -> @Sendable (_ cluster: String?) -> FaultError? {
        let machine = await ThisMachine.current()
        return { place(ofCluster: $0, machine).refusal }
    }

    private func placeByAMQP(_ machine: ThisMachine, cluster: String?) async throws(FaultError) -> BrokerPlace {
        guard var amqp = configuration.amqp else { return .elsewhere("it is not known which broker it is") }
        amqp.recovery = .off
        amqp.connectTimeout = min(amqp.connectTimeout, .seconds(5))
        amqp.connectionName = "\(configuration.connectionName) arming"
        do throws(ClientError) {
            let gate = configuration.management.gate ?? CredentialsGate()
            let credentials = CredentialsGate.Credentials(username: amqp.username, password: amqp.password)
            let connection = try await gate.attempt(credentials) { () async throws(ClientError) in
                try await Connection.connect(amqp)
            }
            let name = connection.serverProperties["cluster_name"]?.nameValue?.text
            await connection.close(timeout: .milliseconds(500))
            if let name, let cluster, name.utf8.elementsEqual(cluster.utf8) { return .thisMachine }
            return Self.place(ofCluster: name, machine)
        } catch {
            throw FaultError(error)
        }
    }

    private static func host(of node: String) -> String? {
        guard let at = node.lastIndex(of: "@") else { return nil }
        return String(node[node.index(after: at)...])
    }
}

/// Passes faults on to their injector if the broker is on this machine.
public struct GuardedFaults: FaultInjector {
    private let injector: any FaultInjector
    private let locator: BrokerLocator

    /// Creates an injector that checks the broker's place before each fault.
    public init(_ injector: any FaultInjector, _ locator: BrokerLocator) {
        self.injector = injector
        self.locator = locator
    }

    /// Injects a fault. The broker's place is checked each time, because another broker may have taken over the
    /// address.
    ///
    /// - Throws: `FaultError` if the fault is refused, or cannot be injected.
    public func inject(_ order: FaultOrder) async throws(FaultError) -> FaultInjection {
        if let refusal = try await locator.place(for: order.description.injectionPoint).refusal { throw refusal }
        return try await injector.inject(order)
    }
}
