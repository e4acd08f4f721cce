public import Names

/// An exchange in the list `/api/exchanges`. The default exchange has the name `""`. A field that the response does not
/// contain is nil.
public struct ExchangeInfo: ManagementObject {
    /// The vhost.
    public var vhost: Name
    /// The name.
    public var name: Name
    /// The type: `direct`, `fanout`, `topic`, `headers`, or a type of a plugin.
    public var type: String?
    /// Whether the exchange survives a restart of the broker.
    public var isDurable: Bool?
    /// Whether the exchange is deleted with its last binding.
    public var isAutoDelete: Bool?
    /// Whether clients cannot publish to it.
    public var isInternal: Bool?
    /// The arguments it was declared with.
    public var arguments: [Name: JSONValue]
    /// The policy that applies; nil if none does.
    public var policy: Name?
    /// Totals and rates of messages.
    public var stats: MessageStats?

    /// Decodes a row; nil without a name or a vhost.
    public init?(json: JSONValue) {
        guard let fields = ObjectFields(json), let name = fields.name("name"), let vhost = fields.name("vhost")
        else { return nil }
        self.name = name
        self.vhost = vhost
        type = fields.setting("type")
        isDurable = fields.bool("durable")
        isAutoDelete = fields.bool("auto_delete")
        isInternal = fields.bool("internal")
        arguments = fields.map("arguments")
        policy = fields.nameSetting("policy")
        stats = fields.stats()
    }
}

/// One exchange with the fields of its own resource, `/api/exchanges/VHOST/NAME`.
public struct ExchangeDetail: ManagementObject {
    /// The fields of the list.
    public var exchange: ExchangeInfo
    /// The publishes to the exchange by channel; empty unless the broker's rates mode is `detailed`.
    public var incoming: [PublishStats]
    /// The publishes from the exchange by queue; empty unless the broker's rates mode is `detailed`.
    public var outgoing: [PublishStats]

    /// Creates a value from the fields of a list.
    init(_ exchange: ExchangeInfo) {
        self.exchange = exchange
        incoming = []
        outgoing = []
    }

    /// Decodes a row; nil without a name or a vhost.
    public init?(json: JSONValue) {
        guard let exchange = ExchangeInfo(json: json), let fields = ObjectFields(json) else { return nil }
        self.exchange = exchange
        incoming = fields.rows("incoming")
        outgoing = fields.rows("outgoing")
    }
}

/// A binding from an exchange to a queue or to another exchange.
public struct BindingInfo: ManagementObject, Hashable {
    /// The kind of destination.
    public enum Destination: String, Sendable, Hashable {
        /// A queue.
        case queue
        /// Another exchange.
        case exchange
    }

    /// The vhost.
    public var vhost: Name
    /// The source exchange; `""` for the default exchange's own bindings.
    public var source: Name
    /// The name of the destination.
    public var destination: Name
    /// The kind of destination.
    public var destinationKind: Destination
    /// The routing key.
    public var routingKey: Name
    /// The binding's arguments.
    public var arguments: [Name: JSONValue]
    /// What the API tells it from other bindings of the same source and destination by; nil if a row does not say.
    public var propertiesKey: Name?

    /// Decodes a row; nil without a source, a destination or a vhost.
    public init?(json: JSONValue) {
        guard let fields = ObjectFields(json), let source = fields.name("source"),
            let destination = fields.name("destination"), let vhost = fields.name("vhost")
        else { return nil }
        self.vhost = vhost
        self.source = source
        self.destination = destination
        destinationKind = fields.string("destination_type").flatMap(Destination.init(rawValue:)) ?? .queue
        routingKey = fields.name("routing_key") ?? ""
        arguments = fields.map("arguments")
        propertiesKey = fields.name("properties_key")
    }
}
