/// Something that happened in a session.
public struct ProxyEvent: Sendable {
    /// Seconds since 1970.
    public var at: Double
    public var session: UInt64
    /// The client's address and port.
    public var identity: SessionIdentity
    public var news: SessionNews
}
