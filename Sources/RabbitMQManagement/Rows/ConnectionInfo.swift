public import Names

/// A client's connection, as `/api/connections` lists it.
public struct ConnectionInfo: ManagementObject {
    /// The broker's name for it, by which it is asked for and closed: `PEER -> HOST`.
    public var name: Name
    /// The name the client gave itself: `connection_name`, or the container id of AMQP 1.0, or MQTT's client id.
    public var clientName: Name?
    public var vhost: Name?
    public var user: Name?
    public var node: Name?
    /// `starting`, `tuning`, `opening`, `running`, `flow`, `blocking`, `blocked`, `closing`, `closed`.
    public var state: String?
    /// `AMQP 0-9-1`, `AMQP 1-0`, `MQTT 3.1.1` …
    public var protocolName: String?
    /// `network` or `direct` (a plugin's connection inside the broker).
    public var type: String?
    public var host: String?
    public var port: Int?
    public var peerHost: String?
    public var peerPort: Int?
    public var isTLS: Bool?
    public var tlsProtocol: String?
    public var tlsCipher: String?
    public var peerCertificateSubject: String?
    public var authMechanism: String?
    /// How many channels are open on it.
    public var channels: Int?
    public var channelMax: Int?
    /// Bytes.
    public var frameMax: Int?
    /// Seconds between heartbeats; 0 means none.
    public var heartbeat: Int?
    /// Epoch milliseconds.
    public var connectedAt: Int64?
    /// Bytes received from the client.
    public var received: Figure
    /// Bytes sent to the client.
    public var sent: Figure
    /// Packets received.
    public var receivedPackets: Int64?
    /// Packets sent.
    public var sentPackets: Int64?
    /// Bytes waiting in the broker's send queue.
    public var sendPending: Int64?
    public var reductions: Figure
    /// The client's properties: `product`, `version`, `platform`, `capabilities` …
    public var clientProperties: [Name: JSONValue]

    public init(name: Name) { self.init(fields: ObjectFields([:]), name: name) }

    public init?(json: JSONValue) {
        guard let fields = ObjectFields(json), let name = fields.name("name") else { return nil }
        self.init(fields: fields, name: name)
    }

    private init(fields: ObjectFields, name: Name) {
        self.name = name
        let properties = fields.map("client_properties")
        clientProperties = properties
        // AMQP 1.0 clients name themselves by their container, MQTT clients by their client id.
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
        receivedPackets = fields.int64("recv_cnt")
        sentPackets = fields.int64("send_cnt")
        sendPending = fields.int64("send_pend")
        reductions = fields.figure("reductions")
    }

    /// MQTT and AMQP 1.0 connections may say their protocol as an array of name and version.
    private static func protocolName(_ json: JSONValue) -> String? {
        if let parts = json.elements { return parts.compactMap(\.text).joined(separator: " ") }
        return json.text
    }

    /// All columns but those a client fills in itself.
    static let columnsWithoutClientNames = [
        "name", "vhost", "user", "node", "state", "protocol", "type", "host", "port", "peer_host", "peer_port", "ssl",
        "ssl_protocol", "ssl_cipher", "auth_mechanism", "channels", "channel_max", "frame_max", "timeout",
        "connected_at", "recv_oct", "recv_oct_details", "send_oct", "send_oct_details", "recv_cnt", "send_cnt",
        "send_pend", "reductions", "reductions_details",
    ]
}
