import RabbitMQClient
import RabbitMQManagement

/// Finds the other addresses of the broker from what its management API tells of its listeners.
enum BrokerAddress {
    /// Where AMQP is spoken by the node that answered, or by any.
    static func amqp(_ configuration: BrokerLinkConfiguration, _ overview: Overview) -> ConnectionConfiguration? {
        if let amqp = configuration.amqp { return amqp }
        let wanted = configuration.amqpTLS == nil ? "amqp" : "amqp/ssl"
        let listeners = overview.listeners.filter { $0.protocolName == wanted }
        guard let listener = listeners.first(where: { $0.node == overview.node }) ?? listeners.first else { return nil }
        return ConnectionConfiguration(
            host: host(of: listener, configuration, overview), port: listener.port, tls: configuration.amqpTLS,
            username: configuration.management.username, password: configuration.management.password)
    }

    /// The Prometheus endpoint of each node that has one, by the node's name.
    static func prometheus(_ configuration: BrokerLinkConfiguration, _ overview: Overview) -> [String:
        ManagementAddress]
    {
        let given = configuration.management.prometheusAddresses
        if !given.isEmpty {
            if given.count == 1, let node = overview.node { return [node: given[0]] }
            return Dictionary(given.map { ("\($0.host):\($0.port)", $0) }) { first, _ in first }
        }
        var result: [String: ManagementAddress] = [:]
        for listener in overview.listeners where listener.protocolName.hasSuffix("/prometheus") {
            guard let node = listener.node ?? overview.node else { continue }
            let isTLS = listener.protocolName.hasPrefix("https") || listener.isTLS == true
            if result[node]?.isTLS == false { continue }
            result[node] = ManagementAddress(
                host: host(of: listener, configuration, overview), port: configuration.prometheusPort ?? listener.port,
                isTLS: isTLS)
        }
        if result.isEmpty, let port = configuration.prometheusPort, let node = overview.node {
            result[node] = ManagementAddress(host: configuration.management.address.host, port: port)
        }
        return result
    }

    /// The host of a listener as seen from here: the management host for the node that answered, because the address that
    /// a listener reports may be `::`; of another node the address it listens on, or the host in its name.
    static func host(
        of listener: ListenerRow, _ configuration: BrokerLinkConfiguration, _ overview: Overview
    ) -> String {
        let management = configuration.management.address.host
        guard let node = listener.node, node != overview.node else { return management }
        if let address = listener.address, !["::", "0.0.0.0", "", "127.0.0.1", "::1"].contains(address) {
            return address
        }
        let name = node.split(separator: "@", maxSplits: 1).dropFirst().first.map(String.init) ?? management
        return name == "localhost" || listener.address == "127.0.0.1" ? management : name
    }
}
