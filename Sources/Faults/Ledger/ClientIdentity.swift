import Names

/// The client that an event is about, as far as it is known.
public struct ClientIdentity: Sendable, Hashable {
    /// The connection's name as RabbitMQ shows it.
    @ByBytes public var connection: String?
    /// The client-provided name (`connection_name` of the client properties).
    @ByBytes public var clientName: String?
    /// The user of the connection.
    @ByBytes public var user: String?
    /// The vhost of the connection.
    @ByBytes public var vhost: String?
    /// The client's address and port.
    @ByBytes public var peer: String?
    /// The channel number.
    public var channel: Int?
    /// The queue that the event is about.
    @ByBytes public var queue: String?

    /// Creates an identity; what is not given is unknown.
    public init(
        connection: String? = nil, clientName: String? = nil, user: String? = nil, vhost: String? = nil,
        peer: String? = nil, channel: Int? = nil, queue: String? = nil
    ) {
        self.connection = connection
        self.clientName = clientName
        self.user = user
        self.vhost = vhost
        self.peer = peer
        self.channel = channel
        self.queue = queue
    }

    /// The application of the client; `nil` when too little is known to determine it.
    public var application: Application? {
        if let clientName, !clientName.isEmpty { return Application(name: clientName, vhost: vhost) }
        guard let user, let host else { return nil }
        return Application(name: "\(user)@\(host)", vhost: vhost)
    }

    /// The client's address without its port, which changes with each reconnect.
    private var host: Substring? {
        guard let peer = peer ?? connection else { return nil }
        let address = peer.firstRange(of: " -> ").map { peer[..<$0.lowerBound] } ?? peer[...]
        return address.lastIndex(of: ":").map { address[..<$0] } ?? address
    }

    /// Whether the two can be the same connection, by the names that both have.
    func isSameConnection(as other: ClientIdentity) -> Bool {
        if let connection, let theirs = other.connection { return connection.hasSameBytes(as: theirs) }
        if let peer, let theirs = other.peer { return peer.hasSameBytes(as: theirs) }
        return false
    }
}

/// An application, which keeps its name while its connections are opened and closed.
public struct Application: Sendable, Hashable, CustomStringConvertible {
    /// The client-provided name, otherwise `user@host`.
    @ByBytes public var name: String
    /// The vhost; `nil` when it is not known.
    @ByBytes public var vhost: String?

    /// Creates an application.
    public init(name: String, vhost: String?) {
        self.name = name
        self.vhost = vhost
    }

    /// Whether the two can be the same application. Some sources do not report the vhost.
    func isSame(as other: Application) -> Bool {
        name.hasSameBytes(as: other.name) && (_vhost == other._vhost || vhost == nil || other.vhost == nil)
    }

    public var description: String {
        vhost.map { $0 == "/" ? name : "\(name) in \($0)" } ?? name
    }
}
