/// Something that happened in a session.
public struct ProxyEvent: Sendable {
    /// When it happened, in seconds since 1970.
    public var at: Double
    /// The number of the session.
    public var session: UInt64
    /// The client's address and port.
    public var peer: String
    /// The broker's name of the proxy's connection, `127.0.0.1:50640 -> 127.0.0.1:5672`; nil until it is connected.
    public var connection: String?
    /// The client's identity as far as it was known.
    public var identity: SessionIdentity
    /// What happened.
    public var event: SessionEvent
    /// The label of the fault that caused it, as the frames show it.
    public var fault: String?
}
