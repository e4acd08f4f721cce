import Names

/// One place where a broker listens for AMQP.
public struct Endpoint: Sendable, Hashable, Codable {
    /// A host name or an address; an IPv6 address stands without brackets.
    public var host: String
    public var port: Int

    public init(host: String, port: Int) {
        self.host = host
        self.port = port
    }
}

extension Endpoint: CustomStringConvertible {
    /// `host:port`, an IPv6 address in brackets.
    public var description: String { String(host: host, port: port) }
}
