import Names
import RabbitMQClient
import RabbitMQManagement

// Wherever a host and a port are joined, an IPv6 address is put in brackets, so that the same peer has the same text.

extension ConnectionConfiguration {
    /// The address as `host:port`.
    package var endpointText: String { String(host: host, port: port) }

    /// Returns the configuration for a vhost; `nil` if its name is not UTF-8, because its text form would name another
    /// vhost.
    package func inVhost(_ vhost: Name) -> Self? {
        guard vhost.isText else { return nil }
        var configuration = self
        configuration.virtualHost = vhost.text
        return configuration
    }
}

extension ConnectionInfo {
    /// The client's address and port, in the form used by connection names.
    package var peer: String? { Self.text(peerHost, peerPort) }

    /// The broker's address and port that the client connected to.
    var listener: String? { Self.text(host, port) }

    private static func text(_ host: String?, _ port: Int?) -> String? {
        host.map { host in port.map { String(host: host, port: $0) } ?? host }
    }
}
