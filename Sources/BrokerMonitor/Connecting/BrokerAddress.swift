import Names
import RabbitMQClient
import RabbitMQManagement

/// Derives the broker's other addresses from the listeners that its management API reports.
enum BrokerAddress {
    /// Returns the AMQP listener of the node that answered, or of another node on the same host. User and password are
    /// not sent to other hosts only because the broker reports them. If the broker does not report its listeners,
    /// returns the usual port: see `isAMQPAssumed`.
    static func amqp(_ configuration: BrokerConfiguration, _ overview: Overview) -> AMQPFinding {
        if let amqp = configuration.amqp { return .found(amqp) }
        let management = configuration.management
        let wanted = configuration.amqpTLS == nil ? "amqp" : "amqp/ssl"
        guard overview.tellsListeners else {
            return .found(
                ConnectionConfiguration(
                    host: management.address.host, port: configuration.amqpTLS == nil ? 5672 : 5671,
                    tls: configuration.amqpTLS, username: management.username, password: management.password))
        }
        let listeners = overview.listeners.filter { $0.protocolName == wanted }
        let near = listeners.filter { host(of: $0, configuration, overview) == management.address.host }
        guard let listener = near.first(where: { $0.node == overview.node }) ?? near.first else {
            guard let other = listeners.first else { return .none }
            let host = host(of: other, configuration, overview)
            return .elsewhere(String(host: host, port: other.port))
        }
        return .found(
            ConnectionConfiguration(
                host: management.address.host, port: listener.port, tls: configuration.amqpTLS,
                username: management.username, password: management.password))
    }

    /// Returns the Prometheus endpoint of each node that has one, by the node's name.
    static func prometheus(_ configuration: BrokerConfiguration, _ overview: Overview)
        -> [Name: ManagementAddress]
    {
        let given = configuration.management.prometheusAddresses
        if !given.isEmpty {
            if given.count == 1, let node = overview.node { return [node: given[0]] }
            return Dictionary(
                given.map { (Name(String(host: $0.host, port: $0.port)), $0) }
            ) { first, _ in first }
        }
        var result: [Name: ManagementAddress] = [:]
        for listener in overview.listeners where listener.protocolName.hasSuffix("/prometheus") {
            guard let node = listener.node ?? overview.node else { continue }
            let isTLS = listener.protocolName.hasPrefix("https") || listener.isTLS == true
            if result[node]?.isTLS == false { continue }
            result[node] = ManagementAddress(
                host: host(of: listener, configuration, overview), port: configuration.prometheusPort ?? listener.port,
                isTLS: isTLS)
        }
        if result.isEmpty {
            let host = configuration.management.address.host
            if let port = configuration.prometheusPort {
                result[overview.node ?? Name(String(host: host, port: port))] = ManagementAddress(
                    host: host, port: port)
            } else if !overview.tellsListeners {
                result[overview.node ?? Name(String(host: host, port: 15_692))] = ManagementAddress(
                    host: host, port: 15_692)
            }
        }
        return result
    }

    /// Whether the AMQP address is the usual port because it is neither configured nor reported; another broker may
    /// answer there.
    static func isAMQPAssumed(_ configuration: BrokerConfiguration, _ overview: Overview) -> Bool {
        configuration.amqp == nil && !overview.tellsListeners
    }

    /// Whether the Prometheus endpoints are assumed in the same way.
    static func isPrometheusAssumed(_ configuration: BrokerConfiguration, _ overview: Overview) -> Bool {
        configuration.management.prometheusAddresses.isEmpty && configuration.prometheusPort == nil
            && !overview.tellsListeners
    }

    /// Returns the host of a listener as reachable from here. For the node that answered this is the management host,
    /// because a listener may report the address `::`; for another node it is the address it listens on, or the host in
    /// its name.
    static func host(
        of listener: ListenerInfo, _ configuration: BrokerConfiguration, _ overview: Overview
    ) -> String {
        let management = configuration.management.address.host
        guard let node = listener.node, node != overview.node else { return management }
        if let address = listener.address, !["::", "0.0.0.0", "", "127.0.0.1", "::1"].contains(address) {
            return address
        }
        let parts = node.text.parts(separatedBy: "@", maxSplits: 1, omittingEmptyParts: true)
        let name = parts.dropFirst().first.map(String.init) ?? management
        return name == "localhost" || listener.address == "127.0.0.1" ? management : name
    }
}
