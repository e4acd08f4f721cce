/// An address on which a broker listens for AMQP.
public struct Endpoint: Sendable, Hashable, Codable {
    /// A host name or an IP address. An IPv6 address is stored without brackets.
    public var host: String
    /// The TCP port.
    public var port: Int

    /// Creates an endpoint.
    public init(host: String, port: Int) {
        self.host = host
        self.port = port
    }
}

extension Endpoint: CustomStringConvertible {
    /// The endpoint as `host:port`, with an IPv6 address in brackets.
    public var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
