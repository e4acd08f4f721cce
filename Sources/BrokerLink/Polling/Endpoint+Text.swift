import RabbitMQClient
import RabbitMQManagement

// Wherever a host and a port are joined, an IPv6 address stands in brackets, so that the same peer has the same text.

extension ConnectionConfiguration {
    /// `host:port`
    var endpointText: String { Endpoint(host: host, port: port).description }
}

extension ConnectionInfo {
    /// The client's address and port, as connections' names have them.
    var peer: String? { Self.text(peerHost, peerPort) }

    /// The broker's address and port that the client connected to.
    var listener: String? { Self.text(host, port) }

    private static func text(_ host: String?, _ port: Int?) -> String? {
        host.map { host in port.map { Endpoint(host: host, port: $0).description } ?? host }
    }
}
