/// Something that happened in a session.
public struct ProxyEvent: Sendable {
    /// Seconds since 1970.
    public var at: Double
    public var session: UInt64
    /// The client's address and port.
    public var peer: String
    /// As the broker shows the proxy's connection, `127.0.0.1:50640 -> 127.0.0.1:5672`; nil until it is there.
    public var connection: String?
    public var identity: SessionIdentity
    public var event: SessionEvent
    /// The fault that caused it, as the frames show it.
    public var fault: String?
}
