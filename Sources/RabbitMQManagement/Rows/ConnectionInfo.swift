public import Names

/// A client's connection in the list `/api/connections`. A field that the response does not contain is nil.
public struct ConnectionInfo: ManagementObject {
    /// The broker's name for the connection, by which it is requested and closed: `PEER -> HOST`.
    public var name: Name
    /// The name that the client chose: `connection_name`, the container id of AMQP 1.0, or MQTT's client id.
    public var clientName: Name?
    /// The vhost.
    public var vhost: Name?
    /// The user name.
    public var user: Name?
    /// The node.
    public var node: Name?
    /// The state: `starting`, `tuning`, `opening`, `running`, `flow`, `blocking`, `blocked`, `closing`, `closed`.
    public var state: String?
    /// The protocol: `AMQP 0-9-1`, `AMQP 1-0`, `MQTT 3.1.1` …
    public var protocolName: String?
    /// The type: `network` or `direct` (a plugin's connection within the broker).
    public var type: String?
    /// The broker's host.
    public var host: String?
    /// The broker's port.
    public var port: Int?
    /// The client's host.
    public var peerHost: String?
    /// The client's port.
    public var peerPort: Int?
    /// Whether the connection uses TLS.
    public var isTLS: Bool?
    /// The TLS version.
    public var tlsProtocol: String?
    /// The TLS cipher.
    public var tlsCipher: String?
    /// The subject of the client's certificate.
    public var peerCertificateSubject: String?
    /// The authentication mechanism.
    public var authMechanism: String?
    /// The number of open channels.
    public var channels: Int?
    /// The negotiated maximum number of channels; 0 is unlimited.
    public var channelMax: Int?
    /// The negotiated maximum frame size, in bytes.
    public var frameMax: Int?
    /// The heartbeat interval, in seconds; 0 means no heartbeats.
    public var heartbeat: Int?
    /// When the connection was opened, in milliseconds since 1970.
    public var connectedAt: Int64?
    /// Bytes received from the client.
    public var received: Figure
    /// Bytes sent to the client.
    public var sent: Figure
    /// Bytes that wait in the broker's send queue.
    public var sendPending: Int64?
    /// The Erlang reductions of the connection's process, a measure of its CPU time.
    public var reductions: Figure
    /// The client's properties: `product`, `version`, `platform`, `capabilities` …
    public var clientProperties: [Name: JSONValue]

    /// Creates a connection with only a name.
    public init(name: Name) { self.init(fields: ObjectFields([:]), name: name) }

    /// Decodes a row; nil without a name.
    public init?(json: JSONValue) {
        guard let fields = ObjectFields(json), let name = fields.name("name") else { return nil }
        self.init(fields: fields, name: name)
    }

    private init(fields: ObjectFields, name: Name) {
        self.name = name
        let properties = fields.map("client_properties")
        clientProperties = properties
        // AMQP 1.0 clients are named by their container id, MQTT clients by their client id.
        clientName =
            fields.nameSetting("user_provided_name") ?? ObjectFields(properties).nameSetting("connection_name")
            ?? fields.nameSetting("container_id") ?? ObjectFields(properties).nameSetting("client_id")
            ?? fields.nameSetting("client_id")
        vhost = fields.name("vhost")
        user = fields.name("user")
        node = fields.nameSetting("node")
        state = fields.setting("state")
        protocolName = Self.protocolName(fields["protocol"])
        type = fields.setting("type")
        host = fields.setting("host")
        port = fields.int("port")
        peerHost = fields.setting("peer_host")
        peerPort = fields.int("peer_port")
        isTLS = fields.bool("ssl")
        tlsProtocol = fields.setting("ssl_protocol")
        tlsCipher = fields.setting("ssl_cipher")
        peerCertificateSubject = fields.setting("peer_cert_subject")
        authMechanism = fields.setting("auth_mechanism")
        channels = fields.int("channels")
        channelMax = fields.int("channel_max")
        frameMax = fields.int("frame_max")
        heartbeat = fields.int("timeout")
        connectedAt = fields.int64("connected_at")
        received = fields.figure("recv_oct")
        sent = fields.figure("send_oct")
        sendPending = fields.int64("send_pend")
        reductions = fields.figure("reductions")
    }

    /// Returns the protocol, which MQTT and AMQP 1.0 connections may report as an array of name and version.
    private static func protocolName(_ json: JSONValue) -> String? {
        if let parts = json.elements { return parts.compactMap(\.text).joined(separator: " ") }
        return json.text
    }

    /// All columns except those with values chosen by the client.
    static let columnsWithoutClientNames = [
        "name", "vhost", "user", "node", "state", "protocol", "type", "host", "port", "peer_host", "peer_port", "ssl",
        "ssl_protocol", "ssl_cipher", "auth_mechanism", "channels", "channel_max", "frame_max", "timeout",
        "connected_at", "recv_oct", "recv_oct_details", "send_oct", "send_oct_details", "recv_cnt", "send_cnt",
        "send_pend", "reductions", "reductions_details",
    ]
}
