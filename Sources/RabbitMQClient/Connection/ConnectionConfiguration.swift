import AMQPWire

/// Where the broker is, who we are there, and how patient we are.
public struct ConnectionConfiguration: Sendable {
    /// Where to connect to: the first that answers is taken. One at least.
    public var endpoints: [Endpoint]
    /// Whether the endpoints are tried in an order drawn anew for each connect, instead of the order given.
    public var shufflesEndpoints: Bool
    /// TLS, or nil for plain TCP.
    public var tls: TLSSettings?
    public var username: String
    /// Never part of a description.
    public var password: String
    public var virtualHost: String
    /// How we prove who we are; user name and password as they are (PLAIN) unless set.
    public var authentication: Authentication
    /// The name by which people recognise this connection in the broker's listings (`connection_name`); nil for none.
    public var connectionName: String?
    /// The heartbeat interval proposed, in whole seconds; zero switches heartbeats off unless the broker asks for them.
    public var heartbeat: Duration
    /// From the first packet to `connection.open-ok`.
    public var connectTimeout: Duration
    /// The deadline of every operation that awaits an answer of the broker.
    public var operationTimeout: Duration
    /// How long a publish may wait for room in the socket, for a connection that is coming back, and for its confirm: each of
    /// them so long. Before it was sent it ends as `.timeout`, after that as `.indeterminate`.
    public var publishTimeout: Duration
    /// The most channels wanted; 0 leaves it to the broker.
    public var channelMax: UInt16
    /// The largest frame wanted, in bytes; 0 leaves it to the broker. Never proposed under 8192, which RabbitMQ 4.1 and
    /// later refuse.
    public var frameMax: UInt32
    /// The largest body that is taken in, in bytes; a message with a larger one closes its channel with 311
    /// CONTENT_TOO_LARGE. 512 MiB unless set, which is RabbitMQ's own limit; never more than 2 GiB.
    public var maximumMessageSize = 512 << 20
    /// How many bytes of deliveries wait for a consumer that is behind, before reading from the socket pauses: where no
    /// prefetch bounds them, and where the broker sends more than the prefetch. 64 MiB unless set.
    public var consumerBufferSize = 64 << 20
    /// Of a body that comes in several frames so many bytes are kept, for those who want its beginning alone.
    package var keptBodySize = Int.max
    /// More entries for `client_properties`; they win over the client's own, except for `capabilities`.
    public var clientProperties: FieldTable
    /// What happens when the connection is lost.
    public var recovery: RecoveryPolicy
    /// Who traces its messages: the tracer that was bootstrapped, unless set.
    public var tracing: TracingPolicy

    /// `port` is 5672 unless given, or 5671 with TLS. For several endpoints set `endpoints`.
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
        clientProperties: FieldTable = [:],
        authentication: Authentication = .plain,
        shufflesEndpoints: Bool = false,
        recovery: RecoveryPolicy = .standard,
        tracing: TracingPolicy = .bootstrapped
    ) {
        self.endpoints = [Endpoint(host: host, port: port ?? (tls == nil ? 5672 : 5671))]
        self.shufflesEndpoints = shufflesEndpoints
        self.tls = tls
        self.username = username
        self.password = password
        self.virtualHost = virtualHost
        self.authentication = authentication
        self.connectionName = connectionName
        self.heartbeat = heartbeat
        self.connectTimeout = connectTimeout
        self.operationTimeout = operationTimeout
        self.publishTimeout = publishTimeout
        self.channelMax = channelMax
        self.frameMax = frameMax
        self.clientProperties = clientProperties
        self.recovery = recovery
        self.tracing = tracing
    }

    /// The first endpoint's host name or address.
    public var host: String {
        get { first.host }
        set { first.host = newValue }
    }

    /// The first endpoint's port.
    public var port: Int {
        get { first.port }
        set { first.port = newValue }
    }

    var contentLimits: ContentAssembler.Limits {
        // More than memory is cut for.
        let largest = UInt64(clamping: min(maximumMessageSize, Int(Int32.max)))
        return ContentAssembler.Limits(largest: largest, kept: max(0, keptBodySize))
    }

    private var first: Endpoint {
        get { endpoints.first ?? Endpoint(host: "", port: 0) }
        set { endpoints.replaceSubrange(0..<min(1, endpoints.count), with: [newValue]) }
    }
}

extension ConnectionConfiguration: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String {
        let places = endpoints.map(\.description).joined(separator: ",")
        return "\(tls == nil ? "amqp" : "amqps")://\(username)@\(places) vhost '\(virtualHost)'"
    }
    public var debugDescription: String { description }
    /// Without the password, so that `dump` and string interpolation of an enclosing value do not show it.
    public var customMirror: Mirror {
        Mirror(self, children: ["uri": description, "connectionName": connectionName as Any])
    }
}
