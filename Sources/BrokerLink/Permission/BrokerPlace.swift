public import Faults
import RabbitMQClient
import RabbitMQManagement

/// Where the broker is that faults would strike.
public enum BrokerPlace: Sendable, Hashable {
    case thisMachine
    /// Another machine's, or it cannot be told; what shows it: `it is the node rabbit@web-7`.
    case elsewhere(String)

    /// Why no fault is injected there without leave.
    public var refusal: FaultError? {
        guard case .elsewhere(let what) = self else { return nil }
        return FaultError(
            "Faults are armed on a broker of this machine only: \(what).",
            advice: "Say --allow-faults if that broker is meant.", kind: .notPermitted)
    }
}

/// Finds out where a broker is: by the addresses that its hosts stand for, and by what it says of itself. The end of a
/// tunnel has an address of this machine, and the broker behind it another machine's name.
public struct BrokerLocator: Sendable {
    private let configuration: BrokerLinkConfiguration
    private let asksManagement: Bool
    private let addresses: @Sendable (String) async -> [IPAddress]
    private let machine: @Sendable () async -> ThisMachine

    /// - Parameter asksManagement: false where AMQP alone is spoken, at the address that was given.
    public init(_ configuration: BrokerLinkConfiguration, asksManagement: Bool = true) {
        self.init(
            configuration, asksManagement: asksManagement, addresses: { await HostLookup.addresses(of: $0) },
            machine: { await .current() })
    }

    init(
        _ configuration: BrokerLinkConfiguration, asksManagement: Bool = true,
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

    /// Where faults of this room would strike.
    ///
    /// - Throws: `FaultError` when the broker cannot be asked.
    public func place(for injectionPoint: FaultDescription.InjectionPoint) async throws(FaultError) -> BrokerPlace {
        let machine = await machine()
        if case .elsewhere(let what) = await placeByAddress() { return .elsewhere(what) }
        let speaksAMQP = injectionPoint != .broker && configuration.amqp != nil
        guard asksManagement else { return try await placeByAMQP(machine, cluster: nil) }
        let overview: Overview
        do throws(FaultError) {
            overview = try await asFault { () throws(ManagementError) in try await self.overview() }
        } catch {
            // Faults on connections of our own need no management API.
            guard speaksAMQP else { throw error }
            return try await placeByAMQP(machine, cluster: nil)
        }
        let place = Self.place(of: overview, machine)
        guard place == .thisMachine, speaksAMQP else { return place }
        return try await placeByAMQP(machine, cluster: overview.clusterName)
    }

    /// By the addresses of the hosts alone: nobody is asked.
    public func placeByAddress() async -> BrokerPlace {
        let hosts = (asksManagement ? [configuration.management.address.host] : []) + [configuration.amqp?.host]
        for case let host? in hosts {
            let place = Self.place(ofHost: host, await addresses(host))
            guard place == .thisMachine else { return place }
        }
        return .thisMachine
    }

    /// Where connecting to a host leads, by all the addresses that it stands for.
    public static func place(ofHost host: String) async -> BrokerPlace {
        place(ofHost: host, await HostLookup.addresses(of: host))
    }

    static func place(ofHost host: String, _ addresses: [IPAddress]) -> BrokerPlace {
        guard !addresses.isEmpty else { return .elsewhere("there is no address for \(host)") }
        // An address on a network is one that others reach, too: only the loopback interface is this machine's alone.
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

    /// By the names of the nodes: of the one that answered, and of the others in its cluster.
    static func place(of overview: Overview, _ machine: ThisMachine) -> BrokerPlace {
        guard let node = overview.node else { return place(ofCluster: overview.clusterName, machine) }
        for name in [node] + overview.listeners.compactMap(\.node) {
            guard let host = host(of: name.text), machine.isNamed(host) else {
                return .elsewhere("it is the node \(name)")
            }
        }
        return .thisMachine
    }

    /// Before the login the broker tells its cluster's name, which is its first node's unless somebody gave another.
    static func place(ofCluster name: String?, _ machine: ThisMachine) -> BrokerPlace {
        guard let name else { return .elsewhere("the broker does not say which it is") }
        guard let host = host(of: name), machine.isNamed(host) else { return .elsewhere("it is the cluster \(name)") }
        return .thisMachine
    }

    /// Judges brokers by the names of their clusters alone, as a proxy sees them.
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

/// Lets faults through to their injector on a broker of this machine.
public struct GuardedFaults: FaultInjector {
    private let injector: any FaultInjector
    private let locator: BrokerLocator

    public init(_ injector: any FaultInjector, _ locator: BrokerLocator) {
        self.injector = injector
        self.locator = locator
    }

    /// The broker may be another than it was at the start: it is looked at each time.
    public func inject(_ order: FaultOrder) async throws(FaultError) -> FaultInjection {
        if let refusal = try await locator.place(for: order.description.injectionPoint).refusal { throw refusal }
        return try await injector.inject(order)
    }
}
