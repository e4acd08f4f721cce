import AMQPWire

/// The settings of a connection: endpoints, credentials, timeouts, limits and recovery.
public struct ConnectionConfiguration: Sendable {
    /// The endpoints to try; the first that answers is used. At least one.
    public var endpoints: [Endpoint]
    /// Whether the endpoints are tried in a random order for each connect, instead of the order given.
    public var shufflesEndpoints: Bool
    /// The TLS settings; nil for plain TCP.
    public var tls: TLSSettings?
    /// The user name.
    public var username: String
    /// The password. Never part of a description.
    public var password: String
    /// The name of the virtual host.
    public var virtualHost: String
    /// The SASL mechanisms; PLAIN by default.
    public var authentication: Authentication
    /// The name that identifies this connection in the broker's listings (`connection_name`); nil for none.
    public var connectionName: String?
    /// The proposed heartbeat interval, in whole seconds. Zero disables heartbeats unless the broker requires them.
    public var heartbeat: Duration
    /// The longest time from the first packet to `connection.open-ok`.
    public var connectTimeout: Duration
    /// The deadline of every operation that waits for a reply of the broker.
    public var operationTimeout: Duration
    /// The longest time that a publish waits for space in the socket, for a recovering connection, and for its confirm;
    /// the limit applies to each of them. If it passes before the message was sent, the publish throws `.timeout`,
    /// afterwards `.indeterminate`.
    public var publishTimeout: Duration
    /// The proposed maximum number of channels; 0 leaves it to the broker.
    public var channelMax: UInt16
    /// The proposed maximum frame size, in bytes; 0 leaves it to the broker. Never proposed under 8192, which RabbitMQ
    /// 4.1 and later refuse.
    public var frameMax: UInt32
    /// The largest body that is accepted, in bytes. A message with a larger body closes its channel with 311
    /// CONTENT_TOO_LARGE. 512 MiB by default, which is RabbitMQ's own limit; at most 2 GiB.
    public var maximumMessageSize = 512 << 20
    /// The number of bytes of deliveries that may wait for slow consumers before the client pauses reading from the
    /// socket. It applies where no prefetch bounds the deliveries, and where the broker sends more than the prefetch.
    /// 64 MiB by default.
    public var consumerBufferSize = 64 << 20
    /// The number of bytes kept of a body that comes in several frames, for callers that need only its beginning.
    package var keptBodySize = Int.max
    /// Whether reading pauses at `consumerBufferSize` for consumers with a prefetch, too.
    package var boundsPrefetchedBytes = false
    /// Additional entries for `client_properties`. They replace the client's own entries, except for `capabilities`.
    public var clientProperties: FieldTable
    /// What the client does when the connection is lost.
    public var recovery: RecoveryPolicy
    /// The tracing of messages; by default with the tracer that was bootstrapped.
    public var tracing: TracingPolicy

    /// Creates a configuration. `port` is 5672 by default, or 5671 with TLS. For several endpoints set `endpoints`.
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
        // More than the size that memory is allocated for.
        let largest = UInt64(clamping: min(maximumMessageSize, Int(Int32.max)))
        return ContentAssembler.Limits(largest: largest, kept: max(0, keptBodySize))
    }

    private var first: Endpoint {
        get { endpoints.first ?? Endpoint(host: "", port: 0) }
        set { endpoints.replaceSubrange(0..<min(1, endpoints.count), with: [newValue]) }
    }
}

extension ConnectionConfiguration: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The endpoints, user name and virtual host, without the password.
    public var description: String {
        let places = endpoints.map(\.description).joined(separator: ",")
        return "\(tls == nil ? "amqp" : "amqps")://\(username)@\(places) vhost '\(virtualHost)'"
    }
    /// The same text as `description`.
    public var debugDescription: String { description }
    /// A mirror without the password, so that `dump` and string interpolation of an enclosing value do not show it.
    public var customMirror: Mirror {
        Mirror(self, children: ["uri": description, "connectionName": connectionName as Any])
    }
}
