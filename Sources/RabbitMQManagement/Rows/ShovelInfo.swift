public import Names

/// A shovel in the list `/api/shovels`, which the plugin `rabbitmq_shovel_management` serves.
public struct ShovelInfo: ManagementObject, Hashable {
    /// The name.
    public var name: Name
    /// The vhost; nil for a static shovel, which is made by a configuration file.
    public var vhost: Name?
    /// The node that runs it.
    public var node: Name?
    /// The state: `running`, `starting`, `flow`, `blocked`, `terminated`.
    public var state: String?
    /// Why it has terminated, in the broker's words.
    public var reason: Name?
    /// When it came into its state, in the local time of its node, without an offset.
    public var timestamp: String?
    /// The queue, exchange or AMQP 1.0 address that messages come from.
    public var source: Name?
    /// The queue, exchange or AMQP 1.0 address that messages go to.
    public var destination: Name?
    /// The address of the source's broker, which the broker gives without a password.
    public var sourceURI: Name?
    /// The address of the destination's broker.
    public var destinationURI: Name?

    /// Decodes a row; nil without a name.
    public init?(json: JSONValue) {
        guard let fields = ObjectFields(json), let name = fields.name("name") else { return nil }
        self.name = name
        vhost = fields.name("vhost")
        node = fields.nameSetting("node")
        state = fields.setting("state")
        reason = fields.nameSetting("reason")
        timestamp = fields.setting("timestamp")
        source =
            fields.nameSetting("src_queue") ?? fields.nameSetting("src_exchange")
            ?? fields.nameSetting("src_address")
        destination =
            fields.nameSetting("dest_queue") ?? fields.nameSetting("dest_exchange")
            ?? fields.nameSetting("dest_address")
        sourceURI = fields.nameSetting("src_uri")
        destinationURI = fields.nameSetting("dest_uri")
    }
}

/// A link of federation in the list `/api/federation-links`, which the plugin `rabbitmq_federation_management` serves.
public struct FederationLinkInfo: ManagementObject, Hashable {
    /// The vhost.
    public var vhost: Name
    /// The name of the upstream.
    public var upstream: Name
    /// The broker's own identity of the link, by which it is restarted.
    public var id: Name?
    /// The node that runs it.
    public var node: Name?
    /// The state: `running`, `starting`, `error`, `shutdown`.
    public var status: String?
    /// Why it does not run, in the broker's words.
    public var error: Name?
    /// When it came into its state, in the local time of its node, without an offset.
    public var timestamp: String?
    /// The exchange or queue of the upstream.
    public var source: Name?
    /// The exchange or queue here.
    public var destination: Name?
    /// The address of the upstream, which the broker gives without a password.
    public var uri: Name?

    /// Decodes a row; nil without an upstream or a vhost.
    public init?(json: JSONValue) {
        guard let fields = ObjectFields(json), let upstream = fields.name("upstream"), let vhost = fields.name("vhost")
        else { return nil }
        self.vhost = vhost
        self.upstream = upstream
        id = fields.nameSetting("id")
        node = fields.nameSetting("node")
        status = fields.setting("status")
        error = fields.nameSetting("error")
        timestamp = fields.setting("timestamp")
        destination = fields.nameSetting("exchange") ?? fields.nameSetting("queue")
        source = fields.nameSetting("upstream_exchange") ?? fields.nameSetting("upstream_queue") ?? destination
        uri = fields.nameSetting("uri")
    }
}
