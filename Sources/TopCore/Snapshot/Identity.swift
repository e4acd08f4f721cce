public import Names

/// The identity of a queue or exchange: its name within its vhost. Both names are compared by their bytes.
public struct EntityID: Hashable, Sendable, Comparable, Codable {
    /// The vhost of the queue or exchange.
    public var vhost: Name
    /// The name of the queue or exchange.
    public var name: Name

    /// Creates the identity of a queue or exchange.
    public init(vhost: some NameConvertible, name: some NameConvertible) {
        self.vhost = vhost.asName
        self.name = name.asName
    }

    public static func < (left: Self, right: Self) -> Bool {
        left.vhost == right.vhost ? left.name < right.name : left.vhost < right.vhost
    }
}

extension Name {
    /// The client's address and port, as the broker's name of its connection begins with it; `nil` for other names.
    var peer: Name? {
        guard let arrow = bytes.firstRange(of: Array(" -> ".utf8)), arrow.lowerBound > bytes.startIndex else {
            return nil
        }
        return Name(bytes: bytes[..<arrow.lowerBound])
    }
}

/// The identity of a channel: its number within its connection.
public struct ChannelID: Hashable, Sendable, Codable {
    /// The connection's name as RabbitMQ shows it: `127.0.0.1:50640 -> 127.0.0.1:5672`.
    public var connection: Name
    /// The channel number.
    public var number: Int

    /// Creates the identity of a channel.
    public init(connection: some NameConvertible, number: Int) {
        self.connection = connection.asName
        self.number = number
    }

    /// The channel's name in RabbitMQ's management API.
    public var name: Name { Name(bytes: connection.bytes + " (\(number))".utf8) }
}

/// The identity of a consumer.
public struct ConsumerID: Hashable, Sendable, Codable {
    /// The queue that is consumed from.
    public var queue: EntityID
    /// The consumer's channel; `nil` for a consumer without an AMQP 0-9-1 channel (AMQP 1.0, MQTT or the stream
    /// protocol), and for one so new that the broker does not report its channel yet.
    public var channel: ChannelID?
    /// The consumer tag.
    public var tag: Name
    /// Distinguishes consumers that the broker reports identically: AMQP 1.0 clients all number their links from 0.
    public var ordinal: Int
    /// The connection of a consumer without a channel, when the broker reports it.
    private var connectionOnly: Name?

    /// Creates the identity of a consumer.
    public init(
        queue: EntityID, channel: ChannelID?, tag: Name, connection: Name? = nil, ordinal: Int = 0
    ) {
        self.queue = queue
        self.channel = channel
        self.tag = tag
        self.ordinal = ordinal
        connectionOnly = channel == nil ? connection : nil
    }

    /// The name of the consumer's connection, when the broker reports it.
    public var connection: Name? { channel?.connection ?? connectionOnly }
}

/// The identity of a connection or channel of the client library, in this process or in the attached one.
public struct ClientRowID: Hashable, Sendable, Codable {
    /// Whether the client belongs to the attached process; false for this process.
    public var isAttached: Bool
    /// The client library's own number of the connection.
    public var connection: UInt64
    /// The channel number; `nil` for the row of the connection itself.
    public var channel: Int?
    /// Distinguishes successive channels with the same number.
    public var epoch: UInt64

    /// Creates the identity of a connection or channel.
    public init(connection: UInt64, channel: Int?, epoch: UInt64 = 0, isAttached: Bool = false) {
        self.isAttached = isAttached
        self.connection = connection
        self.channel = channel
        self.epoch = epoch
    }
}

/// The identity of any row of any view. The selection follows it rather than the row's index.
public enum RowID: Hashable, Sendable {
    case overview
    case queue(EntityID)
    case connection(Name)
    case channel(ChannelID)
    case consumer(ConsumerID)
    case exchange(EntityID)
    case node(Name)
    case event(UInt64)
    case client(ClientRowID)
    case lab(LabRowID)
    /// A row of a view that is reached by its name.
    case named(NamedRowID)
}
