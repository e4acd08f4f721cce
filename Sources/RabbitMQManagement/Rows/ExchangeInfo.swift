public import Names

/// An exchange, as `/api/exchanges` lists it. The default exchange has the name `""`.
public struct ExchangeInfo: ManagementObject {
    public var vhost: Name
    public var name: Name
    /// `direct`, `fanout`, `topic`, `headers`, or what a plugin adds.
    public var type: String?
    public var isDurable: Bool?
    public var isAutoDelete: Bool?
    /// True when clients cannot publish to it.
    public var isInternal: Bool?
    public var arguments: [Name: JSONValue]
    public var policy: Name?
    public var stats: MessageStats?

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

/// One exchange with what only its own page tells.
public struct ExchangeDetail: ManagementObject {
    public var exchange: ExchangeInfo
    /// Which channels publish into it; empty unless the broker's rates mode is detailed.
    public var incoming: [PublishStats]
    /// Which queues it publishes into; empty unless the broker's rates mode is detailed.
    public var outgoing: [PublishStats]

    /// What a list tells of it.
    init(_ exchange: ExchangeInfo) {
        self.exchange = exchange
        incoming = []
        outgoing = []
    }

    public init?(json: JSONValue) {
        guard let exchange = ExchangeInfo(json: json), let fields = ObjectFields(json) else { return nil }
        self.exchange = exchange
        incoming = fields.rows("incoming")
        outgoing = fields.rows("outgoing")
    }
}

/// A binding from an exchange to a queue or to another exchange.
public struct BindingInfo: ManagementObject, Hashable {
    public enum Destination: String, Sendable, Hashable {
        case queue
        case exchange
    }

    public var vhost: Name
    /// The exchange; `""` for the default exchange's own bindings.
    public var source: Name
    public var destination: Name
    public var destinationKind: Destination
    public var routingKey: Name
    public var arguments: [Name: JSONValue]
    /// What tells bindings between the same two apart, as the API's addresses spell it.
    public var propertiesKey: String?

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
        propertiesKey = fields.string("properties_key")
    }
}
