/// A side of a session: the client that connected to the proxy, or the broker that the proxy connected to.
public enum Side: String, Sendable, Hashable, Codable, CaseIterable {
    /// The client that connected to the proxy.
    case client
    /// The broker that the proxy connected to.
    case broker

    /// The other side.
    public var other: Side { self == .client ? .broker : .client }
}
