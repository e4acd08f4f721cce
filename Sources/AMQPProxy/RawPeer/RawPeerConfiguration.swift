import NIOSSL

/// The address of a broker's listener.
public struct RawPeerAddress: Sendable {
    /// The host name or IP address.
    public var host: String
    /// The TCP port.
    public var port: Int
    /// The TLS context for a TLS listener; its certificate must be valid for `host`.
    public var tls: NIOSSLContext?

    /// Creates an address.
    public init(host: String, port: Int, tls: NIOSSLContext? = nil) {
        self.host = host
        self.port = port
        self.tls = tls
    }
}

/// The address and credentials of a raw peer's connection.
public struct RawPeerConfiguration: Sendable {
    /// The broker's listener.
    public var address: RawPeerAddress
    /// The user.
    public var username: String
    /// The user's password.
    public var password: String
    /// The virtual host that is opened.
    public var virtualHost = "/"
    /// The `connection_name` among its client properties, shown in logs and lists.
    public var name: String
    /// The requested heartbeat interval in seconds; 0: none, even if the broker proposes one.
    public var heartbeat: UInt16 = 0
    /// Whether it sends the negotiated heartbeats.
    public var sendsHeartbeats = true
    /// The size of the socket's receive buffer in bytes; nil: the system's default.
    public var receiveBuffer: Int?
    /// How long any answer may take.
    public var patience = Duration.seconds(10)

    /// Creates a configuration without heartbeats, for the virtual host `/`.
    public init(address: RawPeerAddress, username: String, password: String, name: String) {
        self.address = address
        self.username = username
        self.password = password
        self.name = name
    }
}
