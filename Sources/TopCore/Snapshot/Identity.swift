/// A queue or exchange is named within its vhost.
public struct EntityID: Hashable, Sendable, Comparable {
    public var vhost: String
    public var name: String

    public init(vhost: String, name: String) {
        self.vhost = vhost
        self.name = name
    }

    public static func < (left: Self, right: Self) -> Bool {
        left.vhost == right.vhost ? left.name < right.name : left.vhost < right.vhost
    }
}

/// A channel is numbered within its connection.
public struct ChannelID: Hashable, Sendable {
    /// The connection's name as RabbitMQ shows it: `127.0.0.1:50640 -> 127.0.0.1:5672`.
    public var connection: String
    public var number: Int

    public init(connection: String, number: Int) {
        self.connection = connection
        self.number = number
    }

    /// The channel's name in RabbitMQ's management API.
    public var name: String { "\(connection) (\(number))" }
}

public struct ConsumerID: Hashable, Sendable {
    public var queue: EntityID
    public var channel: ChannelID
    public var tag: String

    public init(queue: EntityID, channel: ChannelID, tag: String) {
        self.queue = queue
        self.channel = channel
        self.tag = tag
    }
}

/// Identifies a connection or channel of the client library, in this process or in the attached one.
public struct ClientRowID: Hashable, Sendable {
    /// Whether the client is the attached process's; false for this process's own.
    public var isAttached: Bool
    /// The client library's own number of the connection.
    public var connection: UInt64
    /// `nil` for the row of the connection itself.
    public var channel: Int?
    /// Tells channels apart that had the same number one after the other.
    public var epoch: UInt64

    public init(connection: UInt64, channel: Int?, epoch: UInt64 = 0, isAttached: Bool = false) {
        self.isAttached = isAttached
        self.connection = connection
        self.channel = channel
        self.epoch = epoch
    }
}

/// Names any row of any view: the selection follows it, not the row's place.
public enum RowID: Hashable, Sendable {
    case overview
    case queue(EntityID)
    case connection(String)
    case channel(ChannelID)
    case consumer(ConsumerID)
    case exchange(EntityID)
    case node(String)
    case event(UInt64)
    case client(ClientRowID)
    case lab(LabRowID)
}
