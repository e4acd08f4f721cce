import AMQPWire

/// Where the broker is, who we are there, and how patient we are.
public struct ConnectionConfiguration: Sendable {
    /// The broker's host name or address.
    public var host: String
    /// 5672, or 5671 with TLS.
    public var port: Int
    /// TLS, or nil for plain TCP.
    public var tls: TLSSettings?
    public var username: String
    /// Never part of a description.
    public var password: String
    public var virtualHost: String
    /// The name by which people recognise this connection in the broker's listings (`connection_name`); nil for none.
    public var connectionName: String?
    /// The heartbeat interval proposed, in whole seconds; zero switches heartbeats off unless the broker asks for them.
    public var heartbeat: Duration
    /// From the first packet to `connection.open-ok`.
    public var connectTimeout: Duration
    /// The deadline of every operation that awaits an answer of the broker.
    public var operationTimeout: Duration
    /// How long a publish may wait for the socket and for its confirm before it ends as indeterminate.
    public var publishTimeout: Duration
    /// The most channels wanted; 0 leaves it to the broker.
    public var channelMax: UInt16
    /// The largest frame wanted, in bytes; 0 leaves it to the broker. Never proposed under 8192, which RabbitMQ 4.1 and
    /// later refuse.
    public var frameMax: UInt32
    /// More entries for `client_properties`; they win over the client's own, except for `capabilities`.
    public var clientProperties: FieldTable

    public init(
        host: String = "127.0.0.1",
        port: Int? = nil,
        tls: TLSSettings? = nil,
        username: String = "guest",
        password: String = "guest",
        virtualHost: String = "/",
        connectionName: String? = nil,
        heartbeat: Duration = .seconds(60),
        connectTimeout: Duration = .seconds(10),
        operationTimeout: Duration = .seconds(15),
        publishTimeout: Duration = .seconds(30),
        channelMax: UInt16 = 2047,
        frameMax: UInt32 = 131_072,
        clientProperties: FieldTable = [:]
    ) {
        self.host = host
        self.port = port ?? (tls == nil ? 5672 : 5671)
        self.tls = tls
        self.username = username
        self.password = password
        self.virtualHost = virtualHost
        self.connectionName = connectionName
        self.heartbeat = heartbeat
        self.connectTimeout = connectTimeout
        self.operationTimeout = operationTimeout
        self.publishTimeout = publishTimeout
        self.channelMax = channelMax
        self.frameMax = frameMax
        self.clientProperties = clientProperties
    }
}

extension ConnectionConfiguration: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String {
        "\(tls == nil ? "amqp" : "amqps")://\(username)@\(host):\(port) vhost '\(virtualHost)'"
    }
    public var debugDescription: String { description }
    /// Without the password, so that `dump` and string interpolation of an enclosing value do not show it.
    public var customMirror: Mirror {
        Mirror(self, children: ["uri": description, "connectionName": connectionName as Any])
    }
}

/// How to speak TLS with the broker.
public struct TLSSettings: Sendable, Hashable {
    /// A PEM file of the authorities to trust; nil trusts the system's.
    public var certificateAuthorityFile: String?
    /// A PEM file with this client's certificate chain; nil presents none.
    public var clientCertificateFile: String?
    /// A PEM file with the key of `clientCertificateFile`.
    public var clientKeyFile: String?
    /// Whether the peer's certificate and name are checked. False accepts anybody: for experiments only.
    public var verifiesPeer: Bool
    /// The name to ask for (SNI) and to check; nil takes the configuration's host. A certificate for the address that was
    /// connected to is accepted too.
    public var serverName: String?

    public init(
        certificateAuthorityFile: String? = nil,
        clientCertificateFile: String? = nil,
        clientKeyFile: String? = nil,
        verifiesPeer: Bool = true,
        serverName: String? = nil
    ) {
        self.certificateAuthorityFile = certificateAuthorityFile
        self.clientCertificateFile = clientCertificateFile
        self.clientKeyFile = clientKeyFile
        self.verifiesPeer = verifiesPeer
        self.serverName = serverName
    }
}
