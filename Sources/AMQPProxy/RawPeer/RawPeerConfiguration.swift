import NIOSSL

/// Where a broker listens.
public struct RawPeerAddress: Sendable {
    public var host: String
    public var port: Int
    /// For a listener that speaks TLS; the certificate has to be for `host`.
    public var tls: NIOSSLContext?

    public init(host: String, port: Int, tls: NIOSSLContext? = nil) {
        self.host = host
        self.port = port
        self.tls = tls
    }
}

/// Whom a raw peer connects to, and as whom.
public struct RawPeerConfiguration: Sendable {
    public var address: RawPeerAddress
    public var username: String
    public var password: String
    public var virtualHost = "/"
    /// The `connection_name` among its client properties: logs and lists show it.
    public var name: String
    /// Seconds between heartbeats as it asks for them; 0: none, also where the broker proposes some.
    public var heartbeat: UInt16 = 0
    /// Whether it sends the heartbeats that were agreed on.
    public var sendsHeartbeats = true
    /// Size of the socket's receive buffer in bytes; nil leaves it to the system.
    public var receiveBuffer: Int?
    /// How long any answer may take.
    public var patience = Duration.seconds(10)

    public init(address: RawPeerAddress, username: String, password: String, name: String) {
        self.address = address
        self.username = username
        self.password = password
        self.name = name
    }
}
